"""A folder of a repository as a model: what is seen of it, and what is said if it is not there."""

import tarfile
from pathlib import Path

import pytest

from registry.spec.ladder import Cause
from runners.faults import RepositoryFault
from runners.source.folder import check_folder
from runners.source.mirror import MirrorStore
from runners.source.snapshot import Snapshot
from tests.source.conftest import Fetch
from tests.source.repositories import Repository

MODELS = {
    "README.md": "# Two models\n",
    "LICENSE": "MIT\n",
    "setup.py": "the root's own",
    "models/a/model.py": "print(1)\n",
    "models/a/data/in.csv": "1,2\n",
    "models/b/model.py": "print(2)\n",
    "models/b/README.rst": "B\n=\n",
    "models/b/LICENCE.txt": "BSD\n",
    "models/shared/util.py": "",
}


def paths(found: Snapshot) -> list[str]:
    return [entry.path for entry in found.tree.entries]


def refusal(fetch: Fetch, *arguments: object, **options: object) -> str:
    with pytest.raises(RepositoryFault) as caught:
        fetch(*arguments, **options)
    failure = caught.value.failure
    assert failure.cause is Cause.FETCH
    return f"{failure.sentence} {failure.hint}"


def test_a_folder_is_the_tree_and_the_commit_is_the_repositorys(
    repository: Repository, fetch: Fetch
) -> None:
    commit = repository.commit(MODELS)
    found = fetch(repository.folder, folder="models/b")
    assert (found.commit, found.folder) == (commit, "models/b")
    assert paths(found) == ["LICENCE.txt", "README.rst", "model.py"]
    assert found.tree.read("model.py") == b"print(2)\n"
    assert found.tree_swhid == f"swh:1:dir:{repository.git('rev-parse', 'main:models/b')}"
    assert (found.files, found.inherited, found.warnings) == (3, (), ())


def test_readme_and_licence_of_the_root_stand_in_for_missing_ones(
    repository: Repository, fetch: Fetch
) -> None:
    repository.commit(MODELS)
    log: list[str] = []
    found = fetch(repository.folder, folder="/models/a/", log=log.append)
    assert paths(found) == ["LICENSE", "README.md", "data/in.csv", "model.py"]
    assert found.tree.text("README.md") == "# Two models\n"
    assert found.inherited == ("LICENSE", "README.md")
    assert found.tree_swhid == f"swh:1:dir:{repository.git('rev-parse', 'main:models/a')}"
    assert "from the repository's root: LICENSE, README.md" in "".join(log)


def test_only_what_is_missing_is_taken_from_the_root(repository: Repository, fetch: Fetch) -> None:
    repository.commit({"README": "root", "COPYING": "root", "m/readme.txt": "own", "m/x": ""})
    assert paths(fetch(repository.folder, folder="m")) == ["COPYING", "readme.txt", "x"]


def test_folders_of_one_commit_share_a_mirror_and_are_not_mixed(
    repository: Repository, fetch: Fetch, store: MirrorStore, tmp_path: Path
) -> None:
    commit = repository.commit(MODELS)
    for folder, content in (("models/a", b"print(1)\n"), ("models/b", b"print(2)\n")):
        assert fetch(repository.folder, folder=folder).tree.read("model.py") == content
        opened = store.open(str(repository.folder), commit, folder=folder)
        assert opened.tree.read("model.py") == content
    assert len(list((tmp_path / "mirrors").glob("*/*.git"))) == 1
    assert len(fetch(repository.folder, commit).tree.entries) == len(MODELS)


def test_an_archive_of_a_folder_holds_what_its_tree_holds(
    repository: Repository, fetch: Fetch, store: MirrorStore, tmp_path: Path
) -> None:
    commit = repository.commit(MODELS)
    found = fetch(repository.folder, folder="models/a")
    target = tmp_path / "a.tar.gz"
    store.archive(str(repository.folder), commit, target, prefix="m/", folder="models/a")
    with tarfile.open(target, "r:gz") as tar:
        names = {member.name for member in tar if member.isfile()}
    assert names == {f"m/{path}" for path in paths(found)}


def test_links_and_submodules_are_those_of_the_folder(repository: Repository, fetch: Fetch) -> None:
    links = {"m/up": "../other/x", "m/in": "x", "other/out": "/etc"}
    repository.commit({"m/x": "1", "other/x": "2"}, symlinks=links, submodules=("m/sub", "lib"))
    found = fetch(repository.folder, folder="m")
    assert paths(found) == ["in", "x"]
    assert found.warnings[0].endswith("copy them into the repository.")
    assert "left out: sub." in found.warnings[0]
    assert "lead out of the folder are left out: up." in found.warnings[1]


@pytest.mark.parametrize(
    ("folder", "said"),
    [
        ("model/a", "models/a"),
        ("b", "models/b"),
        ("Models/A", "models/a"),
        ("nothing-like-it", "models"),
        ("models/a/model.py", "It is a file. Its folder is models/a."),
        ("README.md", "It is a file. Its folder is the root."),
        ("models/a/missing", "models/a"),
        ("lib", "It is a submodule"),
    ],
)
def test_a_folder_that_is_not_there_is_answered_with_near_ones(
    repository: Repository, fetch: Fetch, folder: str, said: str
) -> None:
    commit = repository.commit(MODELS, submodules=("lib",))
    for ref in (None, commit):
        message = refusal(fetch, repository.folder, ref, folder=folder)
        assert f"no folder called “{folder}”" in message
        assert said in message


def test_a_repository_without_folders_says_so(repository: Repository, fetch: Fetch) -> None:
    repository.commit({"a": "1"})
    assert "Name none, and the model is all of it." in refusal(fetch, repository.folder, folder="x")


def test_a_folder_counts_as_little_as_it_holds_but_its_repository_within_the_limits(
    repository: Repository, fetch: Fetch
) -> None:
    repository.commit({**{f"many/{n}": "x" for n in range(50)}, "m/x": "1"})
    message = refusal(fetch, repository.folder, folder="m", most_files=20)
    assert "more than 20 files" in message
    assert fetch(repository.folder, folder="m").files == 1


@pytest.mark.parametrize(
    ("given", "path"),
    [
        ("", ""),
        ("/", ""),
        (".", ""),
        ("./models/a/", "models/a"),
        (" a//b ", "a/b"),
        ("a b", "a b"),
    ],
)
def test_a_folder_is_named_from_the_root(given: str, path: str) -> None:
    assert check_folder(given) == path


@pytest.mark.parametrize("given", ["..", "a/../b", "a\\b", "a\nb", "a\0b", "x" * 501, "\u202ea"])
def test_what_names_no_folder_is_refused(given: str) -> None:
    with pytest.raises(RepositoryFault):
        check_folder(given)
