"""Archives that people send instead of a repository: kept as commits, whatever is in them."""

import bz2
import gzip
import io
import lzma
import struct
import subprocess
import tarfile
import tracemalloc
import zipfile
from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import partial
from pathlib import Path

import pytest

from registry.spec.ladder import Cause
from runners.faults import RepositoryFault
from runners.limits import SourceLimits
from runners.source.address import normalise
from runners.source.mirror import MirrorStore
from runners.source.snapshot import Snapshot
from runners.source.uploads import Archive, UploadStore
from tests.source.repositories import WHEN, WHEN_ISO

FILES = {"README.md": b"# Model\n", "src/model.py": b"print(1)\n", "data/in.csv": b"1,2\n"}
NOTHING = frozenset[str]()


def zipped(files: Mapping[str, bytes], **options: int) -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            info = zipfile.ZipInfo(name)
            info.external_attr = options.get("mode", 0o100644) << 16
            archive.writestr(info, content, zipfile.ZIP_DEFLATED)
    return target.getvalue()


def tarred(files: Mapping[str, bytes], *special: tarfile.TarInfo, form: int = 2) -> bytes:
    target = io.BytesIO()
    with tarfile.open(fileobj=target, mode="w", format=form) as archive:
        for name, content in files.items():
            info = tarfile.TarInfo(name)
            info.size = len(content)
            archive.addfile(info, io.BytesIO(content))
        for info in special:
            archive.addfile(info)
    return target.getvalue()


def special(name: str, kind: bytes, to: str = "") -> tarfile.TarInfo:
    info = tarfile.TarInfo(name)
    info.type, info.linkname = kind, to
    return info


class Site:
    """The stores of one worker, and limits that a test may change."""

    def __init__(self, folder: Path) -> None:
        self.uploads = UploadStore(folder / "uploads")
        self.mirrors = MirrorStore(folder / "mirrors")
        self.limits = SourceLimits(
            seconds=60, bytes=10_000_000, files=1_000, allow=NOTHING, uploads=folder / "uploads"
        )

    def lay(self, *contents: bytes, name: str = "model.zip") -> str:
        history = [
            Archive(
                number=number,
                name=name,
                sha256=str(hash(content)),
                received_at=WHEN + number - 1,
                open=partial(io.BytesIO, content),
            )
            for number, content in enumerate(contents, start=1)
        ]
        return self.uploads.lay("12", history, limits=self.limits, check=lambda: None)

    def fetch(self, ref: str | None = None, **options: str) -> Snapshot:
        address = normalise("upload:12", allow=NOTHING, uploads=self.limits.uploads)
        return self.mirrors.fetch(
            address, ref, limits=self.limits, log=lambda _: None, check=lambda: None, **options
        )

    def files(self, content: bytes) -> dict[str, bytes]:
        self.lay(content)
        tree = self.fetch().tree
        return {e.path: tree.read(e.path) if e.path in tree else b"" for e in tree.entries}

    def refusal(self, content: bytes) -> str:
        with pytest.raises(RepositoryFault) as caught:
            self.files(content)
        failure = caught.value.failure
        assert failure.cause is Cause.FETCH
        assert failure.hint
        return f"{failure.sentence} {failure.hint}"


@pytest.fixture
def site(tmp_path: Path) -> Site:
    return Site(tmp_path)


# --- What is taken ----------------------------------------------------------------------------

PACKED: dict[str, Callable[[Mapping[str, bytes]], bytes]] = {
    "zip": zipped,
    "tar": tarred,
    "pax": lambda files: tarred(files, form=tarfile.PAX_FORMAT),
    "gnu": lambda files: tarred(files, form=tarfile.GNU_FORMAT),
    "tar.gz": lambda files: gzip.compress(tarred(files)),
    "tar.bz2": lambda files: bz2.compress(tarred(files)),
    "tar.xz": lambda files: lzma.compress(tarred(files)),
}


