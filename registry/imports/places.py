"""Addresses as people have them: of repositories' pages, and of models at other portals."""

import re
from dataclasses import dataclass
from urllib.parse import unquote

from registry.imports import plain

_FORGE = re.compile(
    r"(?:git\+)?https?://(?:www\.)?(?P<host>github\.com|gitlab\.com|codeberg\.org|bitbucket\.org)"
    r"/(?P<owner>[\w.-]+)/(?P<name>[\w.-]+?)(?:\.git)?"
    r"(?:/(?:-/)?(?:tree|src/branch|src/tag|src|releases/tag)/(?P<ref>[^/?#]+)(?:/(?P<folder>[^?#]+))?)?"
    r"/?(?:[?#].*)?"
)
_GIT = re.compile(r"(?:git\+)?(https?://[^\s?#]+)")
_FILE_PAGE = re.compile(r"https://github\.com/([\w.-]+/[\w.-]+)/(?:blob|raw)/([^\s?#]+)")
_FILE_PAGE_GITLAB = re.compile(r"(https://gitlab\.com/[^\s?#]+?)/(?:-/)?blob/([^\s?#]+)")
_MODELDB = re.compile(
    r"(?:https?://)?(?:www\.)?(?:modeldb\.(?:science|yale\.edu)/(?:api/v1/models/)?|"
    r"senselab\.med\.yale\.edu/ModelDB/showmodel(?:\.cshtml|\.asp)?\?model=)(\d{1,9})\b.*",
    re.IGNORECASE,
)
_HUB = re.compile(
    r"(?:https?://)?(?:www\.)?huggingface\.co/(?!(?:datasets|spaces|docs|blog|papers|api)/)"
    r"([\w.-]+/[\w.-]+)(?:/(?:blob|raw|tree|resolve)/([\w.-]+))?(?:[/?#].*)?",
    re.IGNORECASE,
)
_ZENODO = re.compile(
    r"(?:https?://)?(?:www\.)?(?:zenodo\.org/(?:api/)?records?/|(?:(?:dx\.)?doi\.org/|doi:)?"
    r"10\.5281/zenodo\.)(\d{1,12})\b.*",
    re.IGNORECASE,
)
_ZOO = re.compile(
    r"https?://(?:www\.)?bioimage\.io/#?/?(?:artifacts/|r/|\?id=)([\w.%/-]+)", re.IGNORECASE
)
_ZOO_FILES = "https://hypha.aicell.io/bioimage-io/artifacts/{}/files/rdf.yaml"


@dataclass(frozen=True, kw_only=True)
class Place:
    """Where code is: what one gives to `git clone`, and what of it is meant."""

    address: str = ""
    ref: str = ""
    folder: str = ""


def repository_at(value: object) -> Place:
    """The repository that an address means, also one of its pages; empty where it is none."""
    written = plain.text(value, 2000)
    if found := _FORGE.fullmatch(written):
        address = f"https://{found['host'].lower()}/{found['owner']}/{found['name']}"
        ref, folder = unquote(found["ref"] or ""), unquote(found["folder"] or "")
        return Place(address=address, ref=ref, folder=folder.strip("/"))
    other = _GIT.fullmatch(written)
    return Place(address=other[1] if other and written.endswith(".git") else "")


def document_address(text: str) -> str:
    """Where the description is of the model whose page somebody pasted; else what was pasted."""
    given = text.strip()
    for pattern, target in _PAGES:
        if found := pattern.fullmatch(given):
            return target(found)
    return given


def _hub_card(found: re.Match[str]) -> str:
    return f"https://huggingface.co/{found[1]}/raw/{found[2] or 'main'}/README.md"


def _zoo_file(found: re.Match[str]) -> str:
    name = unquote(found[1]).rstrip("/")
    zenodo = _ZENODO.fullmatch(name)
    return _record(zenodo) if zenodo else _ZOO_FILES.format(name.rsplit("/", 1)[-1])


def _record(found: re.Match[str]) -> str:
    return f"https://zenodo.org/api/records/{found[1]}"


_PAGES = (
    (_MODELDB, lambda found: f"https://modeldb.science/api/v1/models/{found[1]}"),
    (_ZENODO, _record),
    (_HUB, _hub_card),
    (_ZOO, _zoo_file),
    (_FILE_PAGE, lambda found: f"https://raw.githubusercontent.com/{found[1]}/{found[2]}"),
    (_FILE_PAGE_GITLAB, lambda found: f"{found[1]}/-/raw/{found[2]}"),
)
