"""Mirrors of what was fetched: one folder an address, in it one bare repository a commit.

A repository is fetched into a folder of its own, checked there, and then renamed into its place.
So no lock is ever held, two workers may fetch the same commit at once, a killed worker leaves
nothing half done, and what is mirrored never changes. The price is that two commits of one
repository share no objects.
"""

import gzip
import hashlib
import shutil
import sys
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from pathlib import Path

from registry.spec.identifiers import COMMIT
from runners.faults import Check, LogSink, PlatformFault
from runners.limits import SourceLimits
from runners.source import complaints, refs
from runners.source.address import Address, check_ref
from runners.source.folder import check_folder
from runners.source.objects import Objects
from runners.source.refs import Advertised
from runners.source.remote import Remote
from runners.source.resolve import Resolver, pins, system_resolver
from runners.source.snapshot import Caps, Listing, Snapshot, list_commit, snapshot, tree
from runners.source.tar import Sink
from runners.source.tree import written

_INCOMING = "incoming"
# What a killed worker left behind is removed once no fetch can still be using it.
_ABANDONED_SECONDS = 24 * 3600
# What is in the mirror was within the limits when it was fetched.
_NO_CAPS = Caps(files=sys.maxsize, bytes=sys.maxsize)


class MirrorStore:
    """The mirrors under the folder `root`, which nothing but this class writes to."""

    def __init__(self, root: Path, *, resolver: Resolver = system_resolver) -> None:
        self._root = root
        self._resolver = resolver

    def fetch(
        self,
        address: Address,
        ref: str | None,
        *,
        folder: str = "",
        limits: SourceLimits,
        log: LogSink,
        check: Check,
    ) -> Snapshot:
        """The commit that `ref` (None: the default branch) means at `address` now, mirrored.

        1. Look up the server's addresses, and let git connect to no other.
        2. Ask which object the ref means; a whole commit number that is mirrored needs no asking.
        3. Fetch that commit, check and count all that is in it, rename it into its place.
        4. With a `folder`, look at that folder of it alone.
        """
        named = None if ref is None else check_ref(ref)
        work = _Work(
            address=address,
            folder=check_folder(folder),
            limits=limits,
            deadline=time.monotonic() + limits.seconds,
            log=log,
            check=check,
        )
        with _disk_faults():
            listing = self._mirrored(named, work) or self._bring(named, work)
            objects = Objects(self._place(address.text, listing.commit))
        found = snapshot(listing, objects, address=address.text, ref=ref)
        place = f"{found.folder} of commit" if found.folder else "Commit"
        log(f"{place} {found.commit}: {found.files:,} files, {found.bytes:,} bytes.\n")
        for warning in found.warnings:
            log(f"{warning}\n")
        if found.inherited:
            log(f"Taken from the repository's root: {', '.join(found.inherited)}.\n")
        return found

    def open(self, address: str, commit: str, *, folder: str = "") -> Snapshot:
        """What was mirrored before, without network. `address` is as a Snapshot names it.

        Raises PlatformFault when it is not there, or damaged.
        """
        objects = self.objects(address, commit)
        listing = list_commit(objects, commit, folder=folder, caps=_NO_CAPS, check=_go_on)
        return snapshot(listing, objects, address=address, ref=None)

    def objects(self, address: str, commit: str) -> Objects:
        """The objects of a mirrored commit. Raises PlatformFault when it is not there."""
        place = self._place(address, commit)
        if not place.is_dir():
            raise PlatformFault(f"The commit {commit} of {address} is not in the mirror.")
        return Objects(place)

    def line(
        self,
        address: Address,
        older: str,
        newer: str,
        *,
        limits: SourceLimits,
        log: LogSink,
        check: Check,
    ) -> tuple[str, ...]:
        """The commits after `older` up to `newer` by their first parents, oldest first.

        () where one is not in the other's history. Asks the repository itself, whose mirror holds
        single commits; nothing of the answer is kept.
        """
        if not (COMMIT.fullmatch(older) and COMMIT.fullmatch(newer)):
            raise AssertionError("a line of commits lies between two whole numbers")
        log(f"Asking {address.text} for its history.\n")
        with self._asked(address, limits=limits, check=check) as remote:
            return remote.line(older, newer)

    def advertised(self, address: Address, *, limits: SourceLimits, check: Check) -> Advertised:
        """The branches and tags that the repository has now. Nothing is fetched."""
        with self._asked(address, limits=limits, check=check) as remote:
            return remote.advertised()

    @contextmanager
    def _asked(self, address: Address, *, limits: SourceLimits, check: Check) -> Iterator[Remote]:
        """The repository itself, of whose answers nothing is kept."""
        deadline = time.monotonic() + limits.seconds
        with _disk_faults(), self._scratch() as scratch:
            remote = Remote(
                address=address,
                pins=pins(address, resolver=self._resolver),
                repository=scratch / "asked" / "asked.git",
                most_bytes=limits.bytes,
                deadline=deadline,
                check=check,
            )
            remote.prepare()
            yield remote

    def archive(
        self, address: str, commit: str, target: Path, *, prefix: str, folder: str = ""
    ) -> None:
        """Write what was mirrored as a tar.gz at `target`, every path under `prefix` ("name/").

        Made from the objects, since `git archive` obeys `export-ignore` and would hide files.
        Same commit, same prefix, same bytes. Raises PlatformFault as `open` does.
        """
        objects = self.objects(address, commit)
        listing = list_commit(objects, commit, folder=folder, caps=_NO_CAPS, check=_go_on)

        def write(stream: Sink) -> None:
            with gzip.GzipFile(filename="", mode="wb", fileobj=stream, mtime=0) as zipped:
                tree(listing, objects).write_archive(zipped, prefix=prefix)

        written(target, write)

    def _place(self, address: str, commit: str) -> Path:
        """The bare repository that holds the commit, once it was fetched."""
        folder = hashlib.sha256(address.encode()).hexdigest()
        return self._root / folder / f"{commit}.git"

    def _mirrored(self, ref: str | None, work: "_Work") -> Listing | None:
        """The commit that `ref` is the whole number of, if it is mirrored."""
        if ref is None or not COMMIT.fullmatch(ref):
            return None
        place = self._place(work.address.text, ref)
        if not place.is_dir():
            return None
        work.log("This commit is in the mirror already.\n")
        return work.listing(Objects(place), ref)

    def _bring(self, ref: str | None, work: "_Work") -> Listing:
        """Fetch the commit that the ref means, check it, and put it in its place."""
        pinned = pins(work.address, resolver=self._resolver)
        with self._scratch() as scratch:
            remote = Remote(
                address=work.address,
                pins=pinned,
                repository=scratch / "wanted" / "repository.git",
                most_bytes=work.limits.bytes,
                deadline=work.deadline,
                check=work.check,
            )
            remote.prepare()
            work.log(f"Asking {work.address.text} what it has.\n")
            offered = remote.advertised()
            number = refs.wanted(ref, offered)
            if not COMMIT.fullmatch(number):
                number = self._whole(number, remote, offered, work)
            return self._mirrored(number, work) or self._admit(remote, number, ref, offered, work)

    def _whole(self, number: str, remote: Remote, offered: Advertised, work: "_Work") -> str:
        """The whole number of an abbreviated one, from the history."""
        work.log("Looking through the history for this commit.\n")
        history = replace(remote, repository=remote.repository.parents[1] / "history/history.git")
        history.prepare()
        return history.find(number, offered)

    def _admit(
        self, remote: Remote, number: str, ref: str | None, offered: Advertised, work: "_Work"
    ) -> Listing:
        """Fetch one object, check and count all that is in its commit, and keep it."""
        work.log(f"Fetching {number}.\n")
        commit = remote.fetch(number, ref or number, offered)
        objects = Objects(remote.repository)
        try:
            # All of it, also for a folder: what is mirrored is within the limits as a whole.
            listing = list_commit(objects, commit, caps=work.caps, check=work.checked)
            listing = work.listing(objects, commit) if work.folder else listing
        finally:
            objects.close()
        remote.publish(commit)
        self._keep(remote.repository, self._place(work.address.text, commit))
        return listing

    def _keep(self, repository: Path, place: Path) -> None:
        """Rename the repository into its place, unless another worker was faster."""
        place.parent.mkdir(parents=True, exist_ok=True)
        try:
            repository.rename(place)
        except OSError:
            if not place.is_dir():
                raise

    @contextmanager
    def _scratch(self) -> Iterator[Path]:
        """A folder of our own on the same disk, gone at the end."""
        incoming = self._root / _INCOMING
        incoming.mkdir(parents=True, exist_ok=True)
        _sweep(incoming)
        scratch = incoming / uuid.uuid4().hex
        scratch.mkdir()
        try:
            yield scratch
        finally:
            shutil.rmtree(scratch, ignore_errors=True)


@dataclass(frozen=True, kw_only=True)
class _Work:
    """What is the same from the beginning to the end of one fetch."""

    address: Address
    folder: str
    limits: SourceLimits
    deadline: float
    log: LogSink
    check: Check

    def listing(self, objects: Objects, commit: str) -> Listing:
        """What is asked for of a commit that is here, checked and counted."""
        return list_commit(objects, commit, folder=self.folder, caps=self.caps, check=self.checked)

    @property
    def caps(self) -> Caps:
        return Caps(files=self.limits.files, bytes=self.limits.bytes)

    def checked(self) -> None:
        """`check`, and the fault of a fetch whose time is up."""
        self.check()
        if time.monotonic() > self.deadline:
            raise complaints.too_slow(self.address)


def _go_on() -> None:
    """The check of something that nobody can stop."""


def _sweep(incoming: Path) -> None:
    """Remove what killed workers left behind."""
    for folder in incoming.iterdir():
        with suppress(FileNotFoundError):
            if time.time() - folder.stat().st_mtime > _ABANDONED_SECONDS:
                shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def _disk_faults() -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise PlatformFault(f"The mirrors cannot be written: {error.strerror}.") from error
