"""rdf.yaml: a model of the BioImage Model Zoo, with tensors to test it by."""

from collections.abc import Mapping
from typing import Any

from registry.spec.manifest import RTOL_CAP, Output
from runners.manifest import plain
from runners.manifest.commands.said import NOTHING, Said, is_elsewhere, paths
from runners.tree import Tree

NAMES = ("rdf.yaml", "bioimageio.yaml")
# What the format itself says where a model does not.
_RTOL = 1e-3


def read_rdf(tree: Tree) -> Said:
    """The test tensors: each output is to be written anew and to equal the committed one."""
    name = next((name for name in NAMES if name in tree), None)
    document = plain.load_yaml(plain.content(tree, name)) if name else {}
    if not name or document.get("type") != "model":
        return NOTHING
    rtol, atol = _tolerance(document)
    committed = [path for path in _tensors(document, "output") if path in tree]
    sentence = (
        f"{name} names {', '.join(committed)} as what the model gives for "
        f"{', '.join(_tensors(document, 'input')) or 'its test input'}: name as run, in "
        "reprise.toml, a command that computes it anew under the same name."
    )
    return Said(
        outputs=tuple(
            Output(path=path, expected=path, kind="npy", rtol=rtol, atol=atol) for path in committed
        ),
        missing=(sentence,) if committed else (),
    )


def _tensors(document: Mapping[str, Any], which: str) -> tuple[str, ...]:
    """The test tensors that lie in the repository, in the format's older or newer form."""
    older = plain.several(document.get(f"test_{which}s"))
    described = map(plain.mapping, plain.several(document.get(f"{which}s")))
    newer = [one.get("test_tensor") for one in described]
    sources = [plain.mapping(one).get("source") or one for one in (*older, *newer)]
    return tuple(p for p in paths(sources) if p.endswith(".npy") and not is_elsewhere(p))


def _tolerance(document: Mapping[str, Any]) -> tuple[float, float]:
    """Relative and absolute, as the model declares them, else as the format does."""
    config = plain.mapping(plain.mapping(document.get("config")).get("bioimageio"))
    given = plain.several(config.get("reproducibility_tolerance"))
    first = plain.mapping(next(iter(given), None))
    rtol = _number(first.get("relative_tolerance"), _RTOL)
    return min(rtol, RTOL_CAP), _number(first.get("absolute_tolerance"), 0.0)


def _number(value: object, otherwise: float) -> float:
    """A number that is finite and not negative."""
    try:
        number = float(plain.text(value, 40))
    except ValueError:
        return otherwise
    return number if 0 <= number < 1 else otherwise
