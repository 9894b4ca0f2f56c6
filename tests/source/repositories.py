"""Real git repositories, made by hand and by the object, for tests of runners.source."""

import os
import subprocess
from collections.abc import Mapping
from pathlib import Path

WHEN = 1_700_000_000
WHEN_ISO = "2023-11-14T22:13:20Z"
_ENVIRONMENT = {
    "PATH": os.environ["PATH"],
    "HOME": "/nonexistent",
    "GIT_CONFIG_NOSYSTEM": "1",
    "GIT_AUTHOR_NAME": "Ada",
    "GIT_AUTHOR_EMAIL": "ada@example.org",
    "GIT_AUTHOR_DATE": f"{WHEN} +0200",
    "GIT_COMMITTER_NAME": "Ada",
    "GIT_COMMITTER_EMAIL": "ada@example.org",
    "GIT_COMMITTER_DATE": f"{WHEN} +0200",
}


class Repository:
    """A repository at `folder` whose commits are built from objects, without a working tree."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.git("init", "--quiet", "--bare", "--initial-branch=main", str(folder))

    def git(self, *arguments: str, stdin: bytes = b"") -> str:
        """What git answers, without the line's end."""
        place = [] if arguments[0] == "init" else [f"--git-dir={self.folder}"]
        answer = subprocess.check_output(
            ["git", *place, *arguments], input=stdin, env=_ENVIRONMENT, stderr=subprocess.PIPE
        )
        return answer.decode().strip()

    def blob(self, content: bytes) -> str:
        return self.git("hash-object", "-w", "--stdin", stdin=content)

    def tree(self, lines: list[tuple[str, str, bytes]]) -> str:
        """A tree of (mode, object, name), as given and however forbidden."""
        raw = b"".join(
            mode.lstrip("0").encode() + b" " + name + b"\0" + bytes.fromhex(oid)
            for mode, oid, name in lines
        )
        return self.git("hash-object", "-t", "tree", "-w", "--literally", "--stdin", stdin=raw)

    def commit_tree(self, tree: str, *, branch: str = "main") -> str:
        head = self.git("for-each-ref", "--format=%(objectname)", f"refs/heads/{branch}")
        parents = ["-p", head] if head else []
        commit = self.git("commit-tree", tree, *parents, "-m", "A commit")
        self.git("update-ref", f"refs/heads/{branch}", commit)
        return commit

    def commit(
        self,
        files: Mapping[str, bytes | str],
        *,
        symlinks: Mapping[str, str] | None = None,
        executables: frozenset[str] = frozenset(),
        submodules: tuple[str, ...] = (),
        branch: str = "main",
    ) -> str:
        """Commit exactly these files; the new commit's number."""
        lines = [
            (("100755" if path in executables else "100644"), self.blob(_bytes(content)), path)
            for path, content in files.items()
        ]
        lines += [("120000", self.blob(to.encode()), path) for path, to in (symlinks or {}).items()]
        lines += [("160000", "1" * 40, path) for path in submodules]
        self.git("read-tree", "--empty")
        index = "".join(f"{mode} {oid}\t{path}\0" for mode, oid, path in lines)
        self.git("update-index", "-z", "--index-info", stdin=index.encode())
        return self.commit_tree(self.git("write-tree", "--missing-ok"), branch=branch)


def _bytes(content: bytes | str) -> bytes:
    return content.encode() if isinstance(content, str) else content
