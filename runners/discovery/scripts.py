"""Scripts named as tests are, but without a test in them: they run, and say what they print."""

import posixpath
import re
import shlex

from runners.discovery.files import Files
from runners.discovery.functions import TestFile, reads_arguments
from runners.discovery.plans import TestPlan

MAX_SCRIPTS = 6
RUNNER = "scripts"
_MARK = "== script "
_NAMED = re.compile(r"(?:^|/)(?:test[^/]*|[^/]*_tests?)\.py$", re.IGNORECASE)


def scripts_plan(files: Files, found: tuple[TestFile, ...]) -> TestPlan | None:
    """Each script from its own folder and, where that fails, from the top; None without any."""
    paths = [file.path for file in found if _is_script(files, file)][:MAX_SCRIPTS]
    if not paths:
        return None
    named = ", ".join(paths)
    return TestPlan(
        runner=RUNNER,
        command=("sh", "-c", _shell(paths)),
        why=f"{named} {'are' if len(paths) > 1 else 'is'} named as tests are, but without a test "
        "function. An exit code of 0 says nothing of whether they are content.",
        counted=False,
    )


def script_sections(log: str) -> tuple[tuple[str, str], ...]:
    """What each script printed, by its path."""
    parts = (part.partition(" ==\n") for part in f"\n{log}".split(f"\n{_MARK}")[1:])
    return tuple((path, printed) for path, _, printed in parts)


def _is_script(files: Files, file: TestFile) -> bool:
    named = bool(_NAMED.search(file.path)) and not file.functions and not file.inherited
    module = files.module(file.path)
    return named and bool(module and module.body) and not reads_arguments(files, file.path)


def _shell(paths: list[str]) -> str:
    """Scripts that sit in a folder of their own still find the modules at the top."""
    lines = ['export PYTHONPATH="$PWD"; bad=0']
    for path in paths:
        folder, name = posixpath.split(path)
        whole = f"python {shlex.quote(path)}"
        own = f"(cd {shlex.quote(folder)} && python {shlex.quote(name)}) || " if folder else ""
        lines.append(f"echo {shlex.quote(f'{_MARK}{path} ==')}; {own}{whole} || bad=1")
    return "; ".join([*lines, "exit $bad"])
