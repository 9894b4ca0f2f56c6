"""What the documents and the compose file say about settings is what the settings read."""

import re
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).parents[2]
READ = re.compile(r"env\.\w+\(\s*\"(REPRISE_[A-Z_]+)\"")
# These are laid by the image: a volume, not a variable, moves the data of a container.
LAID_BY_IMAGE = {f"REPRISE_{name}_DIR" for name in ("VAR", "BLOB", "MIRROR", "UPLOAD", "SCRATCH")}
NEVER_ON_A_NETWORK = {"REPRISE_DEBUG"}


def settings_names() -> set[str]:
    return set(READ.findall((ROOT / "portal" / "settings.py").read_text()))


def test_the_settings_are_found_at_all():
    assert {"REPRISE_SECRET_KEY", "REPRISE_DATABASE_URL"} <= settings_names()


@pytest.mark.parametrize("name", sorted(settings_names()))
def test_every_setting_has_its_line_in_the_operators_table(name):
    assert f"| `{name}` |" in (ROOT / "docs" / "operating.md").read_text()


def test_compose_hands_every_setting_on():
    compose = (ROOT / "docker-compose.yml").read_text()
    handed_on = set(re.findall(r"^    (REPRISE_[A-Z_]+):", compose, re.MULTILINE))

    assert handed_on == settings_names() - LAID_BY_IMAGE - NEVER_ON_A_NETWORK


def test_no_secret_has_a_default_in_the_compose_file():
    compose = (ROOT / "docker-compose.yml").read_text()

    for name in ("REPRISE_SECRET_KEY", "REPRISE_POSTGRES_PASSWORD"):
        uses = re.findall(r"\$\{" + name + r"([^}]*)\}", compose)
        assert uses
        assert all(use.startswith(":?") for use in uses)


def test_only_workers_have_the_engines_socket():
    services = yaml.safe_load((ROOT / "docker-compose.yml").read_text())["services"]
    with_socket = {name for name, service in services.items() if "docker.sock" in str(service)}

    assert with_socket == {"worker", "worker-light"}
