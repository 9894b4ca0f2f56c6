"""Small real git repositories, made when a test needs one."""

import os
import subprocess
import uuid
from collections.abc import Mapping
from pathlib import Path

WHO = ["-c", "user.name=A", "-c", "user.email=a@example.org"]


def make_repository(
    folder: Path, files: Mapping[str, str | bytes], *, day: str | None = None
) -> Path:
    """A repository under `folder` with one commit of `files`, of today or of the day given."""
    root = folder / f"repository-{uuid.uuid4().hex[:8]}"
    for name, content in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content.encode() if isinstance(content, str) else content)
    for arguments in (["init", "-q", "-b", "main"], ["add", "-A"], [*WHO, "commit", "-qm", "m"]):
        subprocess.run(["git", *arguments], cwd=root, check=True, env=_dated(day))
    return root


def _dated(day: str | None) -> dict[str, str]:
    names = ("GIT_AUTHOR_DATE", "GIT_COMMITTER_DATE") if day else ()
    return {**os.environ, **dict.fromkeys(names, f"{day}T12:00:00Z")}
