"""Fewer numbers to draw, so that a drawing stays small and every spike stays in it."""

import numpy as np
from numpy.typing import NDArray

from runners.figures.pairs import Floats

MOST_POINTS = 2000


def thinned(places: Floats, values: Floats, most: int = MOST_POINTS) -> tuple[Floats, Floats]:
    """At most `most` points of a line: of each stretch of it, the lowest and the highest.

    What is not finite is left out as a gap (NaN).
    """
    values = np.where(np.isfinite(values), values, np.nan)
    if values.size <= most:
        return places, values
    width = -(-2 * values.size // most)
    rows = _padded(values, width).reshape(-1, width)
    hollow = np.isnan(rows)
    ends = np.stack(
        [
            np.argmin(np.where(hollow, np.inf, rows), axis=1),
            np.argmax(np.where(hollow, -np.inf, rows), axis=1),
        ],
        axis=1,
    )
    kept = (np.sort(ends, axis=1) + width * np.arange(len(rows))[:, None]).ravel()
    kept = kept[kept < values.size]
    return places[kept], values[kept]


def thinned_map(values: Floats, *, most: int) -> Floats:
    """A map of at most `most` numbers each way: of each block, the one that is largest in size."""
    values = np.where(np.isfinite(values), values, np.nan)
    steps = [-(-length // most) for length in values.shape]
    if steps == [1, 1]:
        return values
    for axis, step in enumerate(steps):
        values = _largest(values, step, axis)
    return values


def _largest(values: Floats, step: int, axis: int) -> Floats:
    """Along one axis, of every `step` numbers the one that is largest in size."""
    turned = np.moveaxis(values, axis, 0)
    short = -len(turned) % step
    filler = np.full((short, *turned.shape[1:]), np.nan)
    blocks = np.concatenate([turned, filler]).reshape(-1, step, *turned.shape[1:])
    size = np.where(np.isnan(blocks), -1.0, np.abs(blocks))
    picked = np.take_along_axis(blocks, size.argmax(axis=1)[:, None], axis=1)[:, 0]
    return np.moveaxis(picked, 0, axis)


def _padded(values: Floats, width: int) -> NDArray[np.float64]:
    return np.concatenate([values, np.full(-values.size % width, np.nan)])
