"""Holding the values that an article states against what a run's output holds in their place."""

import math
from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import numpy as np

from registry.spec.evidence import ClaimCheck
from registry.spec.manifest import CLAIM_TOLERANCE_CAP, Claim, Output
from runners.compare.finding import Unreadable, printable
from runners.compare.locate import Lookup, numbers_in


def check_claims(output: Output, files: Sequence[bytes | Path]) -> tuple[ClaimCheck, ...]:
    """One check for each claim of an output; it agrees only if every repetition's file agrees.

    Whatever the files hold, the answer is a check: where no number is found, it does not agree.
    OSError passes: a file of ours that cannot be read is our fault.
    """
    readers = [_reader(output, data) for data in files]
    return tuple(_check(output, claim, readers) for claim in output.claims)


def check_claims_on_means(output: Output, files: Sequence[bytes | Path]) -> tuple[ClaimCheck, ...]:
    """One check for each claim of a stochastic output: of the mean over the files of all its runs.

    As `check_claims`: where one of the files holds no number, the claim does not agree.
    """
    readers = [_reader(output, data) for data in files]

    def mean(at: str) -> float:
        with np.errstate(all="ignore"):
            return float(np.mean([reader(at) for reader in readers]))

    checks = [_check(output, claim, [mean] if readers else []) for claim in output.claims]
    over = f" (mean over {len(files)} runs)"
    return tuple(
        check if check.seen is None else replace(check, message=f"{check.message[:-1]}{over}.")
        for check in checks
    )


def too_loose(claim: Claim) -> bool:
    """Whether a claim's tolerance leaves nothing of its value."""
    # Whoever computed it as half of the value may be off in the last bit.
    return claim.tolerance > CLAIM_TOLERANCE_CAP * abs(claim.value) * (1 + 1e-9)


def _reader(output: Output, data: bytes | Path) -> Lookup:
    """Looks numbers up in a file; in one that cannot be read, it says so each time."""
    try:
        return numbers_in(output, data)
    except Unreadable as fault:
        flaw = str(fault)

    def unreadable(_at: str) -> float:
        raise Unreadable(flaw)

    return unreadable


def _check(output: Output, claim: Claim, readers: Sequence[Lookup]) -> ClaimCheck:
    flaw = _flaw(claim, readers)
    if flaw:
        return _checked(output, claim, agrees=False, message=flaw)
    seen = math.nan
    for number, reader in enumerate(readers, start=1):
        try:
            seen = reader(claim.at)
        except Unreadable as fault:
            return _checked(output, claim, agrees=False, message=_sentence(claim, str(fault)))
        if not _agrees(claim, seen):
            run = f" in run {number}" if number > 1 else ""
            message = (
                f"{_value(seen, claim)}{run}, not the {_stated(claim)} that the article states."
            )
            return _checked(output, claim, seen, agrees=False, message=_sentence(claim, message))
    message = f"{_value(seen, claim)}; the article states {_stated(claim)}."
    return _checked(output, claim, seen, agrees=True, message=_sentence(claim, message))


def _flaw(claim: Claim, readers: Sequence[Lookup]) -> str:
    """Why nothing can be said of a claim, whatever the outputs hold."""
    if not readers:
        return _sentence(claim, "no run wrote the output.")
    if not math.isfinite(claim.value) or not math.isfinite(claim.tolerance):
        return _sentence(claim, "the claim is no finite number.")
    if too_loose(claim):
        return _sentence(
            claim,
            f"the tolerance of {_stated(claim)} is too loose to mean anything: it may be at most "
            "half of the value.",
        )
    return ""


def _agrees(claim: Claim, seen: float) -> bool:
    """Whether a number lies within the tolerance, as decimals: 0.4 is 0.3 ± 0.1.

    Without a tolerance it must round to the value at the value's last digit: 0.7139 is 0.714.
    """
    if not math.isfinite(seen):
        return False
    off = abs(_exact(seen) - _exact(claim.value))
    return off <= (_exact(claim.tolerance) or _half_of_the_last_digit(claim.value))


def _half_of_the_last_digit(value: float) -> Decimal:
    """0 for 0, of which every digit is the first."""
    last = Decimal(1).scaleb(int(_exact(value).as_tuple().exponent))
    return last / 2 if value else Decimal(0)


def _exact(number: float) -> Decimal:
    """A number as it is written, in the fewest digits that tell it from its neighbours."""
    return Decimal(repr(float(number)))


def _checked(
    output: Output, claim: Claim, seen: float | None = None, *, agrees: bool, message: str
) -> ClaimCheck:
    return ClaimCheck(
        path=output.path,
        label=claim.label,
        at=claim.at,
        value=claim.value,
        tolerance=claim.tolerance,
        unit=claim.unit,
        seen=seen if seen is not None and math.isfinite(seen) else None,
        agrees=agrees,
        message=message,
    )


def _sentence(claim: Claim, words: str) -> str:
    return f"{printable(claim.label)}: {words}"


def _stated(claim: Claim) -> str:
    """The value as the article states it: 0.714 ± 0.002 eV."""
    tolerance = f" ± {_short(claim.tolerance)}" if claim.tolerance else ""
    return f"{_short(claim.value)}{tolerance}{_unit(claim)}"


def _value(seen: float, claim: Claim) -> str:
    """The number of an output, with as many digits as tell whether it agrees."""
    short = f"{seen:.6g}"
    told = math.isfinite(seen) and _agrees(claim, float(short)) == _agrees(claim, seen)
    return f"{short if told else repr(seen)}{_unit(claim)}"


def _short(number: float) -> str:
    """A number of the manifest, with a whole one as a whole one."""
    return repr(number).removesuffix(".0")


def _unit(claim: Claim) -> str:
    return f" {printable(claim.unit)}" if claim.unit else ""
