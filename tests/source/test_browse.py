"""The mirrors and archives as pages read them: the same files, bounded, nothing left running."""

import subprocess
from pathlib import Path

import pytest
from django.utils.module_loading import import_string

from portal import settings as site
from registry.archived import ArchivedFiles
from registry.sources import (
    Kind,
    SourceFiles,
    SourcePlace,
    SourceReader,
    SourceUnavailableError,
    head_of,
)
from runners.source import browse
from runners.source.mirror import MirrorStore
from tests.source.conftest import Fetch
from tests.source.repositories import Repository

FILES = {
    "README.md": "# Ising\n",
    "LICENSE": "MIT",
    "src/ising.py": "print(1)\n",
    "src/deep/a b?#%.txt": "odd",
    "data/large.bin": bytes(2_500_000),
    "empty": b"",
}


@pytest.fixture
def place(repository: Repository, fetch: Fetch) -> SourcePlace:
    repository.commit(FILES)
    return place_of(repository, fetch)


def place_of(repository: Repository, fetch: Fetch, folder: str = "") -> SourcePlace:
    found = fetch(repository.folder, folder=folder)
    return SourcePlace(address=found.address, commit=found.commit, folder=folder)


@pytest.fixture(params=["mirror", "archive"])
def files(
    request: pytest.FixtureRequest, place: SourcePlace, store: MirrorStore, tmp_path: Path
) -> SourceFiles:
    """The same files by both ways."""
    if request.param == "mirror":
        return reader(tmp_path).open(place)
    target = tmp_path / "source.tar.gz"
    store.archive(place.address, place.commit, target, prefix="source-x/")
    return ArchivedFiles(lambda: target.open("rb"), key=str(target))


def reader(tmp_path: Path) -> SourceReader:
    return browse.SiteSources(tmp_path / "mirrors")


def content(files: SourceFiles, path: str) -> bytes:
    item = files.find(path)
    assert item is not None
    return b"".join(files.pieces(item))


def test_the_class_that_settings_name_reads_mirrors(tmp_path: Path) -> None:
    assert import_string(site.SOURCE_READER) is browse.SiteSources
    named: SourceReader = import_string(site.SOURCE_READER)(tmp_path)
    with pytest.raises(SourceUnavailableError, match="not on the machine that serves this page"):
        named.open(SourcePlace(address="https://a.example/b", commit="0" * 40))


def test_folders_and_files_are_found_by_their_paths(files: SourceFiles) -> None:
    top = files.folder("")
    assert top is not None
    assert [(item.path, item.kind) for item in top] == [
        ("LICENSE", Kind.FILE), ("README.md", Kind.FILE), ("data", Kind.FOLDER),
        ("empty", Kind.FILE), ("src", Kind.FOLDER),
    ]  # fmt: skip
    assert [item.name for item in files.folder("src") or ()] == ["deep", "ising.py"]
    assert content(files, "src/deep/a b?#%.txt") == b"odd"
    assert content(files, "data/large.bin") == FILES["data/large.bin"]
    assert content(files, "empty") == b""
    assert files.folder("src/ising.py") is None
    assert sorted(files.files()) == sorted(FILES)


@pytest.mark.parametrize(
    "path",
    [
        "",
        "nothing",
        "src/nothing",
        "../x",
        "src/../README.md",
        "/README.md",
        "src//ising.py",
        "README.md/x",
        "a\nb/c",
        "src\0/x",
        "\ud800/x",
    ],
    ids=["top", "none", "below", "out", "round", "root", "twice", "file", "line", "nul", "half"],
)
def test_what_is_not_there_is_not_found(files: SourceFiles, path: str) -> None:
    assert files.find(path) is None


def test_both_ways_name_content_as_git_does(files: SourceFiles, repository: Repository) -> None:
    item = files.find("src/ising.py")
    assert item is not None
    assert item.oid == repository.git("rev-parse", "main:src/ising.py")
    assert files.size(item) == len(FILES["src/ising.py"])


def test_a_head_is_read_without_the_rest(files: SourceFiles) -> None:
    item = files.find("data/large.bin")
    assert item is not None
    assert head_of(files, item, most=10) == bytes(10)
    small = files.find("LICENSE")
    assert small is not None
    assert head_of(files, small, most=10) == b"MIT"


