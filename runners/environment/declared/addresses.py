"""Requirements that name an address or a folder instead of a package."""

import posixpath
import re
from collections.abc import Iterator
from urllib.parse import parse_qsl, urlsplit

from packaging.utils import (
    InvalidSdistFilename,
    InvalidWheelFilename,
    parse_sdist_filename,
    parse_wheel_filename,
)

from runners.environment.declared.items import Item, Kind
from runners.environment.declared.packages import parsed, requirement_items
from runners.tree import Tree

# user@host:path, as git writes it for ssh.
_SHORT = re.compile(r"(?:git\+)?(?:ssh://)?[\w.-]{1,50}@([\w.-]{1,100})[:/](\S+)")
_ADDRESS = re.compile(r"(?:(?P<tool>git|hg|svn|bzr)\+)?(?P<scheme>https?|git|ssh|file)://\S+")
_FOREIGN = re.compile(r"[A-Za-z]:[\\/]|[~/]|\\\\|file:/|\.\S*\\")
_FOLDER = re.compile(r"(?:file:)?(?P<path>[\w./+-]{1,200})(?:\[(?P<extras>[\w, .-]{1,200})\])?")
_EGG = re.compile(r"([A-Za-z0-9][A-Za-z0-9._-]{0,100})(\[[\w, .-]{0,200}\])?")
_VERSION_TAIL = re.compile(r"(.*?)-\d[\w.]*")
_PROJECT_FILES = ("setup.py", "pyproject.toml", "setup.cfg")
_ARCHIVES = (".whl", ".tar.gz", ".tar.bz2", ".zip")


def is_address(text: str) -> bool:
    """Whether a line begins as the address of a repository or an archive."""
    return bool(_ADDRESS.match(text) or _SHORT.match(text))


def address_items(text: str, *, name: str = "") -> Iterator[Item]:
    """`git+https://…@commit#egg=name` as `name @ git+https://…@commit`; bare if it names none."""
    line, _, marker = text.partition(" ;")
    mended = _over_https(line)
    if mended is None:
        yield from _by_name_alone(text, name or _egg(text.partition("#egg=")[2]))
        return
    address, told = mended
    name = name or told
    direct = f"{name or 'unnamed'} @ {address}" + (f" ;{marker}" if marker else "")
    if parsed(direct) is None:
        yield Item(Kind.ADDRESS, text)
    elif name:
        yield from requirement_items(direct)
    else:
        yield Item(Kind.REQUIREMENT, address)


def _over_https(text: str) -> tuple[str, str] | None:
    """The address without names and passwords, and the name it gives; None if none can serve."""
    if match := _SHORT.fullmatch(text):
        text = f"git+https://{match[1]}/{match[2]}"
    match = _ADDRESS.fullmatch(text)
    if match is None or match["scheme"] == "file" or match["tool"] in {"hg", "svn", "bzr"}:
        return None
    try:
        parts = urlsplit(text.removeprefix("git+"))
        host = f"{parts.hostname}:{parts.port}" if parts.port else parts.hostname
    except ValueError:
        return None
    if not parts.hostname or ":" in parts.hostname:
        return None
    git = match["tool"] or match["scheme"] in {"git", "ssh"} or parts.path.endswith(".git")
    told = dict(parse_qsl(parts.fragment, max_num_fields=20))
    scheme = "http" if parts.scheme == "http" else "https"
    query = _commit(parts.query) if git else f"?{parts.query}" if parts.query else ""
    folder = f"#subdirectory={told['subdirectory']}" if told.get("subdirectory") else ""
    address = f"{'git+' if git else ''}{scheme}://{host}{parts.path}{query}{folder}"
    return address, _egg(told.get("egg", "")) or _file_name(parts.path)


def _commit(query: str) -> str:
    """`?rev=0a1b`, as the lock files of uv and pixi have it, in the words of pip: `@0a1b`."""
    told = dict(parse_qsl(query, max_num_fields=20))
    return next((f"@{told[key]}" for key in ("rev", "tag", "branch") if told.get(key)), "")


def _egg(told: str) -> str:
    """`name[extra]` out of `egg=name[extra]`; older ones add a version, `egg=name-1.2`."""
    match = _EGG.match(told.replace("==", "-"))
    if match is None:
        return ""
    version = _VERSION_TAIL.fullmatch(match[1])
    return (version[1] if version else match[1]) + (match[2] or "")


def _file_name(path: str) -> str:
    """The name that a wheel or a source archive has in its own file name."""
    name = path.rpartition("/")[2]
    try:
        if name.endswith(".whl"):
            return str(parse_wheel_filename(name)[0])
        return str(parse_sdist_filename(name)[0]) if "-" in name else ""
    except (InvalidWheelFilename, InvalidSdistFilename):
        return ""


def _by_name_alone(text: str, name: str) -> Iterator[Item]:
    """The package that is called so, for want of the address itself."""
    yield Item(Kind.ELSEWHERE if name else Kind.ADDRESS, text)
    if name:
        yield from requirement_items(name)


def is_local(text: str) -> bool:
    """Whether a line names a file or a folder, here or on its author's machine."""
    named = text.partition("[")[0].lower()
    archive = named.endswith(_ARCHIVES) and " " not in named
    return archive or text.startswith((".", "file:")) or bool(_FOREIGN.match(text))


def local_items(tree: Tree, folder: str, text: str, *, editable: bool) -> Iterator[Item]:
    """A folder or an archive of the repository, as `-e ./folder` or `./file.whl`.

    Paths are tried from the root, where people run pip, then from `folder`, that of the file read.
    The root itself is no requirement: whether it is installed, its own files say.
    """
    match = _FOLDER.fullmatch(text.partition(" ;")[0].strip())
    if match is None or _FOREIGN.match(text):
        yield Item(Kind.MISSING, text)
        return
    extras = [extra.strip() for extra in (match["extras"] or "").split(",") if extra.strip()]
    targets = (posixpath.normpath(f"{base}/{match['path']}".lstrip("/")) for base in ("", folder))
    target = next((target for target in targets if _installable(tree, target)), None)
    if target == ".":
        yield from (Item(Kind.EXTRA, extra) for extra in extras)
    elif target is None:
        yield Item(Kind.MISSING, text)
    else:
        named = f"[{','.join(extras)}]" if extras else ""
        flag = "-e " if editable and target not in tree else ""
        yield Item(Kind.REQUIREMENT, f"{flag}./{target}{named}")


def _installable(tree: Tree, target: str) -> bool:
    """Whether pip can install what stands at `target`, a normalised path."""
    if target == ".":
        return True
    if target == ".." or target.startswith("../"):
        return False
    if target in tree:
        return target.endswith(_ARCHIVES)
    return any(f"{target}/{name}" in tree for name in _PROJECT_FILES)
