"""codecheck.yml: the files that a CODECHECK compared with the article."""

from registry.spec.manifest import Output
from runners.compare import kind_of
from runners.manifest import plain
from runners.manifest.commands.said import Said, paths
from runners.tree import Tree

NAMES = ("codecheck.yml", "codecheck.yaml")
# Where a codechecker keeps the files as they came out of the check.
_KEPT = "codecheck/outputs"


def read_codecheck(tree: Tree) -> Said:
    """The outputs of its manifest; those that were committed are what they must equal.

    Pictures and documents are expected to be written, but not to equal the committed ones: their
    bytes change with the version of the program that draws them.
    """
    name = next((name for name in NAMES if name in tree), None)
    document = plain.load_yaml(plain.content(tree, name)) if name else {}
    listed = map(plain.mapping, plain.several(document.get("manifest")))
    files = paths([one.get("file") for one in listed])
    outputs = tuple(Output(path=path, expected=_expected(tree, path)) for path in files)
    return Said(outputs=outputs, for_any_run=True)


def _expected(tree: Tree, path: str) -> str | None:
    if kind_of(path) in ("bytes", "image", "notebook"):
        return None
    return next((p for p in (path, f"{_KEPT}/{path}") if p in tree), None)
