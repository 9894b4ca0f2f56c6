"""The command line within the tests' process: to start Python and Django anew takes seconds."""

from collections.abc import Callable
from dataclasses import dataclass

import pytest
from django.core.management import execute_from_command_line


@dataclass(frozen=True)
class Done:
    """What a command printed, and with what it exited."""

    returncode: int
    stdout: str
    stderr: str


@pytest.fixture
def manage(capsys: pytest.CaptureFixture[str]) -> Callable[..., Done]:
    """`manage("check-receipt", path)` is what `manage.py check-receipt PATH` does."""

    def run(*words: object) -> Done:
        command, *arguments = map(str, words)
        capsys.readouterr()
        try:
            execute_from_command_line(["manage.py", command.replace("-", "_"), *arguments])
            code = 0
        except SystemExit as end:
            code = int(end.code or 0)
        said = capsys.readouterr()
        return Done(code, said.out, said.err)

    return run
