"""The rules in force, as one versioned document with a digest. Code and rules page read it."""

import hashlib
from typing import Any

import msgspec

from registry.spec.evidence import Policy
from registry.spec.ladder import Cause, Level, Repair
from registry.spec.manifest import (
    ATOL_CAP_RELATIVE,
    CLAIM_TOLERANCE_CAP,
    HISTOGRAM_COUNTS_LEAST,
    INTERVAL_HALF_WIDTH,
    MISMATCH_CAP_PPM,
    POOLED_NUMBERS_LEAST,
    RTOL_CAP,
    SEEDS_MOST,
    SIGNIFICANCE,
    StatisticalTest,
)
from registry.spec.verdict import SUSTAINED_DAYS

VERSION = "2026-11.3"

# How many environments a verification tries at most; time may end it earlier.
ATTEMPTS_MOST = 8

CRITERIA: dict[Level, str] = {
    Level.REGISTERED: "An entry exists.",
    Level.ARCHIVED: (
        "The full commit is in the portal's mirror, the identifier of its files (SWHID) was "
        "recomputed from them, the licence was recognised or its absence is stated, and there "
        "is a README."
    ),
    Level.BUILDS: (
        "An image was built from the sources alone, its Python packages do not contradict each "
        "other, every other package that the model imports is there, and the list of packages, "
        "the software bill of materials and the image's digest are kept."
    ),
    Level.RUNS: (
        "With the network off: the repository's tests report at least one pass and no failure "
        "or error; or the declared command ends without error, does not print that it failed, and "
        "freshly creates every declared output."
    ),
    Level.REPEATABLE: (
        "The declared command ran in two fresh containers and their outputs agree: bit by bit, "
        "or in every number within the declared tolerance; or, for a stochastic model, two samples "
        "over different seeds agree by the declared statistical test."
    ),
    Level.REPRODUCED: (
        "Every declared output equals the expected values that were committed before the run, "
        "within a tolerance declared before the run, or agrees with them by the declared "
        "statistical test; and every declared claim of the article is met."
    ),
    Level.SUSTAINED: (
        "Reproduced again on another model of CPU, or from a fresh rebuild 90 or more days later."
    ),
}

CAUSES: dict[Cause, str] = {
    Cause.FETCH: "The repository could not be fetched.",
    Cause.RESOLVE: "No set of packages satisfies what the repository asks for.",
    Cause.BUILD: "The environment could not be built.",
    Cause.IMPORT: "Something that the code imports is not installed.",
    Cause.DATA: "A file or an address that the code needs was not there.",
    Cause.TEST: "The tests, or the declared command, report a failure, or nothing ran.",
    Cause.MISMATCH: "The outputs are not the expected ones.",
    Cause.NONDETERMINISTIC: "Two runs of the same image gave different outputs.",
    Cause.TIMEOUT: "It took longer than the time allowed.",
    Cause.RESOURCES: "It needed more memory, disk or processes than allowed.",
    Cause.UNSUPPORTED: "It asks for something that this portal cannot provide.",
    Cause.INFRASTRUCTURE: "The portal itself failed. This never takes a badge away.",
}

REPAIRS: dict[Repair, str] = {
    Repair.PYTHON: (
        "The Python that is asked for is not to be had here, or the packages do not exist for it: "
        "the nearest one that serves was taken."
    ),
    Repair.DATED: "Whatever is not pinned was installed as it was on the day of the commit.",
    Repair.RELAXED: (
        "Exact versions that cannot be installed together, or not any more, were loosened: to "
        "compatible ones first, then to any of the commit's date."
    ),
    Repair.IMPORTS: "Packages that the source imports and nothing declares were added.",
    Repair.TEST_PACKAGES: "Packages that only the tests need were added.",
    Repair.SETUP: (
        "Packages that the project's own set-up imports, such as numpy or Cython, were installed "
        "before it."
    ),
    Repair.SYSTEM: (
        "Compilers, headers, libraries or programs of the operating system that a log asked for "
        "were added."
    ),
    Repair.FIELD: (
        "What the field takes for granted was provided: mechanisms of NEURON compiled, for one, or "
        "the tools of another language."
    ),
    Repair.PATH: "The repository's folders were put on the path where Python looks for modules.",
    Repair.CPU: "Packages built for the CPU alone were taken in place of those for graphics cards.",
    Repair.DOCKERFILE: (
        "The repository's Dockerfile cannot be used here; the environment was made from what else "
        "the repository says."
    ),
    Repair.SOURCE: (
        "What declares the environment first does not work; another file of the repository that "
        "declares one was taken."
    ),
}

MODIFIERS: dict[str, str] = {
    "repaired": (
        "The environment in which this was seen differs from the declared one. What was changed, "
        "and by which rungs of the repair ladder, is shown with it."
    ),
    "stale": (
        "The verdict is older than this portal looks back, or upstream has moved on since: nothing "
        "newer was seen."
    ),
    "lost": (
        "What once ran does not any more: two runs in a row saw less than when it was good. Since "
        "when, why, and the last good run are shown."
    ),
}

