"""Clones and fetches by the git that people have: whole, pinned, of published versions alone."""

import pytest

from registry.models import PullCount
from registry.models.pulling import PullKind
from tests.gitting.client import commits

REFS = ("HEAD", "refs/heads/main", "refs/tags/1.2.0", "refs/tags/v1", "refs/tags/v2")


def pulls():
    return {p.version.number: p.count for p in PullCount.objects.filter(kind=PullKind.GIT)}


@pytest.mark.parametrize("protocol", ["0", "1", "2"])
def test_a_clone_has_what_is_published_and_nothing_else(git, model, protocol):
    first, second, proposed = commits(model)
    git("-c", f"protocol.version={protocol}", "clone", "-q", model.site, "it")
    named = dict(
        reversed(line.split()) for line in git("ls-remote", "origin", clone="it").splitlines()
    )
    assert named == dict(zip(REFS, (second, second, first, first, second), strict=True))
    git("fsck", "--full", "--strict", clone="it")
    assert git("rev-parse", "HEAD", "v1", clone="it").split() == [second, first]
    assert (git.folder / "it/src/ising.py").read_text() == "print('ran twice')\n"
    objects = git("cat-file", "--batch-all-objects", "--batch-check=%(objectname)", clone="it")
    assert proposed not in objects
    assert pulls() == {2: 1}
