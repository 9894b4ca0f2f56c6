"""Log signatures, held to lines of real logs.

`logs/*.txt` are excerpts, each below a line "### cause: sentence". Nearly all were printed by real
builds and runs in the base images, made to fail; hosts and temporary folders are renamed.
"""

import time
from pathlib import Path

import pytest

from registry.spec.evidence import Failure
from registry.spec.ladder import Cause
from runners.diagnosis import BUILD_SIGNATURES, RUN_SIGNATURES, contradiction, diagnose

OTHERWISE = Failure(cause=Cause.TEST, sentence="otherwise")
LOGS = Path(__file__).parent / "logs"


def excerpts(name):
    """(cause, sentence, log) of each excerpt in a file of `logs/`."""
    for part in ("\n" + (LOGS / name).read_text(encoding="utf-8")).split("\n### ")[1:]:
        head, _, log = part.partition("\n")
        cause, _, sentence = head.partition(": ")
        yield Cause(cause), sentence, log


BUILDS = list(excerpts("builds.txt"))
RUNS = list(excerpts("runs.txt"))


@pytest.mark.parametrize(("cause", "sentence", "log"), BUILDS)
def test_build_logs_are_understood(cause, sentence, log):
    failure = diagnose(log, BUILD_SIGNATURES, otherwise=OTHERWISE)
    assert (failure.cause, failure.sentence) == (cause, sentence)


@pytest.mark.parametrize(("cause", "sentence", "log"), RUNS)
def test_run_logs_are_understood(cause, sentence, log):
    failure = diagnose(log, RUN_SIGNATURES, otherwise=OTHERWISE)
    assert (failure.cause, failure.sentence) == (cause, sentence)


@pytest.mark.parametrize(
    ("signatures", "logs"), [(BUILD_SIGNATURES, BUILDS), (RUN_SIGNATURES, RUNS)]
)
def test_every_signature_has_a_log_a_hint_and_is_reached(signatures, logs):
    rows = (*signatures.special, *signatures.general)
    found = {diagnose(log, signatures, otherwise=OTHERWISE).sentence for _, _, log in logs}
    for row in rows:
        assert row.hint
        assert any(row.pattern.search(log) for _, _, log in logs), row.sentence
        begins = row.sentence.partition("{")[0]
        assert any(sentence.startswith(begins) for sentence in found), row.sentence


@pytest.mark.parametrize(
    ("signatures", "log"),
    [
        (signatures, log)
        for signatures, logs in ((BUILD_SIGNATURES, BUILDS), (RUN_SIGNATURES, RUNS))
        for _, _, log in logs
    ],
)
def test_the_lines_shown_are_few_and_the_logs_own(signatures, log):
    lines = diagnose(log, signatures, otherwise=OTHERWISE).lines
    assert 0 < len(lines) <= 12
    own = {line.rstrip()[:300] for line in log.splitlines()}
    assert own.issuperset(lines)


UV_WRAPPED = """  × No solution found when resolving dependencies:
  ╰─▶ Because numpi was not found in the package registry and you require numpi, we
      can conclude that your requirements are unsatisfiable."""
BUILDKIT = """#9 0.412 Using Python 3.11.2 environment at: /opt/environment
#9 3.871   × Failed to build `fftw-wrap==0.1`
#9 3.871       src/a.c:3:10: fatal error: fftw3.h: No such file or directory
#9 ERROR: process "/bin/sh -c uv pip install -e ." did not complete successfully: exit code: 1
------
 > [5/6] RUN uv pip install -e .:
3.871   × Failed to build `fftw-wrap==0.1`
3.871 error: command 'gcc' failed: No such file or directory
------"""


def test_an_older_installers_wrapped_words_are_read():
    failure = diagnose(UV_WRAPPED, BUILD_SIGNATURES, otherwise=OTHERWISE)
    assert "“numpi”" in failure.sentence


def test_what_buildkit_puts_around_a_log_is_left_out():
    failure = diagnose(BUILDKIT, BUILD_SIGNATURES, otherwise=OTHERWISE)
    assert "fftw3.h" in failure.sentence
    assert failure.hint == 'Name it in reprise.toml: system_packages = ["libfftw3-dev"].'
    assert failure.lines[-2].startswith("      src/a.c:3:10: fatal error")


def test_a_build_is_explained_by_what_stands_last():
    log = (
        "WARNING: Retrying after connection broken by 'NewConnectionError(': /simple/numpy/\n"
        "Collecting numpy\n"
        "error: command 'gcc' failed: No such file or directory\n"
    )
    failure = diagnose(log, BUILD_SIGNATURES, otherwise=OTHERWISE)
    assert failure.cause is Cause.BUILD


def test_an_address_of_the_author_is_never_the_portals_fault():
    log = (
        "error: Failed to download and build `foo @ https://lab.example/simple/foo-1.0.tar.gz`\n"
        "  cause: Failed to fetch: https://lab.example/simple/foo-1.0.tar.gz\n"
        "  cause: error sending request for url (https://lab.example/simple/foo-1.0.tar.gz)\n"
        "  cause: client error (Connect)\n"
    )
    assert diagnose(log, BUILD_SIGNATURES, otherwise=OTHERWISE).cause is Cause.RESOLVE


