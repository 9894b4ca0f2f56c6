"""Log signatures, with lines from real logs."""

import pytest

from registry.spec.evidence import Failure
from registry.spec.ladder import Cause
from runners.diagnosis import BUILD_SIGNATURES, RUN_SIGNATURES, contradiction, diagnose

UV_UNKNOWN = """  × No solution found when resolving dependencies:
  ╰─▶ Because numpi was not found in the package registry and you require numpi, we
      can conclude that your requirements are unsatisfiable."""
UV_NO_VERSION = """  × No solution found when resolving dependencies:
  ╰─▶ Because there is no version of numpy==99.99 and you require numpy==99.99, we can
      conclude that your requirements are unsatisfiable."""
NO_DATA = "FileNotFoundError: [Errno 2] No such file or directory: 'data/x.csv'"
NO_NETWORK = (
    "urllib.error.URLError: <urlopen error [Errno -3] Temporary failure in name resolution>"
)
OTHERWISE = Failure(cause=Cause.TEST, sentence="otherwise")


@pytest.mark.parametrize(
    ("log", "cause", "part"),
    [
        (UV_UNKNOWN, Cause.RESOLVE, "numpi"),
        (UV_NO_VERSION, Cause.RESOLVE, "numpy==99.99"),
        ("ERROR: No matching distribution found for tensorflow==1.4", Cause.RESOLVE, "satisfies"),
        ("error: command 'gcc' failed: No such file or directory", Cause.BUILD, "compiler"),
        ("error: [Errno 2] No such file or directory: 'x86_64-linux-gnu-gcc'", Cause.BUILD, "tool"),
        ("/bin/sh: 1: make: not found", Cause.BUILD, "compiler"),
        ("src/a.c:3:10: fatal error: fftw3.h: No such file or directory", Cause.BUILD, "fftw3.h"),
        ("E: Unable to locate package libfoo", Cause.BUILD, "libfoo"),
        ("OSError: [Errno 28] No space left on device", Cause.RESOURCES, "disk"),
        ("Caused by: client error (Connect)", Cause.INFRASTRUCTURE, "index"),
        ("something else", Cause.TEST, "otherwise"),
    ],
)  # fmt: skip
def test_build_logs_are_understood(log, cause, part):
    failure = diagnose(log, BUILD_SIGNATURES, otherwise=OTHERWISE)
    assert failure.cause is cause
    assert part in failure.sentence


@pytest.mark.parametrize(
    ("log", "cause", "part"),
    [
        ("E   ModuleNotFoundError: No module named 'rdkit.Chem'", Cause.IMPORT, "rdkit.Chem"),
        ("/usr/bin/python: No module named pytest", Cause.IMPORT, "pytest"),
        ("ImportError: cannot import name 'trapz' from 'scipy.integrate'", Cause.IMPORT, "trapz"),
        (NO_DATA, Cause.DATA, "data/x.csv"),
        (NO_NETWORK, Cause.DATA, "network"),
        ("numpy._core._exceptions._ArrayMemoryError: Unable", Cause.RESOURCES, "memory"),
        ("make: g++: No such file or directory\nmake: *** [main.o] Error 127", Cause.BUILD, "g++"),
        ("OSError: [Errno 30] Read-only file system: '/model2'", Cause.UNSUPPORTED, "/model2"),
    ],
)  # fmt: skip
def test_run_logs_are_understood(log, cause, part):
    failure = diagnose(log, RUN_SIGNATURES, otherwise=OTHERWISE)
    assert failure.cause is cause
    assert part in failure.sentence
    assert any(line in log for line in failure.lines)


@pytest.mark.parametrize(
    "log",
    ["Final result: Failed!\n", "x\nRan 0 tests in 0.0s\n\nOK", "FAILED (errors=1)",
     "Traceback (most recent call last):\n", "==== 2 failed, 3 passed ===="],
)  # fmt: skip
def test_a_program_that_says_it_failed_is_not_believed_for_its_exit_code(log):
    assert contradiction(log)


@pytest.mark.parametrize("log", ["All passed!", "failed attempts: 0", "", "3 passed"])
def test_ordinary_output_contradicts_nothing(log):
    assert contradiction(log) is None
