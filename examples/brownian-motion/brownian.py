"""Brownian motion of a small sphere: how far it goes, and the coefficient of its diffusion."""

import json
import math
import os
import sys
from pathlib import Path

import numpy as np

BOLTZMANN = 1.380649e-23  # J/K
TEMPERATURE = 293.15  # K
VISCOSITY = 1.0e-3  # Pa s, water
RADIUS = 0.5e-6  # m


def stokes_einstein(radius: float = RADIUS) -> float:
    """The coefficient of diffusion of a sphere in µm²/s, from its radius in metres."""
    return BOLTZMANN * TEMPERATURE / (6 * math.pi * VISCOSITY * radius) * 1e12


def displacements(spheres: int, seconds: float, steps: int, seed: int) -> np.ndarray:
    """Along one axis, in µm: the sum of `steps` independent kicks for each sphere."""
    kick = math.sqrt(2 * stokes_einstein() * seconds / steps)
    signs = np.random.default_rng(seed).choice([-1.0, 1.0], size=(spheres, steps))
    # Kicks of random size and sign; that their sum is a normal distribution is the point.
    sizes = np.random.default_rng(seed + 1_000_003).uniform(0, math.sqrt(3), signs.shape)
    return (signs * sizes).sum(axis=1) * kick


def main(folder: Path) -> None:
    """Follow 8,000 spheres for ten seconds and write what was seen."""
    seed = int(os.environ.get("REPRISE_SEED", "1905"))
    seen = displacements(spheres=8000, seconds=10.0, steps=200, seed=seed)
    folder.mkdir(exist_ok=True)
    np.save(folder / "displacements.npy", seen)
    summary = {"diffusion": float(np.mean(seen**2) / (2 * 10.0)), "mean": float(seen.mean())}
    (folder / "diffusion.json").write_text(json.dumps(summary, indent=2) + "\n")


if __name__ == "__main__":
    main(Path(sys.argv[1] if len(sys.argv) > 1 else "results"))
