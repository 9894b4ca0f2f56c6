import zlib
from pathlib import Path

import pytest

from runners.faults import PlatformFault
from runners.source import guard
from runners.source.objects import Objects
from runners.source.snapshot import Caps, list_commit, tree
from runners.source.tree import GitTree
from tests.source.repositories import Repository

CONTENTS = {"a": b"", "b": b"small", "c": bytes(3_000_000)}


@pytest.fixture
def objects(repository: Repository) -> Objects:
    repository.commit(CONTENTS)
    return Objects(repository.folder)


def files_of(repository: Repository, objects: Objects) -> GitTree:
    caps = Caps(files=10, bytes=10**7)
    commit = repository.git("rev-parse", "main")
    return tree(list_commit(objects, commit, caps=caps, check=lambda: None), objects)


def write_tar(files: GitTree, target: Path) -> None:
    files.write_tar(target, without=frozenset(), extra={})


def test_one_reader_serves_all_files(
    repository: Repository, objects: Objects, tmp_path: Path
) -> None:
    files = files_of(repository, objects)
    reader = objects._process
    write_tar(files, tmp_path / "x.tar")
    assert {path: files.read(path, limit=10**7) for path in CONTENTS} == CONTENTS
    assert objects._process is reader


def test_an_object_left_half_read_does_not_spoil_the_next(
    repository: Repository, objects: Objects
) -> None:
    large, small = repository.blob(CONTENTS["c"]), repository.blob(CONTENTS["b"])
    pieces = objects.chunks(large, "blob", most=10**7)
    assert len(next(pieces)) == 2**20
    pieces.close()
    assert objects.read(small, "blob", most=10) == b"small"


def test_an_object_over_its_bound_is_not_read(repository: Repository, objects: Objects) -> None:
    with pytest.raises(guard.TooMuch):
        objects.read(repository.blob(b"small"), "blob", most=4)
    assert objects.read(repository.blob(b"small"), "blob", most=5) == b"small"


def test_a_missing_object_or_another_kind_is_damage(
    repository: Repository, objects: Objects
) -> None:
    for oid in ("0" * 40, repository.git("rev-parse", "main^{tree}")):
        with pytest.raises(PlatformFault, match="is not there as a blob"):
            objects.read(oid, "blob", most=10**6)


def test_changed_content_is_noticed_however_it_is_read(
    repository: Repository, objects: Objects, tmp_path: Path
) -> None:
    files = files_of(repository, objects)
    files.close()
    oid = repository.blob(b"small")
    loose = repository.folder / "objects" / oid[:2] / oid[2:]
    loose.chmod(0o600)
    loose.write_bytes(zlib.compress(b"blob 5\0SMALL"))
    with pytest.raises(PlatformFault, match="has changed"):
        files.read("b")
    with pytest.raises(PlatformFault, match="has changed"):
        write_tar(files, tmp_path / "x.tar")


def test_a_reader_that_died_is_started_again(repository: Repository, objects: Objects) -> None:
    oid = repository.blob(b"small")
    assert objects.read(oid, "blob", most=5) == b"small"
    assert objects._process is not None
    objects._process.kill()
    objects._process.wait()
    with pytest.raises(PlatformFault):
        objects.read(oid, "blob", most=5)
    assert objects.read(oid, "blob", most=5) == b"small"
