"""Fetching from real repositories on this machine."""

import os
import shutil
import tarfile
import threading
import time
from pathlib import Path

import pytest

from registry.spec.ladder import Cause
from runners.faults import PlatformFault, RepositoryFault, Stopped
from runners.source.mirror import MirrorStore
from tests.source.conftest import Fetch
from tests.source.repositories import WHEN_ISO, Repository

FILES = {"README.md": "# Model\n", "src/model.py": "print(1)\n"}


def refusal(fetch: Fetch, *arguments: object, **options: object) -> str:
    """The whole message of a fetch that is the author's fault."""
    with pytest.raises(RepositoryFault) as caught:
        fetch(*arguments, **options)
    failure = caught.value.failure
    assert failure.cause is Cause.FETCH
    assert failure.hint
    return f"{failure.sentence} {failure.hint}"


def test_a_snapshot_says_which_commit_and_tree_it_is(repository: Repository, fetch: Fetch) -> None:
    commit = repository.commit(FILES)
    log: list[str] = []
    found = fetch(repository.folder, log=log.append)
    assert (found.address, found.ref, found.commit) == (str(repository.folder), None, commit)
    assert found.tree_swhid == f"swh:1:dir:{repository.git('rev-parse', commit + '^{tree}')}"
    assert (found.committed_at, found.files, found.bytes) == (WHEN_ISO, 2, 17)
    assert found.warnings == ()
    assert f"Commit {commit}: 2 files, 17 bytes." in "".join(log)


def test_every_way_to_name_a_commit_leads_to_it(repository: Repository, fetch: Fetch) -> None:
    old = repository.commit({"a": "old"})
    tagged = repository.commit({"a": "tagged"})
    repository.git("tag", "v1", tagged)
    repository.git("tag", "-a", "-m", "note", "v2", old)
    repository.git("update-ref", "refs/heads/feature/x", old)
    new = repository.commit({"a": "new"})
    ways = {
        "main": new, "HEAD": new, "refs/heads/main": new, "feature/x": old, "v1": tagged,
        "v2": old, "refs/tags/v2": old, new: new, tagged: tagged, new[:8]: new, tagged[:7]: tagged,
        tagged[:12].upper(): tagged,
    }  # fmt: skip
    assert {way: fetch(repository.folder, way).commit for way in ways} == ways


def test_a_tag_goes_before_a_branch_of_the_same_name(repository: Repository, fetch: Fetch) -> None:
    old = repository.commit({"a": "old"})
    repository.git("tag", "both", old)
    repository.commit({"a": "new"}, branch="both")
    assert fetch(repository.folder, "both").commit == old


def test_an_unknown_ref_is_answered_with_known_ones(repository: Repository, fetch: Fetch) -> None:
    commit = repository.commit(FILES)
    repository.git("tag", "v1.0")
    message = refusal(fetch, repository.folder, "mian")
    assert "no branch, tag or commit called “mian”" in message
    assert "main, v1.0" in message
    absent = commit.translate(str.maketrans("0123456789abcdef", "123456789abcdef0"))
    for number in (absent, absent[:9]):
        assert "no branch, tag or commit" in refusal(fetch, repository.folder, number)
    tree = repository.git("rev-parse", "HEAD^{tree}")
    assert "no branch, tag or commit" in refusal(fetch, repository.folder, tree)


def test_a_misspelt_ref_is_answered_with_the_one_that_is_meant(
    repository: Repository, fetch: Fetch
) -> None:
    commit = repository.commit(FILES)
    for number in range(30):
        repository.git("update-ref", f"refs/heads/a{number}", commit)
    repository.git("tag", "release-2.1.0", commit)
    for number in range(9):
        repository.git("tag", f"z{number}", commit)
    assert "among others: release-2.1.0" in refusal(fetch, repository.folder, "release-2.1")


def test_a_repository_without_a_head_is_fetched_by_its_only_branch(
    repository: Repository, fetch: Fetch
) -> None:
    commit = repository.commit(FILES, branch="trunk")
    assert fetch(repository.folder).commit == commit
    repository.git("update-ref", "refs/heads/other", commit)
    assert "Name one of them: trunk" in refusal(fetch, repository.folder).replace("other, ", "")


