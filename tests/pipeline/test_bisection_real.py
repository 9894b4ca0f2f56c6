"""A search with real builds: a package changed, a commit broke the code, and both are found."""

import subprocess
from pathlib import Path

import pytest
from django.conf import settings
from test_bisection import seen

from registry.spec.bisection import Goal
from registry.spec.ladder import Level
from runners.bisection import Diary, bisect
from runners.searches import Prober
from runners.steps.case import Request
from tests.bench import BOUNDS, Bench

pytestmark = pytest.mark.docker

CODE = "from jinja2 import Markup\n\n\ndef shout(text):\n    return Markup(text).upper()\n"
TEST = "from model import shout\n\n\ndef test_shouting():\n    assert shout('a') == 'A'\n"
FILES = {
    "README.md": "# A model\n",
    "requirements.txt": "jinja2\nitsdangerous\n",
    "model.py": CODE,
    "test_model.py": TEST,
}
# Jinja 3.1 took away the name that the code imports.
OLD = ("itsdangerous==2.1.2", "Jinja2==3.0.3", "MarkupSafe==2.1.5", "pip==24.0")
NEW = ("itsdangerous==2.2.0", "Jinja2==3.1.6", "MarkupSafe==2.1.5", "pip==25.0")


def prober(address: Path, run: str, good, bad) -> Prober:
    return Prober(
        site=settings.SITE_NAME,
        run=run,
        request=Request(address=str(address), ref=None),
        good=good,
        bad=bad,
        check=lambda: None,
        bounds=lambda: BOUNDS,
    )


@pytest.mark.slow  # five environments are built; CI searches with a stand-in for the probe
def test_the_package_that_took_a_name_away_is_found(real: Bench):
    folder = real.repository(FILES)
    commit = head(folder)
    good = seen(OLD, commit=commit)
    bad = seen(NEW, commit=commit, level=Level.BUILDS)
    through = prober(folder, "b1", good, bad)
    diary = Diary(goal=Goal.of(good), run=through.probe)

    said = bisect(good, bad, probe=diary, commits=through.commits)

    assert said == "jinja2 3.0.3 → 3.1.6: with everything else new it runs with the old one."
    assert [each.good for each in diary.tried] == [False, True, False, True]


def test_the_line_of_commits_between_two_is_what_git_says(real: Bench):
    folder = real.repository({"a": "1"})
    first = head(folder)
    later = []
    for text in ("2", "3", "4"):
        (folder / "a").write_text(text)
        git(folder, "commit", "-qam", text)
        later.append(head(folder))
    through = prober(folder, "b2", seen(), seen())

    assert through.commits(first, later[-1]) == tuple(later)
    assert through.commits(later[-1], first) == ()
    assert through.commits("f" * 40, first) == ()


def head(folder: Path) -> str:
    return git(folder, "rev-parse", "HEAD").strip()


def git(folder: Path, *words: str) -> str:
    command = ["git", "-C", str(folder), "-c", "user.name=a", "-c", "user.email=a@b", *words]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout
