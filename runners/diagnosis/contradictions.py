"""What a program prints when it failed but ends with exit code 0 all the same."""

import re

_TAIL_CHARACTERS = 200_000
_SHOWN_CHARACTERS = 300
# Whole lines only. Counts of nothing ("0 failed", "failed: 0", "no tests failed") say the opposite,
# and a word inside a sentence proves nothing: solvers count "failed steps: 3" and go on, and
# "Error in energy: 1e-5" is a result.
_CONTRADICTIONS = (
    (
        r"[^\n]{0,200}\b(?i:final|overall|tests?) (?i:results?|status|verdict)\b[ :=-]{1,4}"
        r"(?i:fail)(?!\w*[ :=]{0,4}0\b)\w*[^\n]*"
    ),
    r"Ran 0 tests\b[^\n]*",
    r"FAILED\b[^\n]*",
    r"(?:TESTS?|SOME TESTS|ALL TESTS) (?:HAVE |HAS )?FAILED\b[^\n]*",
    r"(?:Some|All|[1-9]\d{0,8}) (?:of the )?tests? (?:have |has )?(?:failed|FAILED)\b[^\n]*",
    r"[^\n]{0,80}\b[Tt]ests failed[:=] {0,4}[1-9][^\n]*",
    (
        r"Tests run: {0,4}\d{1,9}, {0,4}Failures: {0,4}(?:[1-9]|0, {0,4}Errors: {0,4}[1-9])"
        r"[^\n]*"
    ),
    r"=+ [^\n]{0,200}\b[1-9]\d{0,8} (?:failed|errors?)\b[^\n]*",
    r"\*{3}Test Failed\*{3}[^\n]*",
    r"Traceback \(most recent call last\):[^\n]*",
    r"Segmentation fault[^\n]*",
    (
        r"[^\n]{0,120}(?:Segmentation fault|Aborted|Floating point exception|Bus error|Killed)"
        r" +\(core dumped\)[^\n]*"
    ),
    r"Fatal Python error: [^\n]*",
    r"make(?:\[\d+\])?: \*\*\* (?![^\n]*\(ignored\))[^\n]*",
    r"ERROR: LoadError: [^\n]*",
    r"Execution halted",
    r"Fortran runtime error: [^\n]*",
    r"ERROR STOP\b[^\n]*",
    r"terminate called after throwing an instance of [^\n]*",
    r"[^\n]{0,200}: Assertion `[^\n]{1,200}' failed\.",
)
_PATTERN = re.compile(rf"^(?:{'|'.join(_CONTRADICTIONS)})$", re.MULTILINE)


def contradiction(log: str) -> str | None:
    """The line in which a program that exited 0 says that it failed; None when there is none."""
    match = _PATTERN.search(log[-_TAIL_CHARACTERS:])
    return match.group().strip()[:_SHOWN_CHARACTERS] if match else None
