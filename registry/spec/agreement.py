"""Whether a rerun bears out an earlier run: two lists of what was seen, held side by side."""

from dataclasses import dataclass
from enum import StrEnum

from registry.spec.ladder import Level
from registry.spec.statements import Seen, SeenOutput


class Agreement(StrEnum):
    """How an output of a rerun stands to the earlier run's."""

    SAME = "same"
    WITHIN = "within"
    DIFFERENT = "different"
    MISSING = "missing"

    @property
    def words(self) -> str:
        """The agreement as pages and programs write it."""
        return _WORDS[self]


_WORDS = {
    Agreement.SAME: "the same to the byte",
    Agreement.WITHIN: "within the declared tolerance of the expected values, as before",
    Agreement.DIFFERENT: "different",
    Agreement.MISSING: "not written",
}


@dataclass(frozen=True, kw_only=True, slots=True)
class OutputAgreement:
    """One output of a rerun."""

    path: str
    agreement: Agreement


@dataclass(frozen=True, kw_only=True, slots=True)
class Rerun:
    """What a rerun makes of an earlier run, part by part."""

    outputs: tuple[OutputAgreement, ...]
    level_held: bool
    tests_held: bool

    @property
    def agrees(self) -> bool:
        """Whether the rerun is at least as good in every part."""
        good = {Agreement.SAME, Agreement.WITHIN}
        outputs = all(output.agreement in good for output in self.outputs)
        return outputs and self.level_held and self.tests_held


def rerun_compared(earlier: Seen, rerun: Seen) -> Rerun:
    """Hold a rerun against the run it repeats; both of the same commit and manifest.

    A level above “reproduced” rests on earlier runs, which a rerun elsewhere does not have.
    """
    now = {output.path: output for output in rerun.outputs}
    return Rerun(
        outputs=tuple(
            OutputAgreement(path=before.path, agreement=_agreement(before, now.get(before.path)))
            for before in earlier.outputs
            if before.sha256
        ),
        level_held=rerun.level >= min(earlier.level, Level.REPRODUCED),
        tests_held=_tests_held(earlier, rerun),
    )


def _agreement(before: SeenOutput, now: SeenOutput | None) -> Agreement:
    if now is None or not now.sha256:
        return Agreement.MISSING
    if set(now.sha256) <= set(before.sha256):
        return Agreement.SAME
    return Agreement.WITHIN if before.expected and now.expected else Agreement.DIFFERENT


def _tests_held(earlier: Seen, rerun: Seen) -> bool:
    """Whether tests that were reported to pass are so again, and no fewer of them."""
    if not earlier.tests_pass or earlier.tests is None:
        return True
    enough = rerun.tests is not None and rerun.tests.passed >= earlier.tests.passed
    return bool(rerun.tests_pass) and enough
