"""The git that people have, as they would type it."""

import os
import subprocess
from pathlib import Path

from registry.models import ModelVersion, PullCount
from registry.models.pulling import PullKind


class Git:
    """Git in a person's folder. Without a terminal it asks nobody for a password."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.environment = {
            "PATH": os.environ["PATH"],
            "HOME": str(folder),
            "LC_ALL": "C",
            "GIT_CONFIG_NOSYSTEM": "1",
            "GIT_TERMINAL_PROMPT": "0",
            "no_proxy": "*",
        }

    def __call__(self, *words: str, clone: str = "") -> str:
        """What git prints, without the line's end. It must succeed."""
        done = self.tried(*words, clone=clone)
        assert done.returncode == 0, done.stderr
        return done.stdout.strip()

    def tried(self, *words: str, clone: str = "") -> "subprocess.CompletedProcess[str]":
        """The same, whatever comes of it; in a clone, if one is named."""
        return subprocess.run(
            ["git", *words],
            cwd=self.folder / clone,
            env=self.environment,
            capture_output=True,
            text=True,
            check=False,
            timeout=60,
        )

    def refused(self, *words: str, clone: str = "") -> str:
        """What git says of what it may not do."""
        done = self.tried(*words, clone=clone)
        assert done.returncode != 0, done.stdout
        return done.stderr


def commits(model: object) -> list[str]:
    """The commits of a model's versions, the first first."""
    versions = ModelVersion.objects.filter(entry=model.entry).order_by("number")
    return list(versions.values_list("commit", flat=True))


def pulls() -> dict[int, int]:
    """How often each version was pulled by git, by its number."""
    counts = PullCount.objects.filter(kind=PullKind.GIT).select_related("version")
    return {count.version.number: count.count for count in counts}
