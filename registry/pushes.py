"""What a host's message about a push says, and whether it is the host that says it. Pure functions.

Nothing of a message is believed before its signature was checked over the very bytes that came.
"""

import hashlib
import hmac
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from urllib.parse import urlsplit

import msgspec

BRANCH = "refs/heads/"
TAG = "refs/tags/"
# What the followed branch is called where neither the entry nor the host says it.
USUAL_BRANCHES = frozenset({"main", "master"})
_COMMIT = re.compile(r"[0-9a-f]{40}")
_NO_COMMIT = "0" * 40


@dataclass(frozen=True, kw_only=True)
class Push:
    """Where branches and tags now stand (name → commit), in a repository of these addresses.

    What was deleted is left out. `default` names the default branch, "" where the host does not say
    it.
    """

    addresses: tuple[str, ...]
    default: str
    branches: Mapping[str, str]
    tags: Mapping[str, str] = field(default_factory=dict)

    def followed(self, branch: str) -> tuple[str, str] | None:
        """The followed branch with its commit, if it moved; `branch` "" is the default one."""
        wanted = {branch or self.default} if branch or self.default else USUAL_BRANCHES
        return next(((name, at) for name, at in self.branches.items() if name in wanted), None)

    def is_of(self, address: str) -> bool:
        """Whether this is the repository of that address."""
        wanted = _bare(address)
        return bool(wanted) and wanted in map(_bare, self.addresses)


@dataclass(frozen=True, kw_only=True)
class Host:
    """How a host says what happened: in which headers, and how it shows that it is itself.

    `signature` is the header with an HMAC of the body, or `token` the one with the secret itself.
    """

    name: str
    event: str
    pushes: frozenset[str]
    read: Callable[[bytes], Push]
    signature: str = ""
    token: str = ""
    number: str = ""

    def is_genuine(self, headers: Mapping[str, str], body: bytes, secret: str) -> bool:
        """Whether whoever sent the message knows the secret."""
        given = headers.get(self.signature or self.token, "")
        right = secret if self.token else f"sha256={_hmac(secret, body)}"
        return hmac.compare_digest(given.encode(), right.encode())

    def delivery(self, headers: Mapping[str, str], body: bytes) -> str:
        """What tells a message from any other: its signed bytes, for a header could be made up.

        Without a signature over them, it is the host's own number.
        """
        number = headers.get(self.number, "") if self.number else ""
        return number[:200] or hashlib.sha256(body).hexdigest()


class _GitHubRepository(msgspec.Struct):
    clone_url: str = ""
    html_url: str = ""
    default_branch: str = ""


class _GitHubCommit(msgspec.Struct):
    id: str = ""


class _GitHubPush(msgspec.Struct):
    ref: str
    after: str
    repository: _GitHubRepository
    # The commit itself; `after` of an annotated tag is the tag.
    head_commit: _GitHubCommit | None = None


class _GitLabProject(msgspec.Struct):
    git_http_url: str = ""
    web_url: str = ""
    default_branch: str | None = ""


class _GitLabPush(msgspec.Struct):
    ref: str
    after: str
    project: _GitLabProject
    # The commit itself; `after` of an annotated tag is the tag.
    checkout_sha: str | None = None


class _BitbucketTarget(msgspec.Struct):
    hash: str = ""


class _BitbucketBranch(msgspec.Struct):
    type: str
    name: str
    target: _BitbucketTarget


class _BitbucketChange(msgspec.Struct):
    new: _BitbucketBranch | None = None


class _BitbucketChanges(msgspec.Struct):
    changes: list[_BitbucketChange]


class _BitbucketLink(msgspec.Struct):
    href: str = ""


class _BitbucketLinks(msgspec.Struct):
    html: _BitbucketLink


class _BitbucketMain(msgspec.Struct):
    name: str = ""


class _BitbucketRepository(msgspec.Struct):
    links: _BitbucketLinks
    mainbranch: _BitbucketMain | None = None


class _BitbucketPush(msgspec.Struct):
    push: _BitbucketChanges
    repository: _BitbucketRepository


def _github(body: bytes) -> Push:
    said = msgspec.json.decode(body, type=_GitHubPush)
    of = said.repository
    at = said.head_commit.id if said.head_commit and said.ref.startswith(TAG) else said.after
    return Push(
        addresses=(of.clone_url, of.html_url),
        default=of.default_branch,
        branches=_standing(BRANCH, [(said.ref, at)]),
        tags=_standing(TAG, [(said.ref, at)]),
    )


def _gitlab(body: bytes) -> Push:
    said = msgspec.json.decode(body, type=_GitLabPush)
    of = said.project
    at = said.checkout_sha or said.after
    return Push(
        addresses=(of.git_http_url, of.web_url),
        default=of.default_branch or "",
        branches=_standing(BRANCH, [(said.ref, at)]),
        tags=_standing(TAG, [(said.ref, at)]),
    )


def _bitbucket(body: bytes) -> Push:
    said = msgspec.json.decode(body, type=_BitbucketPush)
    new = [change.new for change in said.push.changes if change.new]
    kinds = {"branch": BRANCH, "tag": TAG}
    moved = [(kinds.get(each.type, "") + each.name, each.target.hash) for each in new]
    main = said.repository.mainbranch
    return Push(
        addresses=(said.repository.links.html.href,),
        default=main.name if main else "",
        branches=_standing(BRANCH, moved),
        tags=_standing(TAG, moved),
    )


# Gitea and Forgejo (Codeberg) speak as GitHub does.
HOSTS = (
    Host(
        name="GitHub",
        event="X-GitHub-Event",
        pushes=frozenset({"push"}),
        read=_github,
        signature="X-Hub-Signature-256",
    ),
    Host(
        name="GitLab",
        event="X-Gitlab-Event",
        pushes=frozenset({"Push Hook", "Tag Push Hook"}),
        read=_gitlab,
        token="X-Gitlab-Token",  # noqa: S106 — a header's name
        number="X-Gitlab-Event-UUID",
    ),
    Host(
        name="Bitbucket",
        event="X-Event-Key",
        pushes=frozenset({"repo:push"}),
        read=_bitbucket,
        signature="X-Hub-Signature",
    ),
)


def host_of(headers: Mapping[str, str]) -> Host | None:
    """The host that speaks like this; None when it is none that is known."""
    return next((host for host in HOSTS if host.event in headers), None)


def hook_secret(*, key: str, accession: int, generation: int) -> str:
    """The secret that a host is given: derived, so that no database holds it."""
    return _hmac(key, f"hook:{accession}:{generation}".encode())


def _hmac(key: str, message: bytes) -> str:
    return hmac.new(key.encode(), message, hashlib.sha256).hexdigest()


def _standing(kind: str, moved: list[tuple[str, str]]) -> dict[str, str]:
    return {
        ref.removeprefix(kind): commit
        for ref, commit in moved
        if ref.startswith(kind) and _COMMIT.fullmatch(commit) and commit != _NO_COMMIT
    }


def _bare(address: str) -> str:
    """Host and path of an address, without what hosts take or leave; "" of none."""
    try:
        parts = urlsplit(address.strip())
    except ValueError:
        return ""
    path = parts.path.rstrip("/").removesuffix(".git")
    return f"{parts.hostname}{path}".lower() if parts.hostname and path else ""
