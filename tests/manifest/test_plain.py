"""Files made to hurt whoever parses them."""

import pytest

from runners.manifest.plain import load_toml, toml_value
from tests.trees import MemoryTree


def test_a_key_of_very_many_parts_is_refused_before_it_costs_minutes():
    text = ".".join(["a"] * 150_000) + " = 1\n"
    with pytest.raises(ValueError, match="dots"):
        toml_value(text)
    assert load_toml(MemoryTree({"pyproject.toml": text}), "pyproject.toml") == {}


def test_values_nested_too_deep_are_refused():
    with pytest.raises(ValueError, match="nested"):
        toml_value("a = " + "[" * 50_000)
