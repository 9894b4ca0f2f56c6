"""Recognising a licence: by what the metadata say, else by the words of the licence file."""

import re
from collections.abc import Callable, Iterator

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
    return next((name for name, fits in _KNOWN if fits(words)), None)


def _having(*phrases: str, without: str = "\0") -> Callable[[str], bool]:
    return lambda words: all(phrase in words for phrase in phrases) and without not in words


def _titled(title: str) -> Callable[[str], bool]:
    """Named by its title at the start: one GNU licence quotes the titles of the others."""
    return lambda words: title in words[:400]


_PERMISSION = "permission is hereby granted free of charge to any person obtaining a copy"
_BSD = "redistribution and use in source and binary forms"
_ENDORSE = "to endorse or promote products derived from this software"
_ADVERTISING = "all advertising materials mentioning features"

# In an order in which a licence that quotes another comes before it.
_KNOWN: tuple[tuple[str, Callable[[str], bool]], ...] = (
    ("AGPL-3.0", _titled("gnu affero general public license version 3")),
    ("LGPL-3.0", _titled("gnu lesser general public license version 3")),
    ("LGPL-2.1", _titled("gnu lesser general public license version 2.1")),
    ("GPL-3.0", _titled("gnu general public license version 3")),
    ("GPL-2.0", _titled("gnu general public license version 2")),
    ("EUPL-1.2", _titled("european union public license v. 1.2")),
    ("MPL-2.0", _titled("mozilla public license version 2.0")),
    ("Apache-2.0", _having("apache license version 2.0")),
    ("CC-BY-4.0", _titled("attribution 4.0 international")),
    ("CC0-1.0", _having("cc0 1.0 universal")),
    (
        "Unlicense",
        _having("this is free and unencumbered software released into the public domain"),
    ),
    (
        "MIT-0",
        _having(_PERMISSION, without="the above copyright notice and this permission notice"),
    ),
    ("MIT", _having(_PERMISSION, "the above copyright notice and this permission notice")),
    ("BSD-4-Clause", _having(_BSD, _ADVERTISING)),
    ("BSD-3-Clause", _having(_BSD, _ENDORSE)),
    ("BSD-2-Clause", _having(_BSD, "must reproduce the above copyright notice")),
    (
        "ISC",
        _having("permission to use copy modify and or distribute this software for any purpose"),
    ),
)
