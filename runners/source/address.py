"""Addresses of repositories: checked letter by letter and built anew from the checked parts.

Nothing of a text is repeated in a message before it was checked, since people paste addresses
with passwords and tokens in them. Source of the rules: docs/threats.md, fetching a repository.
"""

import os.path
import re
from dataclasses import dataclass
from itertools import takewhile
from pathlib import Path
from typing import NoReturn

from registry.spec.ladder import Cause
from runners.faults import RepositoryFault
from runners.source.uploads import UploadStore

LOCAL = "file"
HTTPS_PORT = 443
_HTTP_PORT = 80
_LONGEST = 500
_LONGEST_FILE = 2000
_EXAMPLE = "Give its web address, such as https://github.com/owner/name."
_FILE = "Give the address that a download of the file has, such as https://host/data.csv."

_LABEL = r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?"
# The last label is no number, so 127.1, 0x7f.1 and 2130706433 are no host names.
_DOMAIN = re.compile(rf"(?=.{{1,253}}$)(?:{_LABEL}\.)+(?:[a-z]{{2,63}}|xn--[a-z0-9-]{{1,59}})")
_SEGMENT = re.compile(r"[A-Za-z0-9_~][A-Za-z0-9._~+-]*")
_WEB = re.compile(
    r"(?P<scheme>[a-z][a-z0-9+.-]*)://(?P<authority>[^/]*)(?P<path>.*)", re.IGNORECASE
)
_AUTHORITY = re.compile(r"(?P<host>[A-Za-z0-9._-]+)(?::(?P<port>[0-9]{1,5}))?")
_SSH = re.compile(r"(?:ssh://)?git@(?P<host>[A-Za-z0-9.-]+)(?::[0-9]+/|[:/])(?P<path>[^:]+)")
_UPLOAD = re.compile(r"upload:([1-9][0-9]{0,18})")
_FILE_PATH = re.compile(r"/[A-Za-z0-9._~!$&'()*+,;=:@%/-]+(?:\?[A-Za-z0-9._~!$&'()*+,;=:@%/?-]*)?")
_REF = re.compile(
    r"(?!.*(?:\.\.|//|@\{|/\.|\./|\.lock(?:/|$)))[A-Za-z0-9_](?:[\w.#,=+@/-]{0,198}[\w#=+-])?",
    re.ASCII,
)

# Forges of which we know that an address with and without `.git` is the same repository, and
# that the one with `.git` is answered without a redirect.
_USER = re.compile(r"(?P<scheme>[A-Za-z+]+://)[^/]*@")
_FORGES = frozenset({"github.com", "gitlab.com", "bitbucket.org", "codeberg.org"})
_OWNER_AND_NAME = 2
# What stands before the ref in the addresses of a forge's own pages.
_FILE_PAGES = frozenset({"blob", "raw", "blame"})
_PAGE_WORDS = frozenset(
    "- tree blob raw blame commit commits src branch tag tags releases".split()  # noqa: SIM905 — reads better than twelve quoted words
)


@dataclass(frozen=True, kw_only=True)
class Address:
    """A repository that may be fetched.

    `text` names it in entries and messages, `remote` is what git is given. A `trusted` address
    was allowed by the site's settings, whatever it resolves to. `host` is empty for a local one.
    """

    text: str
    remote: str
    scheme: str
    host: str
    port: int
    trusted: bool


def normalise(text: str, *, allow: frozenset[str], uploads: Path | None = None) -> Address:
    """The address that `text` means. Raises RepositoryFault, with the way to mend it.

    `allow` widens public https: `file` to absolute paths of this machine, `host:port` to that
    host on that port, by http or https. `uploads` is the folder where `upload:<number>` lies,
    which is no path that anybody could type.
    """
    given = text.strip()
    if uploads and (uploaded := _UPLOAD.fullmatch(given)):
        remote = str(UploadStore(uploads).place(uploaded[1]))
        return Address(text=given, remote=remote, scheme=LOCAL, host="", port=0, trusted=True)
    if not given:
        _refuse("No address was given.", _EXAMPLE)
    if len(given) > _LONGEST or not given.isprintable():
        _refuse("This address is too long or holds characters that cannot be seen.", _EXAMPLE)
    if given.startswith("/") or given.lower().startswith("file:"):
        return _local(given, allow)
    return _web(_with_scheme(given), allow)


