"""Clones and fetches by the git that people have: whole, pinned, of published versions alone."""

import zipfile

import pytest

from registry.models import ModelEntry
from registry.services.entries import (
    EntryFields,
    entry_draft_create,
    entry_publish,
    entry_update,
)
from registry.services.uploads import SentArchive
from registry.services.versions import version_create
from runners.tasks import inspect_version
from tests.gitting.client import commits, pulls
from tests.gitting.conftest import FILES
from tests.registry.registry_helpers import newest
from tests.web import scenery

REFS = ("HEAD", "refs/heads/main", "refs/tags/1.2.0", "refs/tags/v1", "refs/tags/v2")


def missing(git, clone):
    """How many objects a partial clone still lacks."""
    listed = git("rev-list", "--objects", "--missing=print", "HEAD", clone=clone)
    return listed.count("?")


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
    # Questions and the clone, at last one pull.
    assert pulls() == {2: 1}
    git("fetch", "-q", clone="it")
    assert pulls() == {2: 1}


def test_shallow_and_partial_clones_take_less_and_fetch_the_rest_when_asked(git, model):
    git("clone", "-q", "--depth=1", "--branch=v1", model.site, "one")
    assert git("rev-list", "--all", "--count", clone="one") == "1"
    assert (git.folder / "one/src/ising.py").read_text() == FILES["src/ising.py"]
    assert pulls() == {1: 1}
    for left_out, lacks in (("blob:none", 3), ("blob:limit=1k", 1), ("tree:0", 1)):
        partial = ("clone", "-q", "--depth=1", "--no-checkout", f"--filter={left_out}")
        git(*partial, model.site, left_out)
        assert missing(git, left_out) == lacks
        git("checkout", "-q", "HEAD", clone=left_out)
        assert missing(git, left_out) == 0
        assert (git.folder / left_out / "data/large.bin").read_bytes() == FILES["data/large.bin"]
        git("fsck", clone=left_out)
    git("fetch", "-q", "--depth=1", "origin", "tag", "v1", clone="blob:none")
    assert git("show", "v1:src/ising.py", clone="blob:none") == "print('ran')"
    sparse = ("clone", "--depth=1", "--filter=sparse:oid=HEAD:README.md", model.site, "sparse")
    assert "not supported" in git.refused(*sparse)


def test_partial_clones_that_would_never_end_are_told_how_to(git, model):
    """This git forks without end at a filter and a history that ends unasked."""
    said = git.refused("clone", "--filter=blob:none", model.site, "it")
    assert "remote error: Here history ends at each version: add --depth=1 to --filter." in said
    git("-c", "protocol.version=0", "clone", "-q", "--filter=blob:none", model.site, "old")
    assert missing(git, "old") == 0


@pytest.mark.parametrize("protocol", ["0", "2"])
@pytest.mark.parametrize("depth", [(), ("--depth=1",)], ids=["whole", "shallow"])
def test_what_is_published_later_is_fetched_alone(git, model, protocol, depth):
    versioned = ("-c", f"protocol.version={protocol}")
    git(*versioned, "clone", "-q", *depth, model.site, "it")
    entry = ModelEntry.objects.get(pk=model.entry.pk)
    entry_publish(entry=entry, requested_by=model.owner)
    git(*versioned, "fetch", "-q", "--depth=1", "origin", "tag", "v3", clone="it")
    git("checkout", "-q", "v3", clone="it")
    assert git("rev-parse", "HEAD", clone="it") == commits(model)[2]
    assert (git.folder / "it/secret.txt").read_text() == "not yet\n"
    git("fsck", "--full", "--strict", clone="it")
    assert pulls() == {2: 1, 3: 1}


@pytest.mark.parametrize("protocol", ["0", "2"])
def test_commits_are_had_by_number_once_they_are_published(git, model, protocol):
    first, _, proposed = commits(model)
    parent = model.repository.git("rev-parse", f"{first}^{{tree}}")
    hidden = model.repository.commit({"never": "published"}, branch="aside")
    git("init", "-q", "it")
    fetch = ("-c", f"protocol.version={protocol}", "fetch", "-q", "--depth=1", model.site)
    git(*fetch, first, clone="it")
    git("checkout", "-q", "FETCH_HEAD", clone="it")
    assert git("rev-parse", "HEAD^{tree}", clone="it") == parent
    for unpublished in (proposed, hidden, "1" * 40):
        said = git.refused(*fetch, unpublished, clone="it")
        assert "not our ref" in said or "unadvertised object" in said


def sent(owner, folder, answer):
    """An archive as somebody sends it, with the model in one of its folders."""
    with zipfile.ZipFile(folder / "model.zip", "w") as archive:
        archive.writestr("m/README.md", "# Both\n")
        archive.writestr("m/models/a/model.py", f"print({answer})\n")
    return SentArchive(path=folder / "model.zip", name="model.zip", sent_by=owner)


def published_archive(entry, owner):
    inspect_version(newest(entry).pk)
    entry_update(entry=entry, fields=EntryFields(title="A model", licence="MIT"))
    entry_publish(entry=ModelEntry.objects.get(pk=entry.pk), requested_by=owner)


def test_archives_come_as_the_commits_that_were_made_of_them(git, model, settings, tmp_path):
    """Of a model in a folder too, git gives the whole repository."""
    settings.UPLOAD_DIR = tmp_path / "uploads"
    eve = scenery.person("eve")
    entry = entry_draft_create(owner=eve, folder="models/a", archive=sent(eve, tmp_path, 41))
    published_archive(entry, eve)
    version_create(entry=entry, folder="models/a", archive=sent(eve, tmp_path, 42))
    published_archive(entry, eve)
    git("clone", "-q", model.site.replace(f"ada/{model.entry.name}", f"eve/{entry.name}"), "it")
    git("fsck", "--strict", clone="it")
    assert (git.folder / "it/models/a/model.py").read_text() == "print(42)\n"
    assert git("show", "v1:models/a/model.py", clone="it") == "print(41)"
    assert git("ls-tree", "--name-only", "HEAD", clone="it").split() == ["README.md", "models"]
