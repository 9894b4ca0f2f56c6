"""The environment variables of a model's containers, wherever they run."""

from collections.abc import Mapping

from registry.spec.manifest import Manifest

COMMON_ENVIRONMENT: Mapping[str, str] = {
    "HOME": "/tmp",  # noqa: S108 — the container's own, a fresh tmpfs
    "LC_ALL": "C.UTF-8",
    "MPLBACKEND": "Agg",
    # Open MPI: ranks beyond the cores, and no reading of each other's memory, which seccomp denies.
    "OMPI_MCA_btl_vader_single_copy_mechanism": "none",
    "OMPI_MCA_rmaps_base_oversubscribe": "1",
    "PRTE_MCA_rmaps_default_mapping_policy": ":oversubscribe",
    "PYTHONDONTWRITEBYTECODE": "1",
    "PYTHONUNBUFFERED": "1",
    "QT_QPA_PLATFORM": "offscreen",
    "TZ": "UTC",
}
_THREADS = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMEXPR_NUM_THREADS")
_SEEDS = ("PYTHONHASHSEED", "REPRISE_SEED")


def environment_for(manifest: Manifest, *, seed: int | None = None) -> dict[str, str]:
    """The environment variables of a model's containers, with what it pins for determinism.

    `seed` is that of one run of a stochastic model; without it, the declared one holds.
    """
    pinned, declared = dict(COMMON_ENVIRONMENT), manifest.determinism
    chosen = declared.seed if seed is None else seed
    if declared.threads:
        pinned.update(dict.fromkeys(_THREADS, str(declared.threads)))
    if chosen is not None:
        pinned.update(dict.fromkeys(_SEEDS, str(chosen)))
    return pinned