@pytest.mark.parametrize("kind", PACKED)
def test_an_archive_becomes_a_commit_like_any_other(site: Site, kind: str) -> None:
    commit = site.lay(PACKED[kind](FILES))
    found = site.fetch("upload-1")
    assert (found.address, found.ref, found.commit) == ("upload:12", "upload-1", commit)
    assert (found.committed_at, found.files, found.warnings) == (WHEN_ISO, 3, ())
    assert {e.path: found.tree.read(e.path) for e in found.tree.entries} == FILES
    assert site.fetch(folder="src").tree.read("model.py") == b"print(1)\n"


def test_the_same_archive_is_the_same_commit_on_every_machine(tmp_path: Path) -> None:
    first, second = Site(tmp_path / "one"), Site(tmp_path / "two")
    content = zipped(FILES)
    assert first.lay(content) == second.lay(content) == first.lay(content)


def test_the_next_upload_is_the_next_commit(site: Site, tmp_path: Path) -> None:
    old, new = zipped({"a": b"1", "gone": b""}), tarred({"a": b"2"})
    first = site.lay(old)
    second = site.lay(old, new)
    assert site.fetch("upload-1").tree.read("a") == b"1"
    assert [entry.path for entry in site.fetch("upload-2").tree.entries] == ["a"]
    assert site.fetch().commit == second
    log = subprocess.check_output(
        ["git", f"--git-dir={site.uploads.place('12')}", "log", "--format=%H %an %s", "upload-2"],
        text=True,
    )
    assert log.splitlines() == [
        f"{second} Reprise Upload 2: model.zip",
        f"{first} Reprise Upload 1: model.zip",
    ]


def test_a_lost_store_is_made_again_with_the_same_commits(tmp_path: Path) -> None:
    contents = (zipped(FILES), tarred(FILES | {"new": b""}))
    before = Site(tmp_path / "lost").lay(*contents)
    assert Site(tmp_path / "new").lay(*contents) == before


def test_a_store_of_another_history_is_not_taken_for_this_one(site: Site) -> None:
    site.lay(zipped({"a": b"of a database that is gone"}))
    commit = site.lay(zipped({"a": b"of this one"}))
    assert site.fetch("upload-1").commit == commit


@pytest.mark.parametrize(
    ("names", "paths"),
    [
        (["model-1.0/a", "model-1.0/b/c"], ["a", "b/c"]),
        (["m/m/a", "m/m/b"], ["a", "b"]),
        (["./a", "./b/c"], ["a", "b/c"]),
        (["./m/a"], ["a"]),
        (["m/a", "README"], ["README", "m/a"]),
        (["pkg/__init__.py", "pkg/x.py"], ["pkg/__init__.py", "pkg/x.py"]),
        (["m/pkg/__init__.py"], ["pkg/__init__.py"]),
        (["src/x.py"], ["src/x.py"]),
        (["m/models/a/x", "m/models/a/y"], ["models/a/x", "models/a/y"]),
        (["m/a", "__MACOSX/m/._a", ".DS_Store", "m/Thumbs.db"], ["a"]),
        (["m/a", "m/.git/config", "m/.git/hooks/post-checkout", "m/sub/.GIT/x"], ["a"]),
    ],
)
@pytest.mark.parametrize("pack", [zipped, tarred])
def test_wrappers_and_litter_are_left_out(
    site: Site, names: list[str], paths: list[str], pack: Callable[..., bytes]
) -> None:
    assert sorted(site.files(pack(dict.fromkeys(names, b"x")))) == sorted(paths)


def test_windows_archives_with_backslashes_have_folders(site: Site) -> None:
    assert set(site.files(zipped({"m\\src\\a.py": b"", "m\\b": b""}, mode=0))) == {"src/a.py", "b"}


def test_programs_stay_executable(site: Site) -> None:
    site.lay(zipped({"run.sh": b"x"}, mode=0o100755))
    assert site.fetch().tree.entries[0].mode == "100755"


