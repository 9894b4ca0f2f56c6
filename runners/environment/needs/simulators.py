"""Simulators and system tools of single fields that Debian has, by the files that they read."""

import re
from collections.abc import Mapping

from runners.environment.needs.need import Needs
from runners.environment.needs.survey import build_files, own_files, texts
from runners.tree import Tree

_FILES: Mapping[str, str] = {".ode": "xppaut", ".jags": "jags", ".gp": "gnuplot-nox",
                             ".gnuplot": "gnuplot-nox", ".plt": "gnuplot-nox"}  # fmt: skip
_PROGRAMS: Mapping[str, str] = {
    "FreeFem++": "freefem++",
    "getdp": "getdp",
    "jags": "jags",
    "lmp_mpi": "lammps",
    "lmp_serial": "lammps",
    "meep": "meep",
    "mpb": "mpb",
    "ngspice": "ngspice",
    "nwchem": "nwchem",
    "plink": "plink",
    "pw.x": "quantum-espresso",
    "scilab-cli": "scilab-cli",
    "xppaut": "xppaut",
}
_CALLED = re.compile(rf"(?<![\w./-])({'|'.join(map(re.escape, _PROGRAMS))})(?=[ \t]+[\w<./-])")


def simulator_sources(tree: Tree) -> Needs | None:
    """The simulators whose models stand in the tree, or which a script starts by name."""
    by_files = (
        package for ending, package in _FILES.items() if own_files(tree, frozenset({ending}))
    )
    called = {name for _, text in texts(tree, build_files(tree)) for name in _CALLED.findall(text)}
    packages = dict.fromkeys((*by_files, *(_PROGRAMS[name] for name in sorted(called))))
    return Needs(system_packages=tuple(packages)) if packages else None
