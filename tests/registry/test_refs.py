"""Which names of refs versions are pulled by."""

import pytest
from django.utils import timezone

from registry.models import ModelVersion
from registry.selectors.refs import label_is_ref, version_refs


def version(number: int, label: str = "", *, published: bool = True) -> ModelVersion:
    return ModelVersion(
        number=number, label=label, published_at=timezone.now() if published else None
    )


def names(*versions: ModelVersion) -> dict[str, int]:
    return {name: one.number for name, one in version_refs(versions).items()}


def test_main_is_the_newest_published_version_whatever_the_order() -> None:
    found = names(version(2), version(3, published=False), version(1))
    assert found == {"refs/heads/main": 2, "refs/tags/v1": 1, "refs/tags/v2": 2}


def test_a_label_is_a_tag() -> None:
    assert names(version(1, "1.2.0"))["refs/tags/1.2.0"] == 1


def test_a_label_stays_with_the_older_version() -> None:
    found = names(version(1, "final"), version(2, "final"), version(3, "final/2"))
    assert found["refs/tags/final"] == 1
    assert "refs/tags/final/2" not in found


def test_a_label_takes_no_number_of_another_version() -> None:
    assert names(version(1, "v2"), version(2, "v1")) == names(version(1), version(2))


def test_nothing_published_has_no_names() -> None:
    assert names(version(1, "1.0", published=False)) == {}


@pytest.mark.parametrize(
    "label",
    ["", "main", "HEAD", "v7", "v1/x", "refs/x", "0" * 40, "a..b", "a b", ".a", "a.",
     "a.lock", "a.lock/b", "a//b", "/a", "a/", "-a", "a~1", "a:b", "a\n", "ä", "a@{1}"],
)  # fmt: skip
def test_these_are_no_tags(label: str) -> None:
    assert not label_is_ref(label)


@pytest.mark.parametrize(
    "label", ["1.2.0", "v1.2", "20240506", "release/2024", "2024-05-06", "1.0+cpu"]
)
def test_these_are_tags(label: str) -> None:
    assert label_is_ref(label)