def test_a_run_is_explained_by_what_stands_first():
    log = (
        "make: gfortran: No such file or directory\n"
        "E   FileNotFoundError: [Errno 2] No such file or directory: 'out.nc'\n"
    )
    assert "gfortran" in diagnose(log, RUN_SIGNATURES, otherwise=OTHERWISE).sentence


CHAINED = """Traceback (most recent call last):
  File "model.py", line 2, in <module>
    import cPickle as pickle
ModuleNotFoundError: No module named 'cPickle'

During handling of the above exception, another exception occurred:

Traceback (most recent call last):
  File "model.py", line 4, in <module>
    import dill as pickle
ModuleNotFoundError: No module named 'dill'
"""


def test_an_exception_that_was_got_over_is_not_blamed():
    assert "“dill”" in diagnose(CHAINED, RUN_SIGNATURES, otherwise=OTHERWISE).sentence


@pytest.mark.parametrize(
    "line",
    [
        "WARNING: IERS table not downloaded: <urlopen error [Errno -3] Temporary failure>",
        "INFO: Unable to initialize backend 'cuda': No CUDA GPUs are available",
        "train.py:3: UserWarning: CUDA error: no device, using the CPU",
        "CUDA not available, using CPU",
    ],
)  # fmt: skip
def test_a_remark_is_not_taken_for_the_reason(line):
    log = (
        f"{line}\nTraceback (most recent call last):\nModuleNotFoundError: No module named 'dill'\n"
    )
    assert "“dill”" in diagnose(log, RUN_SIGNATURES, otherwise=OTHERWISE).sentence


def test_what_no_signature_knows_stays_as_it_is():
    for signatures in (BUILD_SIGNATURES, RUN_SIGNATURES):
        assert diagnose("something else", signatures, otherwise=OTHERWISE) is OTHERWISE


@pytest.mark.parametrize(
    "piece",
    ["lib-", "a.b: ", "CMake Error\n\n", "Because ", "Failed to fetch: https://a/simple/", "\n",
     "connection broken by 'SSLError", "Traceback (most recent call last):\n", "No module named '"],
)  # fmt: skip
def test_a_log_made_to_be_slow_is_read_in_time(piece):
    log = piece * (300_000 // len(piece))
    began = time.monotonic()
    for signatures in (BUILD_SIGNATURES, RUN_SIGNATURES):
        diagnose(log, signatures, otherwise=OTHERWISE)
    contradiction(log)
    assert time.monotonic() - began < 15


@pytest.mark.parametrize(
    "log",
    [
        "Final result: Failed!\n",
        "x\nRan 0 tests in 0.0s\n\nOK",
        "FAILED (errors=1)",
        "FAILED",
        "Traceback (most recent call last):\n",
        "==== 2 failed, 3 passed ====",
        "===== 1 failed, 2 passed, 1 warning in 0.31s =====",
        "=========== 1 error in 0.09s ===========",
        "test result: FAILED. 1 passed; 2 failed; 0 ignored",
        "Overall status: failure",
        "3 tests failed",
        "Some tests FAILED",
        "75% tests passed\nTests failed: 1 out of 4",
        "Tests run: 5,  Failures: 1,  Errors: 0,  Skipped: 0",
        "***Test Failed*** 2 failures.",
        "run.sh: line 3: 12 Segmentation fault      (core dumped) ./solver",
        "make: *** [Makefile:3: n.o] Error 1",
        "ERROR: LoadError: UndefVarError: `x` not defined",
        "Error in library(deSolve) : there is no package called ‘deSolve’\nExecution halted",
        "At line 5 of file f.f90 (unit = 10)\nFortran runtime error: End of file",
        "terminate called after throwing an instance of 'std::bad_alloc'",
        "as: as.cpp:2: int main(): Assertion `1==2' failed.",
        "Fatal Python error: Segmentation fault",
    ],
)
def test_a_program_that_says_it_failed_is_not_believed_for_its_exit_code(log):
    assert contradiction(log)


@pytest.mark.parametrize(
    "log",
    [
        "All passed!",
        "failed attempts: 0",
        "",
        "3 passed",
        "==== 0 failed, 3 passed ====",
        "===== 3 passed, 1 xfailed in 0.1s =====",
        "failed: 0",
        "no tests failed",
        "No tests failed.",
        "0 tests failed",
        "Tests failed: 0",
        "Test results: failed: 0, passed: 7",
        "test result: ok. 3 passed; 0 failed; 0 ignored",
        "Tests run: 5,  Failures: 0,  Errors: 0,  Skipped: 0",
        "100% tests passed, 0 tests failed out of 4",
        "Error in energy: 1.2e-05",
        "rejected steps: 3, failed steps: 1",
        "Convergence failures: 2",
        "The optimiser FAILED twice and restarted",
        "make: *** [clean] Error 1 (ignored)",
        "sh: 1: clear: not found",
        "error = 0.0",
    ],
)
def test_ordinary_output_contradicts_nothing(log):
    assert contradiction(log) is None
