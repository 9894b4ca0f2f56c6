"""The ladder of verification and the words around it. Source: docs/verdicts.md."""

from enum import IntEnum, StrEnum


class Level(IntEnum):
    """How far an entry was verified. Each level includes all those below it."""

    REGISTERED = 0
    ARCHIVED = 1
    BUILDS = 2
    RUNS = 3
    REPEATABLE = 4
    REPRODUCED = 5
    SUSTAINED = 6

    @property
    def label(self) -> str:
        """The level's name as pages, badges and reports write it."""
        return self.name.lower()

    @classmethod
    def from_label(cls, label: str) -> "Level":
        """The level called `label`. Raises ValueError for a name that is none."""
        for level in cls:
            if level.label == label.lower():
                return level
        names = ", ".join(level.label for level in cls)
        raise ValueError(f"“{label}” is not a level. Choose one of: {names}.")


class Cause(StrEnum):
    """Why a level was missed."""

    FETCH = "fetch"
    RESOLVE = "resolve"
    BUILD = "build"
    IMPORT = "import"
    DATA = "data"
    TEST = "test"
    MISMATCH = "mismatch"
    NONDETERMINISTIC = "nondeterministic"
    TIMEOUT = "timeout"
    RESOURCES = "resources"
    UNSUPPORTED = "unsupported"
    INFRASTRUCTURE = "infrastructure"


class Outcome(StrEnum):
    """How a run ended."""

    REPRODUCED = "reproduced"
    NOT_REPRODUCED = "not_reproduced"
    ERRORED = "errored"
    CANCELLED = "cancelled"


class Repeatability(StrEnum):
    """In what sense two fresh containers agreed."""

    BITWISE = "bitwise"
    NUMERIC = "numeric"
    STATISTICAL = "statistical"


class Repair(StrEnum):
    """The rungs of the repair ladder: what was changed so that an environment works."""

    PYTHON = "python"
    DATED = "dated"
    RELAXED = "relaxed"
    IMPORTS = "imports"
    TEST_PACKAGES = "test-packages"
    SETUP = "set-up"
    SYSTEM = "system"
    FIELD = "field"
    PATH = "path"
    CPU = "cpu"
    DOCKERFILE = "dockerfile"
    SOURCE = "source"

    @property
    def label(self) -> str:
        """What was changed, in a few words, for badges and pages."""
        return _REPAIRS[self]


_REPAIRS: dict[Repair, str] = {
    Repair.PYTHON: "another Python",
    Repair.DATED: "packages of the commit's date",
    Repair.RELAXED: "pins relaxed",
    Repair.IMPORTS: "imports added",
    Repair.TEST_PACKAGES: "test packages added",
    Repair.SETUP: "set-up packages first",
    Repair.SYSTEM: "system packages added",
    Repair.FIELD: "the field's tools added",
    Repair.PATH: "search path set",
    Repair.CPU: "CPU builds",
    Repair.DOCKERFILE: "Dockerfile set aside",
    Repair.SOURCE: "declared elsewhere",
}


class Step(StrEnum):
    """The steps of a run, in their order."""

    FETCH_SOURCE = "fetch_source"
    READ_MANIFEST = "read_manifest"
    FETCH_INPUTS = "fetch_inputs"
    PLAN_ENVIRONMENT = "plan_environment"
    BUILD_IMAGE = "build_image"
    RUN_TESTS = "run_tests"
    RUN_INFERENCE = "run_inference"
    COMPARE_OUTPUTS = "compare_outputs"
    DECIDE = "decide"


class StepState(StrEnum):
    """Where a step of a run stands."""

    PENDING = "pending"
    RUNNING = "running"
    PASSED = "passed"
    FAILED = "failed"
    SKIPPED = "skipped"


class Origin(StrEnum):
    """Where a field of a manifest or of an entry's description was read."""

    FORM = "form"
    REPRISE_TOML = "reprise.toml"
    REANA = "reana.yaml"
    MLPROJECT = "MLproject"
    DVC = "dvc.yaml"
    SNAKEFILE = "Snakefile"
    COG = "cog.yaml"
    RDF = "rdf.yaml"
    CODECHECK = "codecheck.yml"
    CITATION_CFF = "CITATION.cff"
    CODEMETA = "codemeta.json"
    ZENODO = ".zenodo.json"
    PYPROJECT = "pyproject.toml"
    SETUP_CFG = "setup.cfg"
    SETUP_PY = "setup.py"
    README = "README"
    LICENCE_FILE = "LICENSE"
    GIT = "git"
    SOURCES = "source files"
    DEFAULT = "default"


_READ_OF_REPOSITORY = frozenset(Origin) - {Origin.FORM}


def is_told(origin: str) -> bool:
    """Whether somebody told the portal what a field holds: a person, or another portal's record.

    The next reading of the repository leaves it be.
    """
    return bool(origin) and origin not in _READ_OF_REPOSITORY