def test_names_that_differ_in_case_or_are_strange_are_kept(site: Site) -> None:
    names = ["a", "A", "ünï/文.txt", 'quo"te', "back\\slash", "-rf", "$(id)", "CON", "new\tline"]
    found = site.files(tarred(dict.fromkeys(names, b"x"), form=tarfile.PAX_FORMAT))
    assert sorted(found) == sorted(set(names) - {"new\tline"})
    assert "unreadable characters" in site.fetch().warnings[0]


def test_links_stay_where_they_stay_inside(site: Site) -> None:
    content = tarred(
        {"m/a": b"1"},
        special("m/in", tarfile.SYMTYPE, "a"),
        special("m/passwd", tarfile.SYMTYPE, "/etc/passwd"),
        special("m/up", tarfile.SYMTYPE, "../../x"),
        special("m/same", tarfile.LNKTYPE, "m/a"),
    )
    assert site.files(content) == {"a": b"1", "in": b"", "same": b"1"}
    assert "lead out of the repository are left out: passwd, up." in site.fetch().warnings[0]


def test_links_of_a_zip_are_links(site: Site) -> None:
    target = io.BytesIO(zipped({"a": b"1"}))
    with zipfile.ZipFile(target, "a") as archive:
        info = zipfile.ZipInfo("link")
        info.external_attr = 0o120777 << 16
        archive.writestr(info, "/etc/passwd")
    assert site.files(target.getvalue()) == {"a": b"1"}


def test_git_lfs_pointers_in_an_archive_are_named(site: Site) -> None:
    pointer = f"version https://git-lfs.github.com/spec/v1\noid sha256:{'0' * 64}\nsize 9\n"
    site.lay(zipped({"weights.pt": pointer.encode(), "a": b""}))
    assert site.fetch().pointers == ("weights.pt",)


# --- What is refused --------------------------------------------------------------------------


@pytest.mark.parametrize("path", ["/etc/passwd", "../x", "a/../../x", "C:/x", "..\\x", "C:\\x"])
def test_paths_that_lead_out_are_refused(site: Site, path: str) -> None:
    assert "leads out of it" in site.refusal(zipped({path: b"x", "a": b""}))


@pytest.mark.parametrize("path", ["/etc/passwd", "../x", "a/../../x"])
def test_paths_of_a_tar_that_lead_out_are_refused(site: Site, path: str) -> None:
    assert "leads out of it" in site.refusal(tarred({path: b"x", "a": b""}))


@pytest.mark.parametrize("kind", [tarfile.CHRTYPE, tarfile.BLKTYPE, tarfile.FIFOTYPE])
def test_devices_are_refused(site: Site, kind: bytes) -> None:
    assert "“zero” is neither a file" in site.refusal(tarred({"a": b""}, special("zero", kind)))


def test_a_device_in_a_zip_is_refused(site: Site) -> None:
    assert "is neither a file" in site.refusal(zipped({"zero": b""}, mode=0o020666))


def test_hard_links_lead_to_files_of_the_archive(site: Site) -> None:
    outside = special("m/b", tarfile.LNKTYPE, "m/absent")
    assert "a file that is not in it" in site.refusal(tarred({"m/a": b""}, outside))
    beyond = special("m/b", tarfile.LNKTYPE, "../../etc/passwd")
    assert "leads out of it" in site.refusal(tarred({"m/a": b""}, beyond))


def test_one_name_for_two_things_is_refused(site: Site) -> None:
    twice = tarred({"m/a": b"1"}, special("m/a", tarfile.SYMTYPE, "b"))
    assert "holds “m/a” twice" in site.refusal(twice)
    both = zipped({"m/a": b"1", "m/a/b": b"2"})
    assert "“m/a” is both a file and a folder" in site.refusal(both)


