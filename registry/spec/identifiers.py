"""Names and identifiers, checked: ORCID iD, entry names, commits, SWHIDs, DOIs."""

import re

COMMIT = re.compile(r"[0-9a-f]{40}")
DOI = re.compile(r"10\.\d{4,9}/\S+")
# What the hub protocol accepts as a part of `owner/name`, so that every entry can be pulled by it.
NAME = re.compile(r"(?!.*(--|\.\.))(?!.*\.git$)[A-Za-z0-9_](?:[A-Za-z0-9._-]{0,94}[A-Za-z0-9_])?")
_DOI_ADDRESS = re.compile(r"^(https?://(dx\.)?doi\.org/|doi:)\s*", re.IGNORECASE)
_ORCID = re.compile(r"\d{4}-\d{4}-\d{4}-\d{3}[\dX]")


def orcid_check_digit(base: str) -> str:
    """The check digit of the first 15 digits of an ORCID iD (ISO 7064 mod 11-2)."""
    total = 0
    for digit in base:
        total = (total + int(digit)) * 2
    value = (12 - total % 11) % 11
    return "X" if value == 10 else str(value)  # noqa: PLR2004 — ISO 7064 writes ten as X


def orcid_normalised(text: str) -> str:
    """`text` as 0000-0000-0000-0000. Raises ValueError when it is no ORCID iD."""
    bare = text.strip().removeprefix("https://orcid.org/").removeprefix("http://orcid.org/").upper()
    if not _ORCID.fullmatch(bare):
        raise ValueError("An ORCID iD has the form 0000-0002-1825-0097.")
    digits = bare.replace("-", "")
    if orcid_check_digit(digits[:-1]) != digits[-1]:
        raise ValueError("The last digit of this ORCID iD does not fit the others: is it mistyped?")
    return bare


def doi_normalised(text: str) -> str:
    """`text` as 10.1038/118558a0, from a DOI or its address. Raises ValueError when it is none."""
    bare = _DOI_ADDRESS.sub("", text.strip())
    if not DOI.fullmatch(bare):
        raise ValueError("A DOI begins with “10.”, as in 10.1103/PhysRevLett.126.032001.")
    return bare


def name_parted(name: str) -> tuple[str, str]:
    """Given and family name of a name written as one: "Lotka, Alfred" or "Alfred Lotka"."""
    family, comma, given = name.partition(",")
    if not comma:
        given, _, family = name.rpartition(" ")
    return given.strip(), family.strip()


def name_is_valid(name: str) -> bool:
    """Whether `name` can stand for a person or an entry in `owner/name`."""
    return NAME.fullmatch(name) is not None


def name_from_title(title: str) -> str:
    """A valid entry name made from any text, `model` when nothing of it can be kept."""
    kept = re.sub(r"[^A-Za-z0-9_]+", "-", title.removesuffix(".git")).strip("-._")[:96].strip("-._")
    return kept if name_is_valid(kept) else "model"
