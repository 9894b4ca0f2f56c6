"""The Lotka-Volterra equations of predator and prey, integrated by the classical Runge-Kutta method.

    dx/dt =  alpha x - beta x y        (prey)
    dy/dt = -gamma y + delta x y       (predator)

The quantity V = delta x - gamma ln x + beta y - alpha ln y is conserved, which tells how good an
integration is. All quantities are dimensionless.
"""

import json
from dataclasses import dataclass
from pathlib import Path

import numpy as np


@dataclass(frozen=True)
class Parameters:
    """Rates of growth and interaction."""

    alpha: float = 1.1
    beta: float = 0.4
    gamma: float = 0.4
    delta: float = 0.1


def rates(state, p):
    """The time derivative of (prey, predator)."""
    x, y = state
    return np.array([p.alpha * x - p.beta * x * y, -p.gamma * y + p.delta * x * y])


def step(state, dt, p):
    """One Runge-Kutta step of fourth order."""
    k1 = rates(state, p)
    k2 = rates(state + dt / 2 * k1, p)
    k3 = rates(state + dt / 2 * k2, p)
    k4 = rates(state + dt * k3, p)
    return state + dt / 6 * (k1 + 2 * k2 + 2 * k3 + k4)


def integrate(start, *, steps, dt, p=Parameters()):
    """The orbit from `start`: an array of shape (steps + 1, 2)."""
    orbit = np.empty((steps + 1, 2))
    orbit[0] = start
    for n in range(steps):
        orbit[n + 1] = step(orbit[n], dt, p)
    return orbit


def invariant(orbit, p=Parameters()):
    """The conserved quantity V along an orbit, shape (n,)."""
    x, y = orbit[..., 0], orbit[..., 1]
    return p.delta * x - p.gamma * np.log(x) + p.beta * y - p.alpha * np.log(y)


def main():
    """Read the parameters; write the orbit and what is conserved along it."""
    given = json.loads(Path("parameters.json").read_text())
    p = Parameters(*(given[rate] for rate in ("alpha", "beta", "gamma", "delta")))
    dt, steps = 0.01, 4000
    orbit = integrate((given["prey"], given["predator"]), steps=steps, dt=dt, p=p)
    times = dt * np.arange(steps + 1)
    rows = np.column_stack([times, orbit])[::20]
    results = Path("results")
    results.mkdir(exist_ok=True)
    np.savetxt(
        results / "orbit.csv", rows, delimiter=",", header="time,prey,predator", comments="", fmt="%.12g"
    )
    v = invariant(orbit, p)
    summary = {
        "invariant": float(v[0]),
        "largest_drift": float(np.abs(v - v[0]).max()),
        "largest_prey": float(orbit[:, 0].max()),
        "largest_predator": float(orbit[:, 1].max()),
        "steps": steps,
    }
    (results / "summary.json").write_text(json.dumps(summary, indent=2) + "\n")
    print(json.dumps(summary, indent=2))


if __name__ == "__main__":
    main()