def test_names_that_git_forbids_are_refused(site: Site) -> None:
    assert "forbidden name" in site.refusal(zipped({"a": b"", "\u200b.git/config": b"x"}))
    assert "path is too long" in site.refusal(zipped({"d/" * 600 + "f": b""}))
    assert "more than 64 deep" in site.refusal(zipped({"a": b"", "d/" * 70 + "f": b""}))


def test_a_locked_archive_is_refused(site: Site) -> None:
    content = bytearray(zipped({"a": b"1"}))
    content[6] |= 1
    content[content.index(b"PK\x01\x02") + 8] |= 1
    assert "protected by a password" in site.refusal(bytes(content))


def test_an_unknown_method_is_refused(site: Site) -> None:
    content = bytearray(zipped({"a": b"1"}))
    content[8] = 99
    content[content.index(b"PK\x01\x02") + 10] = 99
    assert "a method that is not read here" in site.refusal(bytes(content))


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "This is no archive"),
        (b"%PDF-1.7", "This is no archive"),
        (b"7z\xbc\xaf\x27\x1c...", "kind 7z"),
        (b"Rar!\x1a\x07", "kind rar"),
        (b"\x28\xb5\x2f\xfd....", "kind zst"),
        (gzip.compress(b"no tar within", mtime=0), "damaged"),
        (gzip.compress(tarred(FILES), mtime=0)[:-30], "damaged"),
        (lzma.compress(tarred(FILES))[:-40], "damaged"),
        (zipped(FILES)[:-30], "damaged"),
        (b"PK\x03\x04" + bytes(100), "damaged"),
        (zipped({}), "no file in it"),
        (gzip.compress(tarred({}), mtime=0), "no file in it"),
        (zipped({".git/config": b""}), "no file in it"),
    ],
)
def test_what_is_no_whole_archive_is_said_so(site: Site, content: bytes, said: str) -> None:
    assert said in site.refusal(content)


def test_a_damaged_file_in_an_archive_is_noticed(site: Site) -> None:
    content = bytearray(zipped({"a": bytes(range(256)) * 20}))
    content[60] ^= 0xFF
    assert "damaged" in site.refusal(bytes(content))
    tar = bytearray(tarred({"a": b"1", "b": b"2", "c": b"3"}))
    tar[1024 + 150] ^= 0xFF  # the checksum of b's header
    assert "damaged" in site.refusal(bytes(tar))


# --- Bombs ------------------------------------------------------------------------------------


def test_archives_that_unpack_to_too_much_are_refused(site: Site, tmp_path: Path) -> None:
    zeros = {"zeros": bytes(20_000_000)}
    for pack in (zipped, PACKED["tar.gz"], PACKED["tar.xz"]):
        assert "larger than the 10 MB" in site.refusal(pack(zeros))
    spread = {f"z{number}": bytes(1_000_000) for number in range(12)}
    assert "larger than the 10 MB" in site.refusal(zipped(spread))
    assert sum(path.stat().st_size for path in tmp_path.rglob("*") if path.is_file()) < 1_000_000


def test_a_size_that_lies_is_noticed(site: Site) -> None:
    content = bytearray(zipped({"zeros": bytes(20_000_000)}))
    for mark, offset in ((b"PK\x03\x04", 22), (b"PK\x01\x02", 24)):
        struct.pack_into("<I", content, content.index(mark) + offset, 1_000)
    assert "damaged" in site.refusal(bytes(content))


def test_files_that_share_their_bytes_count_each(site: Site) -> None:
    """The bomb of overlapping entries: one compressed stream that many names claim."""
    content = bytearray(zipped({"a": bytes(5_000_000)}))
    start = content.index(b"PK\x01\x02")
    directory = bytes(content[start : content.index(b"PK\x05\x06")])
    names = [directory[:46] + b"%c" % (97 + number) + directory[47:] for number in range(20)]
    end = struct.pack("<4s4H2LH", b"PK\x05\x06", 0, 0, 20, 20, 20 * len(directory), start, 0)
    said = site.refusal(bytes(content[:start]) + b"".join(names) + end)
    assert "larger than the 10 MB" in said


