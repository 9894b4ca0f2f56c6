"""Which image serves which Python."""

import pytest

from runners.environment.bases import BASES, DEFAULT_IMAGE, SUITES, bases_held, suite_of


def test_of_two_images_of_a_python_the_official_one_is_taken():
    both = {"python:3.12-slim-bookworm", "python:3.12-slim-noble"}
    assert bases_held(both.__contains__) == {"3.12": "python:3.12-slim-bookworm"}
    assert bases_held({"python:3.12-slim-noble"}.__contains__) == {"3.12": "python:3.12-slim-noble"}


def test_a_python_whose_image_is_not_held_is_not_offered():
    assert bases_held({DEFAULT_IMAGE}.__contains__) == {"3.11": DEFAULT_IMAGE}
    assert bases_held(lambda image: False) == {}


@pytest.mark.parametrize("image", [image for images in BASES.values() for image in images])
def test_every_image_of_the_table_tells_its_release(image):
    assert image.endswith(suite_of(image))
    assert suite_of(image) in SUITES


def test_of_another_image_the_release_of_the_default_is_assumed():
    assert suite_of("python:3.9") == "bookworm"
