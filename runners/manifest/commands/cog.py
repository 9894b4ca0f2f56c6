"""cog.yaml: a model packed with Cog. Its predictor waits for an input, so nothing can be run."""

from runners.manifest import plain
from runners.manifest.commands.said import NOTHING, Said
from runners.tree import Tree

NAME = "cog.yaml"


def read_cog(tree: Tree) -> Said:
    """What to do about the predictor that it names."""
    predictor = plain.text(plain.load_yaml(plain.content(tree, NAME)).get("predict"), 200)
    if not predictor:
        return NOTHING
    sentence = (
        f"{NAME} names {predictor}, which predicts from an input that it does not give: write a "
        "small script that calls it on one committed input and writes what comes out, and name "
        "it as run in reprise.toml."
    )
    return Said(missing=(sentence,))