def test_what_is_no_repository_is_said_so(tmp_path: Path, fetch: Fetch) -> None:
    (tmp_path / "plain").mkdir()
    (tmp_path / "file").write_text("x")
    for name in ("plain", "file", "absent"):
        message = refusal(fetch, tmp_path / name)
        assert "is not a git repository" in message
        assert "git init" in message


def test_a_folder_inside_a_repository_is_not_that_repository(tmp_path: Path, fetch: Fetch) -> None:
    outer = Repository(tmp_path / "outer" / ".git")
    outer.commit({"inner/a": "1"})
    (tmp_path / "outer" / "inner").mkdir()
    assert fetch(tmp_path / "outer").files == 1
    assert "is not a git repository" in refusal(fetch, tmp_path / "outer" / "inner")


def test_an_empty_repository_is_said_to_be_empty(repository: Repository, fetch: Fetch) -> None:
    assert "the repository is empty" in refusal(fetch, repository.folder)


def test_a_commit_without_a_file_is_said_to_be_empty(repository: Repository, fetch: Fetch) -> None:
    repository.commit({})
    message = refusal(fetch, repository.folder)
    assert "no file in it" in message
    assert "Commit and push" in message


def test_a_commit_of_submodules_alone_names_them(repository: Repository, fetch: Fetch) -> None:
    repository.commit({}, submodules=("model",))
    assert "submodules alone: model." in refusal(fetch, repository.folder)


def test_a_sha256_repository_is_refused(tmp_path: Path, fetch: Fetch) -> None:
    repository = Repository(tmp_path / "x.git")
    shutil.rmtree(repository.folder)
    repository.git("init", "--quiet", "--bare", "--object-format=sha256", str(repository.folder))
    repository.commit_tree(repository.git("mktree"))
    assert "SHA-256" in refusal(fetch, repository.folder)


def test_a_mirrored_commit_outlives_its_repository(
    repository: Repository, fetch: Fetch, store: MirrorStore
) -> None:
    commit = repository.commit(FILES)
    first = fetch(repository.folder)
    shutil.rmtree(repository.folder)
    again = fetch(repository.folder, commit)
    opened = store.open(str(repository.folder), commit)
    assert again.tree.entries == opened.tree.entries == first.tree.entries
    assert opened.tree_swhid == first.tree_swhid
    assert opened.tree.read("README.md") == b"# Model\n"


def test_what_was_never_mirrored_cannot_be_opened(store: MirrorStore) -> None:
    with pytest.raises(PlatformFault, match="not in the mirror"):
        store.open("https://github.com/o/n", "0" * 40)


def test_a_mirror_holds_one_commit_that_can_be_cloned(
    repository: Repository, fetch: Fetch, tmp_path: Path
) -> None:
    repository.commit({"a": "the past"})
    commit = repository.commit(FILES)
    fetch(repository.folder)
    (mirror,) = (tmp_path / "mirrors").glob(f"*/{commit}.git")
    assert not (mirror / "hooks").exists()
    assert Repository.git(_at(mirror), "rev-list", "--all") == commit
    repository.git("clone", "--quiet", f"file://{mirror}", str(tmp_path / "clone"))
    assert (tmp_path / "clone" / "README.md").read_text() == "# Model\n"


def _at(folder: Path) -> Repository:
    repository = Repository.__new__(Repository)
    repository.folder = folder
    return repository


def test_a_damaged_mirror_is_our_fault_and_never_read(
    repository: Repository, fetch: Fetch, store: MirrorStore, tmp_path: Path
) -> None:
    commit = repository.commit({"a": "x" * 10_000})
    fetch(repository.folder)
    (pack,) = (tmp_path / "mirrors").glob(f"*/{commit}.git/objects/pack/*.pack")
    pack.chmod(0o600)
    content = bytearray(pack.read_bytes())
    content[-60:-22] = bytes(38)
    pack.write_bytes(content)
    with pytest.raises(PlatformFault, match="damaged"):
        store.open(str(repository.folder), commit)


