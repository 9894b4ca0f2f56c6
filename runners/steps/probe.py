"""Runs inside a built image: writes what is installed as JSON to the file named first.

The other arguments are modules; those that cannot be found are listed. Any Python 3 runs it.
"""

import importlib.metadata
import importlib.util
import json
import platform
import subprocess
import sys


def _found(module: str) -> bool:
    try:
        return importlib.util.find_spec(module) is not None
    except (ImportError, ValueError):
        return False


def _conflicts() -> "list[str]":  # quoted: runs on any Python 3
    done = subprocess.run(  # noqa: TID251 — pip's own judgement, inside the container
        [sys.executable, "-m", "pip", "check"], capture_output=True, text=True, check=False
    )
    return [] if done.returncode == 0 else (done.stdout + done.stderr).strip().splitlines()[:20]


sys.path.insert(0, "")
with open(sys.argv[1], "w", encoding="utf-8") as answer:  # noqa: PTH123 — before pathlib matters
    packages = {
        f"{dist.metadata['Name']}=={dist.version}"
        for dist in importlib.metadata.distributions()
        if dist.metadata["Name"]
    }
    json.dump(
        {
            "python": platform.python_version(),
            "packages": sorted(packages, key=str.lower),
            "conflicts": _conflicts(),
            "unresolved": [module for module in sys.argv[2:] if not _found(module)],
        },
        answer,
    )
