"""The motion of a harmonic oscillator, by the method of Störmer and Verlet."""

import csv
from pathlib import Path


def orbit(*, steps: int, step: float) -> list[tuple[float, float, float]]:
    """Time, place and velocity of an oscillator that starts at 1 at rest."""
    place, velocity = 1.0, 0.0
    rows = [(0.0, place, velocity)]
    for number in range(1, steps + 1):
        half = velocity - place * step / 2
        place += half * step
        velocity = half - place * step / 2
        rows.append((number * step, place, velocity))
    return rows


def main() -> None:
    """Write the orbit."""
    target = Path("results/orbit.csv")
    target.parent.mkdir(exist_ok=True)
    with target.open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["time", "place", "velocity"])
        writer.writerows([f"{value:.12g}" for value in row] for row in orbit(steps=20, step=0.125))


if __name__ == "__main__":
    main()