def test_no_scratch_is_left_and_old_scratch_is_removed(
    repository: Repository, fetch: Fetch, tmp_path: Path
) -> None:
    abandoned = tmp_path / "mirrors" / "incoming" / "killed"
    abandoned.mkdir(parents=True)
    os.utime(abandoned, (0, 0))
    fresh = abandoned.with_name("running")
    fresh.mkdir()
    repository.commit(FILES)
    fetch(repository.folder)
    refusal(fetch, repository.folder, "absent")
    assert list(abandoned.parent.iterdir()) == [fresh]


def test_many_at_once_mirror_one_commit(
    repository: Repository, fetch: Fetch, tmp_path: Path
) -> None:
    commit = repository.commit({f"f{n}": os.urandom(2000) for n in range(50)})
    found: list[object] = []
    threads = [
        threading.Thread(target=lambda: found.append(fetch(repository.folder, "main").commit))
        for _ in range(6)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == [commit] * 6
    assert len(list((tmp_path / "mirrors").glob("*/*.git"))) == 1
    assert not list((tmp_path / "mirrors" / "incoming").iterdir())


def test_an_archive_holds_everything_and_is_the_same_each_time(
    repository: Repository, fetch: Fetch, store: MirrorStore, tmp_path: Path
) -> None:
    files = {**FILES, ".gitattributes": "src export-ignore\nREADME.md export-subst\n"}
    commit = repository.commit(files)
    fetch(repository.folder)
    for name in ("a", "b"):
        store.archive(str(repository.folder), commit, tmp_path / name, prefix="model-1/")
    assert (tmp_path / "a").read_bytes() == (tmp_path / "b").read_bytes()
    with tarfile.open(tmp_path / "a", "r:gz") as tar:
        names = {member.name for member in tar if member.isfile()}
    assert names == {f"model-1/{path}" for path in files}


def test_a_full_disk_is_our_fault(repository: Repository, fetch: Fetch) -> None:
    repository.commit(FILES)
    found = fetch(repository.folder)
    with pytest.raises(PlatformFault, match="could not be written"):
        found.tree.write_tar(Path("/dev/full"), without=frozenset(), extra={})


def test_a_mirror_folder_that_cannot_be_written_is_our_fault(
    repository: Repository, fetch: Fetch, tmp_path: Path
) -> None:
    repository.commit(FILES)
    (tmp_path / "mirrors").write_text("a file")
    with pytest.raises(PlatformFault):
        fetch(repository.folder)


# --- Hostile trees ----------------------------------------------------------------------------


def bomb(repository: Repository, leaf: str, levels: int = 9) -> None:
    tree = leaf
    for _ in range(levels):
        tree = repository.tree([("40000", tree, b"d%d" % number) for number in range(10)])
    repository.commit_tree(tree)


def test_a_billion_files_in_few_kilobytes_are_refused_at_once(
    repository: Repository, fetch: Fetch
) -> None:
    blob = repository.blob(b"x")
    bomb(repository, repository.tree([("100644", blob, b"f%d" % n) for n in range(10)]))
    began = time.monotonic()
    assert "more than 1,000 files" in refusal(fetch, repository.folder)
    assert time.monotonic() - began < 5


def test_a_billion_empty_folders_are_refused_at_once(repository: Repository, fetch: Fetch) -> None:
    bomb(repository, repository.tree([]))
    assert "more than 1,000 files and folders" in refusal(fetch, repository.folder)


def test_a_blob_named_a_thousand_times_counts_a_thousand_times(
    repository: Repository, fetch: Fetch
) -> None:
    blob = repository.blob(bytes(100_000))
    tree = repository.tree([("100644", blob, b"f%03d" % number) for number in range(500)])
    repository.commit_tree(tree)
    assert "larger than the 10 MB" in refusal(fetch, repository.folder)


def test_a_large_blob_that_packs_small_is_refused(repository: Repository, fetch: Fetch) -> None:
    repository.commit({"zeros": bytes(50_000_000)})
    assert "larger than the 10 MB" in refusal(fetch, repository.folder)


def test_a_large_pack_is_refused_while_it_arrives(
    repository: Repository, fetch: Fetch, tmp_path: Path
) -> None:
    repository.commit({"noise": os.urandom(8_000_000)})
    assert "larger than the 1 MB" in refusal(fetch, repository.folder, most_bytes=1_000_000)
    assert not list((tmp_path / "mirrors").glob("*/*.git"))


def test_folders_beyond_a_depth_are_refused(repository: Repository, fetch: Fetch) -> None:
    repository.commit({"d/" * 70 + "f": "x"})
    assert "more than 64 deep" in refusal(fetch, repository.folder)


def test_overlong_paths_are_refused(repository: Repository, fetch: Fetch) -> None:
    repository.commit({("n" * 200 + "/") * 6 + "f": "x"})
    assert "path is too long" in refusal(fetch, repository.folder)


@pytest.mark.parametrize(
    "name",
    [b".git", b".GIT", b".git.", b".git ", b"git~1", b".g\xe2\x80\x8cit", b"..", b".", b"a/b"],
)
def test_names_that_git_forbids_are_refused(
    repository: Repository, fetch: Fetch, name: bytes
) -> None:
    inner = repository.tree([("100644", repository.blob(b"x"), b"config")])
    repository.commit_tree(repository.tree([("40000", inner, name)]))
    message = refusal(fetch, repository.folder)
    assert "unsafe or broken" in message or "forbidden name" in message


def test_a_tree_that_git_cannot_send_is_refused(repository: Repository, fetch: Fetch) -> None:
    inner = repository.tree([])
    repository.commit_tree(repository.tree([("40000", inner, b"")]))
    assert "could not be fetched" in refusal(fetch, repository.folder)


def test_one_name_twice_in_a_folder_is_refused(repository: Repository, fetch: Fetch) -> None:
    blob = repository.blob(b"x")
    tree = repository.tree([("100644", blob, b"a"), ("100644", repository.blob(b"y"), b"a")])
    repository.commit_tree(tree)
    assert "unsafe or broken" in refusal(fetch, repository.folder)


def test_unreadable_names_are_left_out_and_named(repository: Repository, fetch: Fetch) -> None:
    blob = repository.blob(b"x")
    names = [b"esc\x1b[31m", b"latin\xe9", b"line\nbreak", b"ok"]
    repository.commit_tree(repository.tree([("100644", blob, name) for name in names]))
    log: list[str] = []
    found = fetch(repository.folder, log=log.append)
    assert [entry.path for entry in found.tree.entries] == ["ok"]
    assert found.warnings[0].endswith(r"left out: esc\x1b[31m, latin\udce9, line\nbreak.")
    assert found.warnings[0] in "".join(log)


def test_strange_but_readable_names_are_kept(repository: Repository, fetch: Fetch) -> None:
    names = ["<img src=x>", "CON", "a", "A", "-rf", "--output=x", "rtl\u202efdp.exe", "back\\slash",
             "$(id)", "'; drop"]  # fmt: skip
    repository.commit(dict.fromkeys(names, "x"))
    assert [entry.path for entry in fetch(repository.folder).tree.entries] == sorted(names)


def test_submodules_are_left_out_and_named(repository: Repository, fetch: Fetch) -> None:
    modules = '[submodule "x"]\n\tpath = lib\n\turl = https://github.com/o/n\n'
    repository.commit({".gitmodules": modules, "a": "1"}, submodules=("lib", "third/party"))
    found = fetch(repository.folder)
    assert [entry.path for entry in found.tree.entries] == [".gitmodules", "a"]
    assert "Submodules" in found.warnings[0]
    assert "lib, third/party" in found.warnings[0]


def test_submodules_that_an_archive_left_out_are_named(
    repository: Repository, fetch: Fetch
) -> None:
    """As forges pack them: the list of submodules is there, their folders are empty or gone."""
    lines = "".join(
        f'[submodule "{name}"]\n\tpath = {name}\n\turl = https://github.com/o/{name}\n'
        for name in ("lib", "vendored", "third/party")
    )
    repository.commit({".gitmodules": lines, "vendored/x": ""})
    assert "left out: lib, third/party." in fetch(repository.folder).warnings[0]


def test_a_submodule_that_would_run_a_command_is_refused(
    repository: Repository, fetch: Fetch
) -> None:
    modules = '[submodule "x"]\n\tpath = lib\n\turl = -u./payload\n'
    repository.commit({".gitmodules": modules}, submodules=("lib",))
    assert "unsafe or broken" in refusal(fetch, repository.folder)


def test_lfs_pointers_are_named_and_not_fetched(repository: Repository, fetch: Fetch) -> None:
    pointer = f"version https://git-lfs.github.com/spec/v1\noid sha256:{'0' * 64}\nsize 9\n"
    files = {".lfsconfig": "[lfs]\nurl = http://127.0.0.1:1/\n", "weights.pt": pointer}
    repository.commit({**files, ".gitattributes": "*.pt filter=lfs\n"})
    found = fetch(repository.folder)
    assert "weights.pt" in found.warnings[0]
    assert "LFS" in found.warnings[0]
    assert found.pointers == ("weights.pt",)
    assert found.tree.text("weights.pt") == pointer


def test_links_that_lead_out_are_left_out_and_named(repository: Repository, fetch: Fetch) -> None:
    repository.commit({"a": "1"}, symlinks={"etc": "/etc/passwd", "b": "a"})
    found = fetch(repository.folder)
    assert [entry.path for entry in found.tree.entries] == ["a", "b"]
    assert "lead out of the repository are left out: etc." in found.warnings[0]


def test_many_left_out_are_counted_and_not_listed(repository: Repository, fetch: Fetch) -> None:
    repository.commit({"a": "1"}, symlinks={f"l{n}": "/" for n in range(9)})
    assert "l0, l1, l2, l3, l4 and 4 more." in fetch(repository.folder).warnings[0]


def test_nothing_that_a_repository_configures_is_run(
    tmp_path: Path, repository: Repository, fetch: Fetch
) -> None:
    proof = tmp_path / "proof"
    command = f"touch {proof}; false"
    for key in ("core.fsmonitor", "core.sshCommand", "uploadpack.packObjectsHook", "core.pager",
                "filter.x.smudge", "filter.x.clean", "core.hooksPath", "credential.helper",
                "core.askPass", "core.editor", "diff.external", "gpg.program"):  # fmt: skip
        repository.git("config", key, command)
    hooks = repository.folder / "hooks"
    hooks.mkdir(exist_ok=True)
    for name in ("post-checkout", "reference-transaction", "post-update", "pre-auto-gc"):
        (hooks / name).write_text(f"#!/bin/sh\n{command}\n")
        (hooks / name).chmod(0o755)
    commit = repository.commit({".gitattributes": "* filter=x diff=x\n", "a": "1"})
    proof.unlink(missing_ok=True)
    assert fetch(repository.folder, commit[:9]).commit == commit
    assert not proof.exists()


def test_old_and_harmless_slips_are_forgiven(repository: Repository, fetch: Fetch) -> None:
    tree = repository.tree([("100644", repository.blob(b"x"), b"a")])
    raw = f"tree {tree}\nauthor Ada <a> 1 +051800\ncommitter Ada <a> 1 +0000\n\nx\n".encode()
    commit = repository.git(
        "hash-object", "-t", "commit", "-w", "--literally", "--stdin", stdin=raw
    )
    repository.git("update-ref", "refs/heads/main", commit)
    assert fetch(repository.folder).commit == commit


def test_a_fetch_that_is_stopped_leaves_nothing(
    repository: Repository, fetch: Fetch, tmp_path: Path
) -> None:
    repository.commit({f"f{n}": os.urandom(1000) for n in range(200)})
    calls = iter(range(10**6))

    def check() -> None:
        if next(calls) > 2:
            raise Stopped

    with pytest.raises(Stopped):
        fetch(repository.folder, check=check)
    assert not list((tmp_path / "mirrors" / "incoming").iterdir())