@pytest.mark.parametrize("pack", [zipped, PACKED["tar.gz"]])
def test_too_many_files_are_refused(site: Site, pack: Callable[..., bytes]) -> None:
    many = {f"f{number}": b"" for number in range(1_001)}
    assert "more than 1,000 files" in site.refusal(pack(many))


def million_of_names() -> bytes:
    entry = struct.pack("<4s6H3L5H2L", b"PK\x01\x02", 20, 20, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0,
                        0, 0) + b"a"  # fmt: skip
    count = 1_000_000
    zip64 = struct.pack("<4sQ2H2L4Q", b"PK\x06\x06", 44, 45, 45, 0, 0, count, count,
                        count * len(entry), 4)  # fmt: skip
    locator = struct.pack("<4sLQL", b"PK\x06\x07", 0, 4 + count * len(entry), 1)
    end = struct.pack("<4s4H2LH", b"PK\x05\x06", 0, 0, 0xFFFF, 0xFFFF, 2**32 - 1, 2**32 - 1, 0)
    return b"PK\x03\x04" + entry * count + zip64 + locator + end


def long_header(kind: bytes, size: int) -> bytes:
    info = tarfile.TarInfo("x")
    info.type, info.size = kind, size
    return gzip.compress(info.tobuf(tarfile.GNU_FORMAT) + bytes(size))


def sparse_bomb() -> bytes:
    """A sparse file by pax whose map claims millions of pieces."""
    content = b"9999999\n" + b"1\n" * 10_000_000
    info = tarfile.TarInfo("x")
    info.size = len(content)
    info.pax_headers = {"GNU.sparse.major": "1", "GNU.sparse.minor": "0", "GNU.sparse.name": "x"}
    return gzip.compress(info.tobuf(tarfile.PAX_FORMAT) + content)


@pytest.mark.parametrize(
    "make",
    [
        million_of_names,
        lambda: long_header(tarfile.XHDTYPE, 200_000_000),
        lambda: long_header(tarfile.GNUTYPE_LONGNAME, 200_000_000),
        lambda: long_header(tarfile.GNUTYPE_LONGLINK, 200_000_000),
        sparse_bomb,
    ],
    ids=["a million names", "pax header", "long name", "long link", "sparse map"],
)
def test_no_header_makes_the_reader_hold_much(site: Site, make: Callable[[], bytes]) -> None:
    content = make()
    site.limits = replace(site.limits, files=100_000)
    tracemalloc.start()
    message = site.refusal(content)
    held = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert "too long" in message or "damaged" in message
    assert held < 40_000_000


def test_an_xz_that_wants_much_memory_is_refused(site: Site) -> None:
    filters = [{"id": lzma.FILTER_LZMA2, "dict_size": 512 * 2**20, "mode": lzma.MODE_FAST}]
    assert "damaged" in site.refusal(lzma.compress(tarred(FILES)[:1], filters=filters))


def test_an_archive_that_takes_too_long_is_given_up(site: Site) -> None:
    site.limits = replace(site.limits, seconds=0)
    assert "not unpacked in the time" in site.refusal(zipped(FILES))


# --- Addresses --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "text",
    ["upload:0", "upload:", "upload:../1", "upload:1/x", "upload:-1", "upload:01"],
)
def test_only_numbers_name_uploads(text: str, tmp_path: Path) -> None:
    with pytest.raises(RepositoryFault):
        normalise(text, allow=NOTHING, uploads=tmp_path)


def test_there_are_no_uploads_where_no_store_is(tmp_path: Path) -> None:
    with pytest.raises(RepositoryFault):
        normalise("upload:12", allow=NOTHING)
    address = normalise("upload:12", allow=NOTHING, uploads=tmp_path)
    assert (address.text, address.remote) == ("upload:12", str(tmp_path / "12.git"))
