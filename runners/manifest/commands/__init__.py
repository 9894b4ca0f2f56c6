"""How a model is run and what it should give, read from what people already have.

Each reader looks at one kind of file and says what stands there; a broken file says nothing.
"""

from collections.abc import Callable

from registry.spec.ladder import Origin
from runners.manifest.commands.codecheck import read_codecheck
from runners.manifest.commands.cog import read_cog
from runners.manifest.commands.dvc import read_dvc
from runners.manifest.commands.mlproject import read_mlproject
from runners.manifest.commands.rdf import read_rdf
from runners.manifest.commands.reana import read_reana
from runners.manifest.commands.said import Said
from runners.manifest.commands.snakefile import read_snakefile
from runners.tree import Tree

Reader = Callable[[Tree], Said]

# In the order of trust; see docs/manifest.md, "Where the rest is read".
COMMAND_READERS: tuple[tuple[Origin, Reader], ...] = (
    (Origin.REANA, read_reana),
    (Origin.MLPROJECT, read_mlproject),
    (Origin.DVC, read_dvc),
    (Origin.SNAKEFILE, read_snakefile),
    (Origin.COG, read_cog),
)
# What knows results, and no command that computes them.
EXPECTED_READERS: tuple[tuple[Origin, Reader], ...] = (
    (Origin.RDF, read_rdf),
    (Origin.CODECHECK, read_codecheck),
)

__all__ = ["COMMAND_READERS", "EXPECTED_READERS", "Reader", "Said"]
