"""What a remote repository advertises, and which object a ref means there."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from typing import NoReturn

from registry.spec.identifiers import COMMIT
from registry.spec.ladder import Cause
from runners.faults import RepositoryFault

_LINE = re.compile(r"(?P<oid>[0-9a-f]{40}(?:[0-9a-f]{24})?)\t(?P<name>\S+)")
_SYMREF = re.compile(r"ref: (?P<name>\S+)\tHEAD")
_SHA1_LENGTH = 40
# Shorter beginnings of a commit's number are rarely unique, and are often meant as names.
_ABBREVIATED = re.compile(r"[0-9a-f]{7,40}")
_NAMESPACES = ("", "refs/", "refs/tags/", "refs/heads/")
_NAMED_AT_MOST = 6
# Comparing words takes long; nobody means one of more than these.
_COMPARED_AT_MOST = 2_000


@dataclass(frozen=True, kw_only=True)
class Advertised:
    """Full ref name → object name. `default` is the name of the branch that HEAD stands for."""

    refs: Mapping[str, str]
    default: str | None

    def all_names(self) -> list[str]:
        """The short names of all branches and tags."""
        named = (name for name in self.refs if name.startswith(("refs/heads/", "refs/tags/")))
        return [name.split("/", 2)[2] for name in named if name[-1] != "}"]

    def names(self) -> list[str]:
        """Branches and tags by their short names: the default one, branches, the last tags."""
        branches = [name for name in self.refs if name.startswith("refs/heads/")]
        tags = [name for name in self.refs if name.startswith("refs/tags/") and name[-1] != "}"]
        first = [self.default] if self.default and self.default in self.refs else []
        ordered = dict.fromkeys([*first, *branches[:3], *tags[:-4:-1]])
        return [name.split("/", 2)[2] for name in ordered if name.count("/") > 1]


def advertised(output: bytes) -> Advertised:
    """Read what `git ls-remote --symref` wrote. Raises RepositoryFault where nothing is there."""
    text = output.decode("utf-8", "replace")
    symref = _SYMREF.search(text)
    refs = {line["name"]: line["oid"] for line in _LINE.finditer(text)}
    if not refs:
        # A web page at the address looks the same to git.
        _refuse(
            "No commit is there: the repository is empty, or this is not its address.",
            "Open the address in a browser. If it is the right one, commit and push to it first.",
        )
    if any(len(oid) != _SHA1_LENGTH for oid in refs.values()):
        _refuse(
            "This repository names its objects by SHA-256, which is not supported.",
            "Convert it to git's usual format, which every forge uses.",
        )
    return Advertised(refs=refs, default=symref["name"] if symref else None)


def wanted(ref: str | None, offered: Advertised) -> str:
    """The name of the object that `ref` means; only its beginning where only that can be told.

    Names go before numbers, tags before branches, as in git itself. Raises RepositoryFault for
    a ref that cannot be there.
    """
    if ref is None:
        return _default(offered)
    for namespace in _NAMESPACES:
        if namespace + ref in offered.refs:
            # The commit that an annotated tag names, where it is one.
            return offered.refs.get(f"{namespace}{ref}^{{}}", offered.refs[namespace + ref])
    number = ref.lower()
    if COMMIT.fullmatch(number):
        return number
    if not _ABBREVIATED.fullmatch(number):
        raise missing(ref, offered)
    found = {oid for oid in offered.refs.values() if oid.startswith(number)}
    return found.pop() if len(found) == 1 else number


def missing(ref: str, offered: Advertised) -> RepositoryFault:
    """The fault of a ref that is not there, naming some that are."""
    near = get_close_matches(ref, offered.all_names()[:_COMPARED_AT_MOST])
    names = ", ".join(list(dict.fromkeys([*near, *offered.names()]))[:_NAMED_AT_MOST])
    return RepositoryFault(
        Cause.FETCH,
        f"This repository has no branch, tag or commit called “{ref}”.",
        hint=f"It has, among others: {names}." if names else "Push it first.",
    )


def _default(offered: Advertised) -> str:
    """Where HEAD points; the only branch if it points nowhere."""
    branches = [oid for name, oid in offered.refs.items() if name.startswith("refs/heads/")]
    if "HEAD" in offered.refs:
        return offered.refs["HEAD"]
    if len(branches) == 1:
        return branches[0]
    names = ", ".join(offered.names()[:_NAMED_AT_MOST])
    raise RepositoryFault(
        Cause.FETCH,
        "This repository does not say which of its branches is the main one.",
        hint=f"Name one of them: {names}.",
    )


def _refuse(sentence: str, hint: str) -> NoReturn:
    raise RepositoryFault(Cause.FETCH, sentence, hint=hint)
