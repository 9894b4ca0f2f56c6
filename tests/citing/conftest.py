"""Programs of others that read what is written here, in an environment of their own."""

import subprocess
import venv
from pathlib import Path

import pytest

# cffconvert wants a jsonschema that nothing else has; trafilatura's extra is missing from its own.
READERS = ("cffconvert==2.0.0", "trafilatura>=2", "lxml_html_clean")


@pytest.fixture(scope="session")
def readers(tmp_path_factory) -> Path:
    """The folder of the programs."""
    home = tmp_path_factory.mktemp("readers")
    venv.create(home, with_pip=True)
    pip = [home / "bin" / "python", "-m", "pip", "install", "--quiet"]
    subprocess.run([*pip, "--disable-pip-version-check", *READERS], check=True)
    return home / "bin"
