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


def _lines(path: str) -> "list[str]":
    try:
        with open(path, encoding="utf-8", errors="replace") as file:  # noqa: PTH123 — as below
            return file.read().splitlines()
    except OSError:
        return []


def _distribution() -> "list[str]":
    fields = dict(line.split("=", 1) for line in _lines("/etc/os-release") if "=" in line)
    return [fields.get(name, "").strip('"') for name in ("ID", "VERSION_ID")]


def _system() -> "list[list[str]]":
    """Name, version and architecture of every installed package of Debian."""
    found, fields = [], {}
    for line in [*_lines("/var/lib/dpkg/status"), ""]:
        if line:
            name, _, value = line.partition(": ")
            fields[name] = value
            continue
        if fields.get("Status", "").endswith(" installed"):
            found.append([fields.get(name, "") for name in ("Package", "Version", "Architecture")])
        fields = {}
    return found


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
            "distribution": _distribution(),
            "system": _system(),
            "unresolved": [module for module in sys.argv[2:] if not _found(module)],
        },
        answer,
    )