def test_no_git_stays_behind(place: SourcePlace, tmp_path: Path) -> None:
    files = reader(tmp_path).open(place)
    item = files.find("data/large.bin")
    assert item is not None
    pieces = files.pieces(item)
    next(pieces)
    process = files._objects._process  # type: ignore[attr-defined]  # what it runs is private
    assert isinstance(process, subprocess.Popen)
    pieces.close()
    files.close()
    assert process.returncode is not None


def test_a_folder_as_a_model_has_the_licence_of_its_repository(
    repository: Repository, fetch: Fetch, tmp_path: Path
) -> None:
    repository.commit(FILES)
    files = reader(tmp_path).open(place_of(repository, fetch, folder="src"))
    top = files.folder("")
    assert [item.path for item in top or ()] == ["LICENSE", "README.md", "deep", "ising.py"]
    assert content(files, "LICENSE") == b"MIT"
    assert "README.md" in files.files()


def test_links_and_submodules_are_named_and_not_followed(
    repository: Repository, fetch: Fetch, tmp_path: Path
) -> None:
    link, file = repository.blob(b"/etc/passwd"), repository.blob(b"x")
    tree = repository.tree([
        ("100644", file, b"\x1b[31mred"), ("100644", file, b"a"), ("120000", link, b"link"),
        ("160000", "1" * 40, b"other"),
    ])  # fmt: skip
    repository.commit_tree(tree)
    files = reader(tmp_path).open(place_of(repository, fetch))
    assert [(item.path, item.kind.value) for item in files.folder("") or ()] == [
        ("a", "file"), ("link", "link"), ("other", "submodule"),
    ]  # fmt: skip
    assert content(files, "link") == b"/etc/passwd"


def test_two_contents_of_two_mirrors_are_compared(
    repository: Repository, fetch: Fetch, tmp_path: Path
) -> None:
    repository.commit({"a.py": "one\ntwo\nthree\n", "b.bin": b"\0\1", ".gitattributes": "* diff=x"})
    older = place_of(repository, fetch)
    repository.commit({"a.py": "one\n2\nthree\n", "b.bin": b"\0\2"})
    newer = place_of(repository, fetch)
    read = reader(tmp_path)
    oids = [read.open(place).files() for place in (older, newer)]

    def differ(path: str) -> str:
        return read.difference(older, newer, (oids[0][path].oid, oids[1][path].oid))

    assert differ("a.py") == "@@ -1,3 +1,3 @@\n one\n-two\n+2\n three\n"
    assert differ("b.bin") == ""


def test_a_difference_that_is_too_long_says_so(
    repository: Repository, fetch: Fetch, tmp_path: Path
) -> None:
    repository.commit({"a": ""})
    older = place_of(repository, fetch)
    repository.commit({"a": "word\n" * 200_000})
    newer = place_of(repository, fetch)
    read = reader(tmp_path)
    oids = tuple(read.open(place).files()["a"].oid for place in (older, newer))
    with pytest.raises(SourceUnavailableError, match="too long"):
        read.difference(older, newer, (oids[0], oids[1]))


@pytest.mark.parametrize("commit", ["", "--output=/tmp/x", "HEAD", "0" * 41])
def test_no_option_passes_for_a_commit(tmp_path: Path, commit: str) -> None:
    with pytest.raises(SourceUnavailableError):
        reader(tmp_path).open(SourcePlace(address="https://a.example/b", commit=commit))


def test_a_damaged_mirror_is_no_other_content(place: SourcePlace, tmp_path: Path) -> None:
    files = reader(tmp_path).open(place)
    item = files.find("LICENSE")
    assert item is not None
    for pack in (tmp_path / "mirrors").rglob("*.pack"):
        pack.chmod(0o600)
        pack.write_bytes(pack.read_bytes()[:200])
    with pytest.raises(SourceUnavailableError):
        b"".join(reader(tmp_path).open(place).pieces(item))


def test_an_archive_beyond_the_bounds_is_not_read(
    monkeypatch: pytest.MonkeyPatch, place: SourcePlace, store: MirrorStore, tmp_path: Path
) -> None:
    monkeypatch.setattr("registry.archived.MOST_BYTES", 1000)
    target = tmp_path / "source.tar.gz"
    store.archive(place.address, place.commit, target, prefix="source-x/")
    with pytest.raises(SourceUnavailableError, match="too large to be looked into"):
        ArchivedFiles(lambda: target.open("rb"), key="bounded")
    target.write_bytes(b"no archive")
    with pytest.raises(SourceUnavailableError, match="damaged"):
        ArchivedFiles(lambda: target.open("rb"), key="damaged")
