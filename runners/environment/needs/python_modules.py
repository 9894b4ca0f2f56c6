"""Python modules that want a program or a library which no wheel brings."""

import re
from collections.abc import Mapping

from runners.environment.imports import imports_of
from runners.environment.needs.need import Needs
from runners.environment.needs.survey import own_files, texts
from runners.tree import Tree

_OPENGL = "libgl1 libxrender1 libxext6"
_QT = f"{_OPENGL} libegl1 libglib2.0-0 libfontconfig1 libdbus-1-3 libxkbcommon0"
_BUILD = "build-essential python3-dev"
# The imported module, and what it needs to be installed or to run.
_MODULES: Mapping[str, str] = {
    "PyQt5": _QT,
    "PyQt6": _QT,
    "PySide2": _QT,
    "PySide6": _QT,
    "brian2": "g++",
    "cairo": f"libcairo2-dev pkg-config {_BUILD}",
    "cmdstanpy": _BUILD,
    "cppyy": _BUILD,
    "cv2": "libgl1 libglib2.0-0",
    "gmsh": "libglu1-mesa libxcursor1 libxinerama1 libxft2",
    "graphviz": "graphviz",
    "jpype": "default-jre-headless",
    "mayavi": _OPENGL,
    "moviepy": "ffmpeg",
    "mpi4py": f"libopenmpi-dev openmpi-bin {_BUILD}",
    "oct2py": "octave",
    "pyaudio": f"portaudio19-dev {_BUILD}",
    "pydot": "graphviz",
    "pydotplus": "graphviz",
    "pygraphviz": f"graphviz libgraphviz-dev pkg-config {_BUILD}",
    "pyjags": f"jags pkg-config {_BUILD}",
    "pyspark": "default-jre-headless",
    "pytensor": "g++ python3-dev",
    "pyvista": _OPENGL,
    "rpy2": "r-base-dev",
    "theano": "g++ python3-dev",
    "vedo": _OPENGL,
    "vtk": _OPENGL,
}
# What a line of source asks for beyond its imports.
_LINES: tuple[tuple[re.Pattern[str], str], ...] = (
    (re.compile(r"FFMpegWriter|writer\s*=\s*['\"]ffmpeg|writers\[['\"]ffmpeg"), "ffmpeg"),
    (re.compile(r"^[ \t]*(?:import|from) (?:[Tt]kinter|turtle)\b", re.MULTILINE), "python3-tk"),
    (re.compile(r"from rdkit\.Chem import [^\n]*\bDraw\b|rdkit\.Chem\.Draw\b"),
     "libxrender1 libxext6"),
)  # fmt: skip
MATLAB_ENGINE = "matlab.engine is imported: Matlab needs a licence and is not here"


def modules_beyond_pip(tree: Tree) -> Needs | None:
    """What the imported modules, and a few other lines, need of Debian.

    LaTeX for text.usetex is a gigabyte: it waits for a log that misses it.
    """
    imported = imports_of(tree).all
    sources = [text for _, text in texts(tree, own_files(tree, frozenset({".py"})))]
    wanted = [_MODULES[module] for module in imported if module in _MODULES]
    wanted += [packages for line, packages in _LINES if any(map(line.search, sources))]
    packages = dict.fromkeys(" ".join(wanted).split())
    notes = (MATLAB_ENGINE,) if "matlab" in imported else ()
    return Needs(system_packages=tuple(packages), notes=notes) if packages or notes else None
