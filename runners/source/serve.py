"""The site's mirrors given out by git (registry.gitting): a guarded `git upload-pack` a request.

Each request is answered from a repository of its own: a few small files, laid in a moment, which
borrow the objects of the mirrors. What is published meanwhile changes nothing in it. The next
request of the same client may be answered from a newer one: it holds all that the older held,
for no published version is ever taken out.
"""

import logging
import os
import subprocess
import tempfile
import threading
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path

from registry.gitting import GitRefusedError, GitUnavailableError, Refs
from registry.sources import SourcePlace
from runners.faults import PlatformFault
from runners.source import guard, pktlines
from runners.source.mirror import MirrorStore
from runners.source.remote import holds_one_commit
from runners.source.walk import printable

# In each process of the web server, and of these to one caller: slow readers must not keep all the
# others out. Whoever comes then waits for a while.
_AT_ONCE, _OF_ONE_CALLER = 24, 16
_WAIT_SECONDS = 10
# A slow line's clone of a large model; also the end of a git whose client takes nothing any more.
_SECONDS = 3600
_LIMITS = (
    "prlimit", f"--as={4 * 2**30}", f"--fsize={2**20}", f"--cpu={_SECONDS}", "--nofile=256",
    "--core=0", "--", "timeout", "--signal=KILL", str(_SECONDS),
)  # fmt: skip
_PARTIAL = {
    # By the filters that need no object to be read for them.
    "uploadpack.allowFilter": "true",
    "uploadpackfilter.allow": "false",
    "uploadpackfilter.blob:none.allow": "true",
    "uploadpackfilter.blob:limit.allow": "true",
    "uploadpackfilter.tree.allow": "true",
}
# A git that leaves objects out asks again, in a loop without end, for each commit at which it is
# told that history ends (seen with 2.39); not where it has asked for the end itself.
_PARTIAL_ONLY_SHALLOW = "Here history ends at each version: add --depth=1 to --filter."
_MAIN = "refs/heads/main"
_CONFIG = "[core]\n\trepositoryformatversion = 0\n\tbare = true\n"
_PACKED = "# pack-refs with: peeled fully-peeled \n"
_SERVICE = b"001e# service=git-upload-pack\n0000"
_NEW = "version=2"
_VERSION_2 = b"000eversion 2\n"
_NOTHING = Path(os.devnull)
# Acknowledgements stand before a pack; no honest client is owed more of them.
_HEAD_BYTES = 1 << 20
_COMPLAINT_SHOWN = 300
_TOO_MANY = "Too many are pulling by git just now. Try again in a minute."

# By the full name of its ref: a mirror, and the commit in it.
Mirrors = Mapping[str, tuple[Path, str]]
logger = logging.getLogger(__name__)


class _Places:
    """Places of those who are served at once: `most` in all, `each` for one caller."""

    def __init__(self, most: int, each: int) -> None:
        self._most, self._each = most, each
        self._taken: Counter[str] = Counter()
        # Its lock is one that a thread may take twice: answers are closed as they are forgotten.
        self._change = threading.Condition()

    @contextmanager
    def one(self, caller: str) -> Iterator[None]:
        """A place. Raises GitUnavailableError where none becomes free."""
        with self._change:
            if not self._change.wait_for(lambda: self._is_free(caller), _WAIT_SECONDS):
                raise GitUnavailableError(_TOO_MANY)
            self._taken[caller] += 1
        try:
            yield
        finally:
            with self._change:
                self._taken -= Counter((caller,))
                self._change.notify_all()

    def _is_free(self, caller: str) -> bool:
        return self._taken.total() < self._most and self._taken[caller] < self._each


_places = _Places(_AT_ONCE, _OF_ONE_CALLER)