COMPARING: tuple[str, ...] = (
    (
        "The tolerance is declared before the run: the relative one is at most "
        f"{RTOL_CAP:g}, the absolute one at most {ATOL_CAP_RELATIVE:.0%} of the largest expected "
        "value."
    ),
    (
        "NaN and infinity must stand in the same places. Whole numbers and truth values compare "
        "exactly."
    ),
    (
        f"At most {MISMATCH_CAP_PPM} of a million numbers may lie beyond the tolerance, where as "
        "many are declared."
    ),
    (
        "A claim ties a number of the article to a place in an output. Its ± is at most "
        f"{CLAIM_TOLERANCE_CAP:.0%} of the number, and every run must meet it."
    ),
    "Where nothing is left to compare, nothing agrees.",
)

STATISTICAL_TESTS: dict[StatisticalTest, str] = {
    "z-interval": (
        "The mean of each number over the seeds agrees with the expected number, or with the mean "
        f"of the other sample, by Student's t; it must be known to ± {INTERVAL_HALF_WIDTH:.0%}."
    ),
    "kolmogorov-smirnov": (
        "All numbers of a series, pooled over the runs, are distributed as the expected ones are; "
        f"{POOLED_NUMBERS_LEAST} are needed on either side."
    ),
    "chi-squared": (
        "The bins of a histogram, summed over the runs, hold what is expected of them; "
        f"{HISTOGRAM_COUNTS_LEAST} counts are needed."
    ),
}

STATISTICS = (
    f"A model whose numbers depend on the seed runs in two samples of up to {SEEDS_MOST} seeds "
    "each. Both are held against the expected values, and against each other, by a test that was "
    f"declared before the run, at a significance of {SIGNIFICANCE:g} over all of an output. "
    "A sample that says too little does not agree."
)

# Of tests; each is held by a forged repository in tests/forgery.
NEVER_PASSES: tuple[str, ...] = (
    "no test at all, or a command that counts none",
    "tests that are all skipped, deselected or expected to fail",
    "no report of this very run, or one that cannot be read",
    "fewer tests reported than were collected, or more that passed",
    "an exit code other than 0",
    "a program that ends with exit code 0 and prints that it failed",
    "a file of the repository that stands in the place of pytest or unittest",
)

LIMITATIONS: tuple[str, ...] = (
    (
        "Test code runs in the process that reports its own result, so a repository can misreport "
        "its own tests. That is why we write “the repository's tests report”, and say so where a "
        "number of tests was only printed."
    ),
    (
        "The commit, the image, the exit code, the time and memory used, the network being off, "
        "and comparisons are seen from outside, so a repository cannot forge them: comparisons are "
        "made outside the container, with expected values that the command never saw."
    ),
    (
        "What is installed is asked of the image itself. Programs that a repository builds into "
        "its image can answer wrongly; the image's digest says which image it was."
    ),
    (
        "A repository can keep a copy of its answers elsewhere and print them, or do here what it "
        "does nowhere else. “Reproduced” says that the outputs equal the expected ones, not that "
        "they were computed honestly."
    ),
)


def document() -> dict[str, Any]:
    """The policy as JSON-ready data: what the digest is taken over."""
    return {
        "version": VERSION,
        "levels": {level.label: text for level, text in CRITERIA.items()},
        "causes": {cause.value: text for cause, text in CAUSES.items()},
        "repairs": {repair.value: text for repair, text in REPAIRS.items()},
        "attempts_most": ATTEMPTS_MOST,
        "modifiers": MODIFIERS,
        "comparing": list(COMPARING),
        "statistics": STATISTICS,
        "statistical_tests": STATISTICAL_TESTS,
        "never_passes": list(NEVER_PASSES),
        "limitations": list(LIMITATIONS),
        "sustained_days": SUSTAINED_DAYS,
        "caps": {
            "rtol": RTOL_CAP,
            "atol_relative_to_largest_expected": ATOL_CAP_RELATIVE,
            "mismatch_ppm": MISMATCH_CAP_PPM,
            "claim_tolerance_relative": CLAIM_TOLERANCE_CAP,
        },
        "statistics_needs": {
            "significance": SIGNIFICANCE,
            "interval_half_width_relative": INTERVAL_HALF_WIDTH,
            "pooled_numbers_least": POOLED_NUMBERS_LEAST,
            "histogram_counts_least": HISTOGRAM_COUNTS_LEAST,
            "seeds_most": SEEDS_MOST,
        },
    }


POLICY = Policy(
    version=VERSION,
    digest="sha256:" + hashlib.sha256(msgspec.json.encode(document(), order="sorted")).hexdigest(),
)