def normalise_file(text: str, *, allow: frozenset[str]) -> Address:
    """The address of one file, of which the whole text counts. Raises RepositoryFault.

    Which places are allowed is as for repositories; the path may hold what a web address may, and
    a query, as data archives have it.
    """
    given = text.strip()
    if len(given) > _LONGEST_FILE or not (given.isascii() and given.isprintable()):
        _refuse("This address is too long or holds characters that no address has.", _FILE)
    found = _WEB.fullmatch(given)
    if found is None or not _FILE_PATH.fullmatch(found["path"]):
        _refuse("This is not the web address of a file.", _FILE)
    if "@" in found["authority"]:
        _refuse_extras(found["authority"], "")
    scheme, host, port, trusted = _place(found["scheme"].lower(), found["authority"], allow)
    stem = f"{scheme}://{host}" if port == _usual_port(scheme) else f"{scheme}://{host}:{port}"
    text = f"{stem}{found['path']}"
    return Address(text=text, remote=text, scheme=scheme, host=host, port=port, trusted=trusted)


def without_secrets(text: str) -> str:
    """`text` as it may be shown and kept: what stands before an “@” of an address is masked."""
    return _USER.sub(r"\g<scheme>…@", text)


def check_ref(ref: str) -> str:
    """`ref` if it can name a branch, a tag or a commit. Raises RepositoryFault."""
    if not _REF.fullmatch(ref):
        _refuse(
            "This is not the name of a branch, a tag or a commit.",
            "Use letters, digits and . _ - / only, such as main, v1.2 or a commit's number.",
        )
    return ref


def _refuse(sentence: str, hint: str) -> NoReturn:
    raise RepositoryFault(Cause.FETCH, sentence, hint=hint)


def _local(given: str, allow: frozenset[str]) -> Address:
    if LOCAL not in allow:
        _refuse("Folders of this machine are not fetched here.", _EXAMPLE)
    path = re.sub(r"^file:(//(localhost)?)?(?=/[^/])", "", given, flags=re.IGNORECASE)
    if not path.startswith("/"):
        _refuse("A local folder is named by its whole path.", "Begin it with “/”.")
    clean = os.path.normpath("/" + path.lstrip("/"))
    return Address(text=clean, remote=clean, scheme=LOCAL, host="", port=0, trusted=True)


def _with_scheme(given: str) -> str:
    """`given` as a web address: what people leave out put in, what cannot be meant refused."""
    if not given.isascii():
        _refuse("This address holds letters that no repository's address has.", _EXAMPLE)
    if found := _SSH.fullmatch(given):
        _refuse_ssh(found["host"].lower(), found["path"])
    if "://" in given:
        return given
    if _DOMAIN.fullmatch(given.split("/", maxsplit=1)[0].lower()) and "/" in given:
        return "https://" + given
    _refuse("This is not the web address of a repository.", _EXAMPLE)


def _refuse_ssh(host: str, path: str) -> NoReturn:
    segments = path.strip("/").split("/")
    proper = _DOMAIN.fullmatch(host) and all(map(_SEGMENT.fullmatch, segments))
    web = f"https://{host}/{'/'.join(segments)}" if proper else "one beginning with https://"
    _refuse("This is an address for ssh, which needs a key.", f"Give its web address: {web}")


def _web(given: str, allow: frozenset[str]) -> Address:
    found = _WEB.fullmatch(given)
    if found is None:
        _refuse("This is not the web address of a repository.", _EXAMPLE)
    _refuse_extras(found["authority"], found["path"])
    scheme, host, port, trusted = _place(found["scheme"].lower(), found["authority"], allow)
    segments = _segments(found["path"], host)
    stem = f"{scheme}://{host}" if port == _usual_port(scheme) else f"{scheme}://{host}:{port}"
    text = f"{stem}/{'/'.join(segments)}"
    remote = f"{text}.git" if host in _FORGES else text
    return Address(text=text, remote=remote, scheme=scheme, host=host, port=port, trusted=trusted)


