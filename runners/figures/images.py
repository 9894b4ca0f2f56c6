"""Pictures side by side, with a map of where they differ."""

import io
from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from runners.figures.drawing import MOST_BYTES, Drawing
from runners.figures.pairs import Floats, as_floats
from runners.figures.thinning import thinned_map

Pixels = NDArray[np.uint8]

_SIDES = (512, 256, 128)  # pixels of a picture's longer side, fewer where the file gets too large
_SMALL = 192
_GAP = 16
_PAPER, _GREY = 255, 230
# Of the map: the smallest difference is to be seen as well.
_FAINTEST, _STRONGEST = np.array([246, 190, 150.0]), np.array([150, 40, 0.0])
_CHANNELS = 3


def picture_drawing(
    produced: NDArray[np.generic], expected: NDArray[np.generic]
) -> Iterator[Drawing]:
    """Expected, produced and their difference as one PNG; nothing where no pixels differ.

    Both are height × width or height × width × channels, of one size and any real type; of two
    sizes nothing is drawn.
    """
    if produced.shape != expected.shape or not produced.size:
        return
    ours, theirs = as_floats(produced), as_floats(expected)
    off = np.abs(np.nan_to_num(ours) - np.nan_to_num(theirs))
    off = off.max(axis=2) if off.ndim > 2 else off  # noqa: PLR2004 — channels are the third axis
    if not off.any():
        return
    top = _top(produced, ours, theirs)
    for side in _SIDES:
        panels = [_shown(theirs, top, side), _shown(ours, top, side), _difference(off, side)]
        content = _png([_enlarged(panel) for panel in panels])
        if len(content) <= MOST_BYTES:
            yield Drawing(
                content=content,
                suffix="png",
                caption="Expected, produced, and where they differ: the darker, the more.",
                alternative=_words(off, top),
            )
            return


def _top(produced: NDArray[np.generic], *sides: Floats) -> float:
    """What is shown as white: 255 where that is the scale, else the largest number there is."""
    largest = max(float(side[np.isfinite(side)].max(initial=0.0)) for side in sides)
    return 255.0 if produced.dtype == np.uint8 and largest > 1 else largest or 1.0


def _shown(values: Floats, top: float, side: int) -> Pixels:
    """The picture as red, green and blue, thinned by leaving pixels out."""
    step = -(-max(values.shape[:2]) // side)
    seen = np.nan_to_num(values[::step, ::step])
    seen = np.clip(seen / top, 0, 1) * _PAPER
    if seen.ndim == 2 or seen.shape[2] < _CHANNELS:  # noqa: PLR2004 — grey, or grey and its alpha
        grey = seen if seen.ndim == 2 else seen[:, :, 0]  # noqa: PLR2004
        seen = np.repeat(grey[:, :, None], _CHANNELS, axis=2)
    return seen[:, :, :_CHANNELS].astype(np.uint8)


def _difference(off: Floats, side: int) -> Pixels:
    """Grey where nothing differs; else the stronger, the more."""
    step = -(-max(off.shape) // side)
    seen = thinned_map(off, most=-(-max(off.shape) // step))[:, :, None]
    strength = seen / (float(seen.max()) or 1.0)
    colours = _FAINTEST + strength * (_STRONGEST - _FAINTEST)
    return np.where(seen > 0, colours, _GREY).astype(np.uint8)


def _enlarged(panel: Pixels) -> Pixels:
    """A small picture with every pixel as a square that one can see."""
    times = max(1, _SMALL // max(panel.shape[:2]))
    return panel.repeat(times, axis=0).repeat(times, axis=1)


def _png(panels: list[Pixels]) -> bytes:
    height = max(panel.shape[0] for panel in panels)
    columns: list[Pixels] = []
    for panel in panels:
        short = height - panel.shape[0]
        columns += [np.pad(panel, ((0, short), (0, _GAP), (0, 0)), constant_values=_PAPER)]
    sides = ((_GAP, _GAP), (_GAP, 0), (0, 0))
    whole = np.pad(np.concatenate(columns, axis=1), sides, constant_values=_PAPER)
    stream = io.BytesIO()
    Image.fromarray(whole).save(stream, format="PNG", optimize=True)
    return stream.getvalue()


def _words(off: Floats, top: float) -> str:
    rows, columns = off.shape
    places = np.argwhere(off > 0)
    (first, left), (last, right) = places.min(axis=0), places.max(axis=0)
    share = 100 * len(places) / off.size
    return (
        f"The expected and the produced picture, {columns} by {rows} pixels, and a map of where "
        f"they differ: {len(places):,} pixels ({share:.2g}%), by at most {off.max():.4g} of "
        f"{top:.4g}, between rows {first} and {last}, columns {left} and {right}."
    )
