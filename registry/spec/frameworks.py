"""Which frameworks of the field a model stands on, read off what was installed."""

from registry.spec.environments import versions_of
from registry.spec.evidence import Report

# Normalised name of a distribution → what people call it. The order is that of a list.
FRAMEWORKS: dict[str, str] = {
    "torch": "PyTorch",
    "tensorflow": "TensorFlow",
    "tensorflow-cpu": "TensorFlow",
    "jax": "JAX",
    "scikit-learn": "scikit-learn",
    "xgboost": "XGBoost",
    "neuron": "NEURON",
    "brian2": "Brian 2",
    "nest-simulator": "NEST",
    "openmm": "OpenMM",
    "rdkit": "RDKit",
    "fenics-dolfinx": "FEniCS",
    "qutip": "QuTiP",
    "qiskit": "Qiskit",
    "astropy": "Astropy",
    "networkx": "NetworkX",
    "pandas": "pandas",
    "scipy": "SciPy",
    "numpy": "NumPy",
}
# What nearly everything else brings along is named only where nothing else is.
_GENERAL = ("pandas", "SciPy", "NumPy")
_OTHER_LANGUAGES = {"Rscript": "R", "R": "R", "julia": "Julia", "octave": "Octave"}
PYTHON_ALONE = "Python alone"


def frameworks_of(report: Report) -> tuple[str, ...]:
    """The frameworks in a run's environment, in the table's order; () where none was built.

    Of NumPy, SciPy and pandas the one that builds on the others is named, and only when there is
    nothing more telling.
    """
    if not report.environment.python and not report.environment.packages:
        return ()
    installed = versions_of(report.environment.packages)
    found = dict.fromkeys(label for name, label in FRAMEWORKS.items() if name in installed)
    telling = [label for label in found if label not in _GENERAL]
    named = (*_languages(report), *(telling or list(found)[:1]))
    return tuple(dict.fromkeys(named)) or (PYTHON_ALONE,)


def _languages(report: Report) -> list[str]:
    """Other languages, by the programs that the commands of tests and model name."""
    commands = [run.command for run in report.inference]
    commands += [report.tests.command] if report.tests else []
    words = [word for command in commands for part in command for word in part.split()]
    return [_OTHER_LANGUAGES[word] for word in words if word in _OTHER_LANGUAGES]
