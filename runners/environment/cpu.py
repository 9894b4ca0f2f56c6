"""CPU builds of large packages, where the site has them: gigabytes of CUDA serve nobody here."""

from collections.abc import Iterable

from packaging.utils import InvalidWheelFilename, canonicalize_name, parse_wheel_filename

# What brings torch along, so that its CPU build is to be asked for.
_BRING_TORCH = frozenset(
    {
        "accelerate", "botorch", "captum", "e3nn", "escnn", "fairscale", "fastai", "gpytorch",
        "kornia", "lightning", "mace-torch", "monai", "nequip", "neuraloperator", "nflows",
        "normflows", "opacus", "pyro-ppl", "pytorch-lightning", "pytorch-metric-learning",
        "sbi", "schnetpack", "sentence-transformers", "skorch", "stable-baselines3", "tianshou",
        "timm", "torch", "torch-ema", "torch-geometric", "torchani", "torchaudio", "torchdiffeq",
        "torchdyn", "torchinfo", "torchmetrics", "torchquad", "torchsde", "torchvision", "zuko",
    }
)  # fmt: skip


def cpu_constraints(
    wheels: Iterable[str], *, python: str, wanted: Iterable[str]
) -> tuple[str, ...]:
    """Constraints ("torch==2.13.0+cpu") that choose the site's CPU builds for `python`.

    `wheels` are names of wheel files, `wanted` names of distributions. Empty when nothing that is
    wanted has one.
    """
    if _BRING_TORCH.isdisjoint(canonicalize_name(name) for name in wanted):
        return ()
    tag = f"cp{python.replace('.', '')}"
    built = (_cpu_build(wheel, tag) for wheel in wheels)
    return tuple(sorted(each for each in built if each))


def _cpu_build(wheel: str, interpreter: str) -> str | None:
    try:
        name, version, _, tags = parse_wheel_filename(wheel)
    except InvalidWheelFilename:
        return None
    fits = any(tag.interpreter == interpreter for tag in tags)
    cpu = (version.local or "").startswith("cpu")
    return f"{name}=={version}" if fits and cpu and name == "torch" else None
