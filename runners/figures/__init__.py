"""Draws comparisons: what was expected, what was produced, and where the two differ.

`draw` is the one door. The numbers come from hostile files: every drawing is bounded in points,
bytes and number, and what cannot be drawn is left out; the verdict never rests on a drawing.
"""

from runners.figures.drawing import draw

__all__ = ["draw"]
