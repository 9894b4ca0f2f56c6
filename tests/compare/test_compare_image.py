import io
import struct
import zlib

import numpy as np
import pytest
from compare_helpers import compared, image
from PIL import Image

PIXELS = (np.arange(4 * 6 * 3) * 3).reshape(4, 6, 3).astype(np.uint8)


def changed(by: int) -> np.ndarray:
    pixels = PIXELS.copy()
    pixels[2, 5, 1] += by
    return pixels


def test_a_pixel_is_named_by_row_column_and_channel():
    comparison = compared("e.png", image(changed(7)), image(PIXELS))
    assert comparison.message == (
        "1 of 72 values of pixels differ; it is pixel [2, 5], G: 163 instead of 156."
    )


def test_the_tolerance_is_in_the_values_of_pixels():
    both = image(changed(2)), image(PIXELS)
    assert compared("e.png", *both, atol=2).agrees
    assert not compared("e.png", *both, atol=1).agrees
    assert "too loose" in compared("e.png", *both, atol=3).message


def test_a_share_of_the_values_may_be_allowed_to_differ():
    expected = np.zeros((100, 100), np.uint8)
    produced = expected.copy()
    produced[3, 4] = 255
    both = image(produced), image(expected)
    assert compared("e.png", *both, max_mismatch_ppm=100).agrees
    assert not compared("e.png", *both, max_mismatch_ppm=99).agrees


def test_the_same_pixels_agree_however_the_file_was_written():
    assert compared("e.png", image(PIXELS, compress_level=0), image(PIXELS)).agrees
    assert compared("e.png", image(PIXELS, "BMP"), image(PIXELS, "TIFF")).agrees


def test_a_palette_does_not_count_but_its_colours_do():
    grey = np.repeat(np.arange(24, dtype=np.uint8).reshape(4, 6, 1), 3, axis=2)
    stream = io.BytesIO()
    Image.fromarray(grey).quantize(256).save(stream, "PNG")
    assert compared("e.png", stream.getvalue(), image(grey)).agrees


@pytest.mark.parametrize(
    ("produced", "detail"),
    [
        (image(PIXELS[:, :5]), "5 × 4 pixels instead of 6 × 4 pixels"),
        (image(PIXELS[:, :, 0]), "mode L instead of RGB"),
        (
            image(PIXELS, "GIF", save_all=True, append_images=[Image.fromarray(changed(50))]),
            "2 frames instead of 1",
        ),
    ],
    ids=["size", "mode", "frames"],
)
def test_a_difference_of_form_is_a_mismatch(produced, detail):
    comparison = compared("e.png", produced, image(PIXELS), rtol=1e-2)
    assert not comparison.agrees
    assert detail in comparison.message


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def _png(width: int, height: int, depth: int, colour: int, data: bytes) -> bytes:
    header = struct.pack(">IIBBBBB", width, height, depth, colour, 0, 0, 0)
    parts = _chunk(b"IHDR", header), _chunk(b"IDAT", zlib.compress(data)), _chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + b"".join(parts)


@pytest.mark.parametrize(
    ("produced", "reason"),
    [
        (_png(100_000, 100_000, 8, 0, b""), "is not a sound image"),
        (_png(20_000, 20_000, 8, 0, bytes(10_000)), "unpacks to more than 266 MB"),
        (_png(2, 1, 16, 2, bytes(13)), "has colours of 16 bits"),
        (image(PIXELS)[:50], "is not a sound image"),
        (b"", "is not a sound image"),
        (b"%PDF-1.4", "is not a sound image"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "is not a sound image"),
    ],
    ids=["huge", "bomb", "16-bits", "cut", "nothing", "document", "drawing"],
)
def test_hostile_images_become_a_sentence(produced, reason):
    comparison = compared("e.png", produced, image(PIXELS))
    assert not comparison.agrees
    assert reason in comparison.message
