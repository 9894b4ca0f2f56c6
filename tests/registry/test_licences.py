"""What may be written as a licence, and what is said of what may not."""

import pytest

from registry.licences import COMMON, licence_normalised


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("MIT", "MIT"),
        (" mit ", "MIT"),
        ("gpl-3.0", "GPL-3.0-only"),
        ("mit or apache-2.0", "MIT OR Apache-2.0"),
        (
            "GPL-2.0-or-later with Classpath-exception-2.0",
            "GPL-2.0-or-later WITH Classpath-exception-2.0",
        ),
        ("LicenseRef-ours", "LicenseRef-ours"),
        ("none", "NONE"),
        ("", ""),
    ],
)
def test_a_licence_is_kept_as_spdx_spells_it(typed, kept):
    assert licence_normalised(typed) == kept
    assert licence_normalised(kept) == kept


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("Apache 2", "Apache-2.0"),
        ("BSD", "BSD-3-Clause"),
        ("GPLv3", "GPL-3.0-or-later"),
        ("CC BY 4.0", "CC-BY-4.0"),
        ("MIT OR Apache2.0", "Apache-2.0"),
    ],
)
def test_what_is_unknown_is_named_with_what_is_near(typed, said):
    with pytest.raises(ValueError, match="Do you mean") as refused:
        licence_normalised(typed)
    assert said in str(refused.value)
    assert "Write NONE if you grant no licence." in str(refused.value)


@pytest.mark.parametrize("typed", ["MIT AND", "((", "AND", "MIT MIT", "MIT\0", "(" * 500])
def test_what_is_no_expression_is_refused_with_an_example(typed):
    with pytest.raises(ValueError, match="MIT"):
        licence_normalised(typed)


@pytest.mark.parametrize("name", COMMON)
def test_every_suggestion_is_a_licence(name):
    assert licence_normalised(name) == name
