from importlib.metadata import distribution

import pytest

from runners.manifest import recognise_licence
from tests.trees import MemoryTree

GRANT = "Permission is hereby granted, free of charge, to any person obtaining a copy of\n this"
NOTICE = "The above copyright notice and this permission notice shall be included in all copies."
MIT = f"The MIT License\n\nCopyright (c) 2024 A. Lotka\n\n{GRANT} …\n\n{NOTICE}\n"
BSD_2 = """Redistribution and use in source and binary forms, with or without modification:
1. Redistributions of source code must retain the above copyright notice.
2. Redistributions in binary form must reproduce the above copyright notice.
"""
BSD_3 = (
    BSD_2
    + """3. Neither the name of the copyright holder nor the names of its contributors may be
   used to endorse or promote products derived from this software without permission."""
)
GPL_3 = "GNU GENERAL PUBLIC LICENSE\n  Version 3, 29 June 2007\n … Affero General Public License …"
GPL_2 = (
    "  GNU GENERAL PUBLIC LICENSE\n     Version 2, June 1991\n … Lesser General Public License …"
)
ISC = """Permission to use, copy, modify, and/or distribute this software for any purpose with or
without fee is hereby granted, provided that the above copyright notice and this permission notice
appear in all copies."""
TEXTS = {
    "MIT": MIT,
    "BSD-2-Clause": BSD_2,
    "BSD-3-Clause": BSD_3,
    "GPL-2.0": GPL_2,
    "GPL-3.0": GPL_3,
    "LGPL-2.0": "GNU LIBRARY GENERAL PUBLIC LICENSE\nVersion 2, June 1991",
    "LGPL-2.1": "GNU LESSER GENERAL PUBLIC LICENSE\nVersion 2.1, February 1999",
    "LGPL-3.0": "GNU LESSER GENERAL PUBLIC LICENSE\nVersion 3, 29 June 2007\n … of the GNU GPL",
    "AGPL-3.0": "GNU AFFERO GENERAL PUBLIC LICENSE\n  Version 3, 19 November 2007",
    "MPL-2.0": "Mozilla Public License Version 2.0\n====",
    "Apache-2.0": "      Apache License\n  Version 2.0, January 2004",
    "CC-BY-4.0": "Creative Commons Attribution 4.0 International Public License",
    "CC0-1.0": "CC0 1.0 Universal",
    "EUPL-1.2": "EUROPEAN UNION PUBLIC LICENCE v. 1.2\nEUPL © the European Union 2007, 2016",
    "Unlicense": "This is free and unencumbered software released into the public domain.",
    "ISC": ISC,
}


@pytest.mark.parametrize("name", TEXTS)
def test_a_licence_is_known_by_its_words(name):
    assert recognise_licence(MemoryTree({"LICENSE": TEXTS[name]})) == name


@pytest.mark.parametrize(
    ("package", "name"),
    [
        ("numpy", "BSD-3-Clause"),
        ("pygments", "BSD-2-Clause"),
        ("requests", "Apache-2.0"),
        ("psycopg", "LGPL-3.0"),
        ("pytest", "MIT"),
        ("certifi", "MPL-2.0"),
    ],
)
def test_the_licence_files_of_real_packages_are_known(package, name):
    files = distribution(package).files or []
    path = next(file for file in files if file.name.startswith("LICENSE"))
    assert recognise_licence(MemoryTree({"LICENSE.txt": path.read_binary()})) == name


def test_what_is_quoted_below_a_licence_does_not_count():
    assert (
        recognise_licence(MemoryTree({"LICENSE": MIT + "\nThird parties:\n" + TEXTS["Apache-2.0"]}))
        == "MIT"
    )


@pytest.mark.parametrize(
    "path", ["LICENSE", "LICENCE.md", "license.txt", "COPYING", "LICENSE-MIT", "LICENSES/MIT.txt"]
)
def test_the_usual_file_names_are_found(path):
    assert recognise_licence(MemoryTree({path: MIT})) == "MIT"


def test_the_lesser_licence_goes_before_the_one_it_amends():
    files = {"COPYING": GPL_3, "COPYING.LESSER": TEXTS["LGPL-3.0"]}
    assert recognise_licence(MemoryTree(files)) == "LGPL-3.0"


def test_what_the_metadata_say_goes_before_the_text():
    files = {"LICENSE": GPL_3, "CITATION.cff": "license: GPL-3.0-or-later"}
    assert recognise_licence(MemoryTree(files)) == "GPL-3.0-or-later"


def test_an_unknown_text_and_no_text_are_no_licence():
    assert recognise_licence(MemoryTree({"LICENSE": "All rights reserved."})) is None
    assert recognise_licence(MemoryTree({"src/LICENSE": MIT})) is None
    assert recognise_licence(MemoryTree({"LICENSE": b"\xff" * 400_000})) is None
