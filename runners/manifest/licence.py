"""Recognising a licence: by what the metadata say, else by the words of the licence file."""

import re
from collections.abc import Iterator

from runners.manifest import plain
from runners.manifest.metadata import (
    read_citation_cff,
    read_codemeta,
    read_pyproject,
    read_setup_cfg,
    read_setup_py,
    read_zenodo,
)
from runners.manifest.readme import read_readme
from runners.tree import Tree

_FILE = re.compile(r"(un)?licen[cs]e|copying|copyright", re.IGNORECASE)
_READERS = (
    read_citation_cff,
    read_codemeta,
    read_zenodo,
    read_pyproject,
    read_setup_cfg,
    read_setup_py,
    read_readme,
)


def recognise_licence(tree: Tree) -> str | None:
    """The SPDX expression of the model's licence; None where nothing known is stated."""
    stated = plain.first(read(tree).licence for read in _READERS)
    return stated or licence_of_text(tree)


def licence_of_text(tree: Tree) -> str | None:
    """The SPDX identifier of the first licence file whose text is known.

    The text of the GPL does not say whether later versions are allowed; that stands elsewhere. So
    the identifier without "-only" and "-or-later" is given.
    """
    known = (_recognised(_normalised(plain.content(tree, path))) for path in _licence_files(tree))
    return next(filter(None, known), None)


def _licence_files(tree: Tree) -> Iterator[str]:
    """Licence files at the root and in LICENSES/, COPYING.LESSER before the COPYING it amends."""
    paths = [entry.path for entry in tree.entries if entry.path in tree]
    root = [path for path in paths if "/" not in path and _FILE.match(path)]
    yield from sorted(root, key=lambda path: ("lesser" not in path.lower(), path))
    yield from (path for path in paths if path.startswith("LICENSES/") and path.count("/") == 1)


def _normalised(text: str) -> str:
    """Lower-case words with single blanks, so that layout, quotes and spelling do not count."""
    return " ".join(re.findall(r"[a-z0-9.]+", text.lower().replace("licence", "license")))


def _recognised(words: str) -> str | None:
    """The licence that begins first: files often quote, below their own, those of others."""
    fitting = [
        (words.index(phrases[0]), order, name)
        for order, (name, phrases) in enumerate(_KNOWN)
        if all(phrase in words for phrase in phrases)
    ]
    return min(fitting)[2] if fitting else None


_BSD = "redistribution and use in source and binary forms"
_BSD_2 = "must reproduce the above copyright notice"
_ISC = (
    "for any purpose with or without fee is hereby granted provided that the above copyright "
    "notice and this permission notice appear in all copies"
)
_ENDORSE = "to endorse or promote products derived from this software"

# Each by phrases that no other has all of; those with more phrases stand before those with fewer.
_KNOWN: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("AGPL-3.0", ("gnu affero general public license version 3",)),
    ("LGPL-3.0", ("gnu lesser general public license version 3",)),
    ("LGPL-2.0", ("gnu library general public license version 2",)),
    ("LGPL-2.1", ("gnu lesser general public license version 2.1",)),
    ("GPL-3.0", ("gnu general public license version 3",)),
    ("GPL-2.0", ("gnu general public license version 2",)),
    ("EUPL-1.2", ("european union public license v. 1.2",)),
    ("MPL-2.0", ("mozilla public license version 2.0",)),
    ("MPL-2.0", ("subject to the terms of the mozilla public license v. 2.0",)),
    ("Apache-2.0", ("apache license version 2.0",)),
    ("PSF-2.0", ("python software foundation license version 2",)),
    ("CC-BY-4.0", ("attribution 4.0 international",)),
    ("CC0-1.0", ("cc0 1.0 universal",)),
    ("Unlicense", ("this is free and unencumbered software released into the public domain",)),
    (
        "MIT",
        (
            "permission is hereby granted free of charge to any person obtaining a copy",
            "the above copyright notice and this permission notice",
        ),
    ),
    ("BSD-4-Clause", (_BSD, _BSD_2, _ENDORSE, "all advertising materials mentioning features")),
    ("BSD-3-Clause", (_BSD, _BSD_2, _ENDORSE)),
    ("BSD-2-Clause-Views", (_BSD, _BSD_2, "the views and conclusions contained in the software")),
    ("BSD-2-Clause", (_BSD, _BSD_2)),
    ("ISC", (_ISC,)),
)
