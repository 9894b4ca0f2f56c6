"""What git says when it fails, in words for people: whose fault it is, and what to do."""

import re
from collections.abc import Callable

from registry.spec.ladder import Cause
from runners.faults import PlatformFault, RepositoryFault
from runners.source.address import LOCAL, Address
from runners.source.tree import too_large
from runners.source.walk import printable

# What the server says must not decide whose fault it is.
_REMOTES_OWN = re.compile(r"^remote:.*$", re.MULTILINE)
_LINES = 5
_LONGEST_LINE = 300

# The disk is ours; a server that is down, or a certificate that this machine does not know, is
# no fault of the author's either.
_OURS = re.compile(
    r"No space left on device|Disk quota exceeded|Read-only file system"
    r"|returned error: (?:5\d\d|429)|certificate|SSL|TLS|Network is unreachable|No route to host"
    r"|Connection timed out|Connection reset|Recv failure|Send failure|Operation too slow"
    r"|Could not resolve (?:host|proxy)|Resolving timed out|from proxy"
)
_TOO_LARGE = re.compile(r"signal 25|File too large|[Oo]ut of memory|malloc failed|mmap failed")
_PRIVATE = re.compile(
    r"returned error: 40[0134]|repository .* not found|could not read Username"
    r"|Authentication failed|terminal prompts disabled|Access denied"
)
_MOVED = re.compile(r"returned error: 30\d|redirect")
_NO_REPOSITORY = re.compile(
    r"not valid: is this a git repository|does not appear to be a git repository"
    r"|not a git repository|info/refs not valid|dumb http|invalid server response"
    r"|bad line length|invalid content-type"
)
_REFUSED = re.compile(r"Failed to connect|Couldn't connect|Connection refused")
_CHECKED = re.compile(r"fsck|error in object")


def fault(complaint: str, address: Address, *, most_bytes: int) -> Exception:
    """The RepositoryFault or PlatformFault that git's standard error stands for."""
    lines = _safe_lines(complaint)
    complaint = _REMOTES_OWN.sub("", complaint)
    if _TOO_LARGE.search(complaint):
        return too_large(most_bytes)
    if _OURS.search(complaint):
        return PlatformFault(f"{address.text} could not be fetched now: {' '.join(lines)}")
    for pattern, sentence, hint in _KNOWN:
        if pattern.search(complaint):
            return RepositoryFault(Cause.FETCH, sentence(address), hint=hint(address), lines=lines)
    return RepositoryFault(
        Cause.FETCH,
        f"{address.text} could not be fetched.",
        hint="Check that `git clone` of this address works without a password.",
        lines=lines,
    )


def too_slow(address: Address) -> RepositoryFault:
    """The fault of a repository that did not arrive in its time."""
    return RepositoryFault(
        Cause.FETCH,
        f"{address.text} was not fetched in the time that is given to it.",
        hint="Try again later. If it stays so, move large files out of the repository.",
    )


def _safe_lines(complaint: str) -> tuple[str, ...]:
    """The end of what git said, fit for a page. It holds no secret: the address had none."""
    lines = [printable(line)[:_LONGEST_LINE] for line in complaint.splitlines() if line.strip()]
    return tuple(lines[-_LINES:])


def no_repository(address: Address) -> RepositoryFault:
    """The fault of an address where something else is, or nothing."""
    sentence, hint = _no_repository_sentence(address), _no_repository_hint(address)
    return RepositoryFault(Cause.FETCH, sentence, hint=hint)


def _no_repository_sentence(address: Address) -> str:
    return f"{address.text} is not a git repository."


def _no_repository_hint(address: Address) -> str:
    if address.scheme == LOCAL:
        return (
            "Look at the path. If the folder is the right one, make it a repository: run "
            "`git init`, `git add --all` and `git commit` in it."
        )
    return (
        "Open it in a browser: it should show the repository's files. Try it with .git at the end."
    )


_Words = Callable[[Address], str]
_KNOWN: tuple[tuple[re.Pattern[str], _Words, _Words], ...] = (
    (
        _PRIVATE,
        lambda address: f"There is no public repository at {address.text}.",
        lambda _: (
            "It is misspelt, or private: open it in a browser where you are not signed in. A "
            "private one must be made public, or its folder be uploaded as an archive."
        ),
    ),
    (
        _MOVED,
        lambda address: f"{address.text} only forwards to another address.",
        lambda _: (
            "Open it in a browser and copy the address that it ends at. Some servers want "
            ".git at the end."
        ),
    ),
    (
        _CHECKED,
        lambda _: "This repository holds an object that git's own check finds unsafe or broken.",
        lambda _: "Run `git fsck --strict`, mend what it names, and give the new commit.",
    ),
    (_NO_REPOSITORY, _no_repository_sentence, _no_repository_hint),
    (
        _REFUSED,
        lambda address: f"No server answers at {address.host}.",
        lambda _: "Look for a misspelling in the address, or open it in a browser.",
    ),
)