class SiteGit:
    """A `registry.gitting.GitServer` over the mirrors in the folder `root`."""

    def __init__(self, root: Path, *, caller: str) -> None:
        self._store = MirrorStore(root.absolute())
        self._caller = caller

    def advertise(self, refs: Refs, *, version: str) -> "Served":
        """The answer to `info/refs`."""
        with self._begun(refs, "--http-backend-info-refs", version=version) as answer:
            if not answer.listen():
                raise GitUnavailableError("Git could not read the mirror of this model.")
            if not answer.head.startswith(_VERSION_2):
                answer.head = _SERVICE + answer.head
        return answer

    def upload_pack(self, refs: Refs, *, version: str, asked: Path) -> "Served":
        """The answer to a request, listened to until it is known whether it gives objects."""
        with asked.open("rb") as lines:
            asks = pktlines.read(lines, offered={place.commit for place in refs.values()})
        if asks.wanted and asks.filtered and not asks.bounded:
            raise GitRefusedError(_PARTIAL_ONLY_SHALLOW)
        with self._begun(refs, version=version, asked=asked) as answer:
            more = answer.listen()
            while more and asks.wanted and not answer.gives and len(answer.head) < _HEAD_BYTES:
                more = answer.listen()
            if not more and answer.is_refusal():
                raise GitRefusedError("Git made nothing of this request.")
            answer.given = asks.wanted if answer.gives else frozenset()
        return answer

    @contextmanager
    def _begun(
        self, refs: Refs, *options: str, version: str, asked: Path = _NOTHING
    ) -> Iterator["Served"]:
        """Git, started on a repository of the refs. It goes on after this, but not after errors."""
        mirrors = self._mirrors(refs)
        with _told(), ExitStack() as held:
            held.enter_context(_places.one(self._caller))
            stdin = held.enter_context(asked.open("rb"))
            scratch = tempfile.TemporaryDirectory(prefix="reprise-git-", ignore_cleanup_errors=True)
            repository = Path(held.enter_context(scratch)) / "model.git"
            _lay(repository, mirrors)
            # In older protocols the ends of history are told to all who ask: see above.
            settings = _PARTIAL if _NEW in version else {}
            process = guard.start(
                ("upload-pack", "--strict", "--stateless-rpc", *options, str(repository)),
                repository=repository,
                variables=guard.environment(settings=settings) | {"GIT_PROTOCOL": version},
                limits=_LIMITS,
                istream=stdin.fileno(),
            )
            held.callback(guard.end, process)
            answer = Served(process)
            yield answer
            answer.held = held.pop_all()

    def _mirrors(self, refs: Refs) -> Mirrors:
        """Those of the refs whose mirrors are here. Raises GitUnavailableError without `main`."""
        found = {name: (self._mirror(place), place.commit) for name, place in refs.items()}
        here = {name: (mirror, commit) for name, (mirror, commit) in found.items() if mirror}
        if _MAIN not in here:
            raise GitUnavailableError(
                "The repository of this model is not on the machine that answers here. "
                "Take the source archive in its place."
            )
        return here

    def _mirror(self, place: SourcePlace) -> Path | None:
        """The mirror of one commit, unless it is elsewhere or would give more than that one."""
        try:
            repository = self._store.objects(place.address, place.commit).repository
        except PlatformFault:
            return None
        return repository if holds_one_commit(repository) else None


class Served:
    """A `registry.gitting.GitAnswer`: `head`, what was heard, then what git goes on to say."""

    def __init__(self, process: "subprocess.Popen[bytes]") -> None:
        self.given: frozenset[str] = frozenset()
        self.head = b""
        self.held = ExitStack()
        self._process = process
        self._complaint = bytearray()
        self._pieces = guard.listen(process, self._complaint)

    def __del__(self) -> None:
        # Of a response that nobody sent: its place among those served would be lost.
        self.close()

    def __iter__(self) -> Iterator[bytes]:
        """The pieces, of at most 512 KiB but for the first, which may be 1.5 MiB."""
        return self

    def __next__(self) -> bytes:
        piece, self.head = self.head or next(self._pieces, b""), b""
        if piece:
            return piece
        self._note_end()
        self.close()
        raise StopIteration

    def listen(self) -> bool:
        """Let the head grow by one piece; whether there was one."""
        piece = next(self._pieces, b"")
        self.head += piece
        return bool(piece)

    @property
    def gives(self) -> bool:
        """Whether objects come, as far as the head shows."""
        return pktlines.begins_pack(self.head)

    def is_refusal(self) -> bool:
        """Whether git ended with a complaint, and nothing else. To be asked after its end."""
        self._note_end()
        return not self.head and self._process.returncode != 0

    def close(self) -> None:
        """End git, and remove the repository that it read."""
        self.held.close()

    def _note_end(self) -> None:
        if self._process.wait():
            said = printable(self._complaint.decode("utf-8", "replace"))[:_COMPLAINT_SHOWN]
            logger.warning("git upload-pack ended with %s: %s", self._process.returncode, said)


def _lay(repository: Path, mirrors: Mirrors) -> None:
    """Make the bare repository of refs that lead to commits in mirrors, whose objects it borrows.

    A commit ends the history here where it does in its mirror.
    """
    used = dict(mirrors.values())
    lines = sorted(f"{commit} {name}\n" for name, (_, commit) in mirrors.items())
    ends = sorted(commit for mirror, commit in used.items() if (mirror / "shallow").is_file())
    (repository / "objects" / "info").mkdir(parents=True)
    (repository / "refs").mkdir()
    (repository / "HEAD").write_text(f"ref: {_MAIN}\n")
    (repository / "config").write_text(_CONFIG)
    (repository / "packed-refs").write_text(_PACKED + "".join(lines))
    (repository / "shallow").write_text("".join(f"{commit}\n" for commit in ends))
    (repository / "objects" / "info" / "alternates").write_text(
        "".join(f"{mirror}/objects\n" for mirror in used)
    )


@contextmanager
def _told() -> Iterator[None]:
    """Faults as what clients may know of them; the operator reads the whole of it in the log."""
    try:
        yield
    except (PlatformFault, OSError) as fault:
        logger.warning("Git could not serve: %s", fault)
        raise GitUnavailableError("Git does not answer on this machine now.") from fault
