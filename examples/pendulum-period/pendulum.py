"""The period of a plane pendulum as a function of its amplitude.

The exact period is T = 4 sqrt(l/g) K(sin(amplitude / 2)), with the complete elliptic integral K,
computed here by the arithmetic-geometric mean: T = 2 pi sqrt(l/g) / agm(1, cos(amplitude / 2)).
Lengths in metres, times in seconds, angles in degrees.
"""

import csv
import math


def agm(a, b):
    """The arithmetic-geometric mean of two positive numbers."""
    while abs(a - b) > 1e-15 * a:
        a, b = (a + b) / 2, math.sqrt(a * b)
    return a


def period(amplitude, *, length=1.0, gravity=9.81):
    """The exact period in seconds at an amplitude in degrees."""
    return 2 * math.pi * math.sqrt(length / gravity) / agm(1, math.cos(math.radians(amplitude) / 2))


def main():
    with open("periods.csv", "w", newline="") as file:
        table = csv.writer(file)
        table.writerow(["amplitude_degrees", "period_seconds"])
        for amplitude in range(5, 95, 5):
            table.writerow([amplitude, f"{period(amplitude):.6f}"])


if __name__ == "__main__":
    main()
