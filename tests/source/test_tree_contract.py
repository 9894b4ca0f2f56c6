"""One contract for every Tree: over git objects, over a folder of them, and in memory."""

import tarfile
from pathlib import Path

import pytest

from runners.faults import RepositoryFault
from runners.tree import Entry, Tree
from tests.source.conftest import Fetch
from tests.source.repositories import WHEN, Repository
from tests.trees import MemoryTree

FILES: dict[str, bytes | str] = {
    "README.md": "# Modèle\n",
    "run.sh": "#!/bin/sh\n",
    "src/model.py": "print(1)\n",
    "src/deep/down/data.bin": b"\x00\xff" * 40_000,
    "src-other": "sorts before src/ by bytes, after it by folder",
    "bom.txt": b"\xef\xbb\xbfhello\x00\xff",
    "empty": "",
    "ünï/文.txt": "x",
    "n" * 120 + "/" + "m" * 120: "a path longer than old tars hold",
}
LINKS = {
    "inside": "src/model.py",
    "src/up": "../README.md",
    "dangling": "results/out.csv",
    "folder": "src",
    "passwd": "/etc/passwd",
    "zero": "/dev/zero",
    "root": "/",
    "climb": "src/../../x",
    "sly": "here/here/../x",
    "here": ".",
    "circle": "circle",
    "by-way-of": "passwd",
}
OUTSIDE = {"passwd", "zero", "root", "climb", "sly", "circle", "by-way-of"}
NOTHING: frozenset[str] = frozenset()


@pytest.fixture(params=["git", "folder", "memory"])
def tree(request: pytest.FixtureRequest, repository: Repository, fetch: Fetch) -> Tree:
    executables = frozenset({"run.sh"})
    if request.param == "memory":
        return MemoryTree(FILES, symlinks=LINKS, executables=executables, modified_at=WHEN)
    folder = "models/a/" if request.param == "folder" else ""
    # Beside it, what a link that leads out of the folder would find.
    beside = {"models/x": "", "x": "", "models/README.md": "another"} if folder else {}
    repository.commit(
        beside | {folder + path: content for path, content in FILES.items()},
        symlinks={folder + path: target for path, target in LINKS.items()},
        executables=frozenset(folder + path for path in executables),
    )
    return fetch(repository.folder, folder=folder).tree


def members(tar: Path) -> dict[str, tarfile.TarInfo]:
    with tarfile.open(tar) as opened:
        return {member.name: member for member in opened}


def test_entries_are_all_files_and_inner_links_in_path_order(tree: Tree) -> None:
    paths = [entry.path for entry in tree.entries]
    assert paths == sorted({*FILES, *LINKS} - OUTSIDE)
    assert Entry(path="run.sh", mode="100755", size=10) in tree.entries
    assert Entry(path="inside", mode="120000", size=12) in tree.entries
    assert Entry(path="src/deep/down/data.bin", mode="100644", size=80_000) in tree.entries


def test_only_regular_files_are_contained(tree: Tree) -> None:
    assert "src/model.py" in tree
    for path in ("inside", "src", "absent", "passwd", "./README.md", 7, None):
        assert path not in tree


def test_files_are_read_whole_or_not_at_all(tree: Tree) -> None:
    assert tree.read("src/deep/down/data.bin") == b"\x00\xff" * 40_000
    assert tree.read("empty") == b""
    assert tree.read("run.sh", limit=10) == b"#!/bin/sh\n"
    with pytest.raises(RepositoryFault, match=r"run\.sh"):
        tree.read("run.sh", limit=9)


@pytest.mark.parametrize("path", ["absent", "inside", "src", "passwd", "../etc/passwd", ""])
def test_what_is_no_file_is_a_key_error(tree: Tree, path: str) -> None:
    with pytest.raises(KeyError):
        tree.read(path)


def test_text_has_no_nul_no_mark_and_no_undecodable_bytes(tree: Tree) -> None:
    assert tree.text("bom.txt") == "hello\ufffd"
    assert tree.text("README.md") == "# Modèle\n"


def test_a_tar_holds_files_folders_and_inner_links(tree: Tree, tmp_path: Path) -> None:
    tree.write_tar(tmp_path / "x.tar", without=NOTHING, extra={})
    found = members(tmp_path / "x.tar")
    assert found.keys() >= {*FILES, "src", "src/deep", "src/deep/down", "ünï"}
    assert not found.keys() & OUTSIDE
    assert (found["inside"].linkname, found["dangling"].issym()) == ("src/model.py", True)
    assert (found["run.sh"].mode, found["README.md"].mode) == (0o755, 0o644)
    assert {(m.uid, m.gid, m.mtime) for m in found.values()} == {(1000, 1000, WHEN)}
    with tarfile.open(tmp_path / "x.tar") as opened:
        assert opened.extractfile("src/deep/down/data.bin").read() == b"\x00\xff" * 40_000


def test_the_same_tree_gives_the_same_bytes(tree: Tree, tmp_path: Path) -> None:
    for name in ("a.tar", "b.tar"):
        tree.write_tar(tmp_path / name, without=NOTHING, extra={"z": b"1", "a": b"2"})
    assert (tmp_path / "a.tar").read_bytes() == (tmp_path / "b.tar").read_bytes()


def test_hidden_files_and_folders_are_left_out(tree: Tree, tmp_path: Path) -> None:
    tree.write_tar(tmp_path / "x.tar", without=frozenset({"README.md", "src"}), extra={})
    found = members(tmp_path / "x.tar")
    assert not [path for path in found if path == "README.md" or path.split("/")[0] == "src"]
    assert "src-other" in found


def test_extra_files_are_added_and_replace(tree: Tree, tmp_path: Path) -> None:
    extra = {"README.md": b"ours", "new/file": b"new", "folder/inside": b"x", "run.sh/x": b"y"}
    tree.write_tar(tmp_path / "x.tar", without=NOTHING, extra=extra)
    with tarfile.open(tmp_path / "x.tar") as opened:
        for path, content in extra.items():
            assert opened.extractfile(path).read() == content
    found = members(tmp_path / "x.tar")
    assert found["folder"].isdir()
    assert found["run.sh"].isdir()


def test_a_hidden_file_can_be_replaced(tree: Tree, tmp_path: Path) -> None:
    extra = {"README.md": b"ours"}
    tree.write_tar(tmp_path / "x.tar", without=frozenset({"README.md"}), extra=extra)
    assert members(tmp_path / "x.tar")["README.md"].size == 4


def test_both_trees_write_the_same_tar(
    repository: Repository, fetch: Fetch, tmp_path: Path
) -> None:
    repository.commit(FILES, symlinks=LINKS)
    memory = MemoryTree(FILES, symlinks=LINKS, modified_at=WHEN)
    for name, tree in (("memory", memory), ("git", fetch(repository.folder).tree)):
        tree.write_tar(tmp_path / name, without=NOTHING, extra={})
    assert (tmp_path / "memory").read_bytes() == (tmp_path / "git").read_bytes()