def _usual_port(scheme: str) -> int:
    return HTTPS_PORT if scheme == "https" else _HTTP_PORT


def _refuse_extras(authority: str, path: str) -> None:
    """Refuse what may hold a secret, or mean something else to another program."""
    if "@" in authority:
        _refuse(
            "This address holds a user name or a password, which would become public.",
            "Leave out everything before “@”, and change that password if it was a real one.",
        )
    for sign in "?#%\\":
        if sign in authority + path:
            _refuse(
                f"An address with “{sign}” in it cannot be fetched.",
                f"Leave out the “{sign}” and what follows it.",
            )


def _place(scheme: str, authority: str, allow: frozenset[str]) -> tuple[str, str, int, bool]:
    """Scheme, host, port, and whether the site's settings allow that host on that port."""
    found = _AUTHORITY.fullmatch(authority)
    if found is None or scheme not in ("https", "http"):
        _refuse("Only addresses that begin with https:// are fetched.", _EXAMPLE)
    host = found["host"].lower()
    port = int(found["port"] or _usual_port(scheme))
    if f"{host}:{port}" in allow:
        return scheme, host, port, True
    if not _DOMAIN.fullmatch(host):
        _refuse("The server in this address is not named by a public name.", _EXAMPLE)
    if scheme != "https":
        _refuse("Only encrypted addresses are fetched.", "Begin it with https://.")
    if port != HTTPS_PORT:
        _refuse("Only the usual port of https, 443, is used.", "Leave out “:” and the number.")
    return scheme, _without_www(host), port, False


def _without_www(host: str) -> str:
    bare = host.removeprefix("www.")
    return bare if bare in _FORGES else host


def _segments(path: str, host: str) -> list[str]:
    """The checked parts of the path that name the repository."""
    segments = path.strip("/").split("/")
    if segments == [""]:
        _refuse("This address names a server, but no repository on it.", _EXAMPLE)
    if host not in _FORGES:
        return _checked(segments)
    return _forge_segments(segments, host)


def _checked(segments: list[str]) -> list[str]:
    if not all(map(_SEGMENT.fullmatch, segments)):
        _refuse("The path in this address is not that of a repository.", _EXAMPLE)
    return segments


def _forge_segments(segments: list[str], host: str) -> list[str]:
    """Owner and name; an address of one of a repository's pages is refused with the right one."""
    if len(segments) < _OWNER_AND_NAME:
        _refuse("This address names an owner, but none of the repositories.", _EXAMPLE)
    # GitLab has groups within groups, and sets "-" between a repository and its pages.
    nested = host == "gitlab.com"
    end = segments.index("-") if nested and "-" in segments else len(segments)
    length = end if nested else _OWNER_AND_NAME
    named = _checked([*segments[: length - 1], segments[length - 1].removesuffix(".git")])
    if segments[length:]:
        _refuse_page(f"https://{host}/{'/'.join(named)}", segments[length:])
    return named


def _refuse_page(address: str, rest: list[str]) -> NoReturn:
    """Say which address, ref and folder someone means who pasted a page's address."""
    words = list(takewhile(_PAGE_WORDS.__contains__, rest))
    ref, *path = rest[len(words) :] or [""]
    fields = [f"{address} as the address"]
    if words and _REF.fullmatch(ref):
        fields.append(f"{ref} as the branch, tag or commit")
        # The page of a file: the model is in the folder around it.
        folder = path[:-1] if _FILE_PAGES & set(words) else path
        if folder and all(map(_SEGMENT.fullmatch, folder)):
            fields.append(f"{'/'.join(folder)} as the folder")
    *first, last = fields
    _refuse(
        "This is the address of a page about a repository, not of the repository itself.",
        f"Use {', '.join(first)}, and {last}." if first else f"Use {last}.",
    )
