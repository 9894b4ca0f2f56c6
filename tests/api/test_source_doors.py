"""A version's files one by one, and what changed between two versions."""

import pytest
from django.test import Client

from tests.api.world import API, problem_of
from tests.registry.registry_helpers import person
from tests.web.source_scenery import Mirrored, mirrors  # noqa: F401 — a fixture

FILES = {"README.md": "# One\n", "src/a.py": "a = 1\n", "src/b/ä b#.py": "b = 2\n"}


@pytest.fixture
def model(db, mirrors):  # noqa: F811 — the fixture
    return Mirrored(mirrors, person("ada"), FILES)


def door(model, rest=""):
    return f"{API}/models/{model.entry.pk}/versions/{rest}"


def test_folders_and_whole_trees_are_listed(model):
    top = Client().get(door(model, "1/files/")).json()
    assert [(one["path"], one["kind"]) for one in top["items"]] == [
        ("README.md", "file"),
        ("src", "folder"),
    ]
    assert (top["items"][0]["size"], top["items"][1]["url"]) == (6, None)
    below = Client().get(door(model, "1/files/?folder=src&all=true")).json()["items"]
    assert [one["path"] for one in below] == ["src/a.py", "src/b/ä b#.py"]
    later = Client().get(door(model, "1/files/?folder=src&all=true&after=src/a.py")).json()
    assert [one["path"] for one in later["items"]] == ["src/b/ä b#.py"]
    for missing in ("nothing", "README.md", "../..", "src/a.py"):
        problem_of(Client().get(door(model, "1/files/"), {"folder": missing}), 404)


def test_long_lists_come_in_pieces(model, monkeypatch):
    monkeypatch.setattr("registry.api.files.ITEMS_AT_ONCE", 1)
    seen, after = [], ""
    while after is not None:
        page = Client().get(door(model, "1/files/"), {"all": "true", "after": after}).json()
        seen += [one["path"] for one in page["items"]]
        after = page["next_after"]
    assert seen == sorted(FILES)


def test_a_file_is_given_whole_and_in_part(model):
    items = Client().get(door(model, "1/files/?all=true")).json()["items"]
    for item in items:
        whole = Client().get(item["url"])
        assert b"".join(whole.streaming_content).decode() == FILES[item["path"]]
        assert whole["ETag"] == f'"{item["oid"]}"'
        assert whole["Content-Disposition"].startswith("attachment")
    part = Client().get(items[0]["url"], headers={"Range": "bytes=2-4"})
    assert (part.status_code, b"".join(part.streaming_content)) == (206, b"One")
    unchanged = Client().get(items[0]["url"], headers={"If-None-Match": f'"{items[0]["oid"]}"'})
    assert unchanged.status_code == 304
    for missing in ("src", "nothing", "../secret", "src/../README.md"):
        problem_of(Client().get(door(model, f"1/files/{missing}/")), 404)


def test_what_changed_between_versions_is_told_with_its_lines(model):
    model.release(FILES | {"src/a.py": "a = 2\n", "new.py": "n = 1\n"})
    told = Client().get(door(model, "1/compare/2/")).json()
    assert [(one["path"], one["change"]) for one in told["files"]] == [
        ("new.py", "added"),
        ("src/a.py", "changed"),
    ]
    assert told["files"][0]["older"] is None
    (lines,) = (one["lines"] for one in told["differences"])
    assert {"-a = 1", "+a = 2"} <= set(lines)
    problem_of(Client().get(door(model, "1/compare/3/")), 404)


def test_a_files_history_names_what_each_version_did_with_it(model, monkeypatch):
    door = f"{API}/models/{model.entry.pk}/file-history/"
    model.release(FILES)
    model.release(FILES | {"src/a.py": "a = 2\n"})
    model.release({"README.md": FILES["README.md"]})
    told = Client().get(f"{door}src/a.py/").json()
    assert [(one["version"], one["change"], one["before"]) for one in told["changes"]] == [
        (4, "removed", 3),
        (3, "changed", 2),
        (1, "added", None),
    ]
    assert [bool(one["oid"]) for one in told["changes"]] == [False, True, True]
    assert (told["path"], told["since"]) == ("src/a.py", None)
    for missing in ("nothing", "src", "../secret"):
        problem_of(Client().get(f"{door}{missing}/"), 404)
    monkeypatch.setattr("registry.source_changes.VERSIONS_LOOKED_AT", 2)
    told = Client().get(f"{door}README.md/").json()
    assert (told["since"], told["changes"]) == (3, [])  # nobody looked at who added it
    page = Client().get(f"/models/{model.entry.pk}/changes/README.md").content.decode()
    assert "Only the changes since version 3 were looked for" in page
    assert "added" not in page.partition("<h2>")[2].partition("</ul>")[0]


def test_a_files_history_knows_of_no_version_that_is_not_published(model):
    model.propose(FILES | {"src/a.py": "a = 2\n", "secret.py": "s = 1\n"})
    door, owner = f"{API}/models/{model.entry.pk}/file-history/", Client()
    owner.force_login(model.owner)
    told = [client.get(f"{door}src/a.py/").json()["changes"] for client in (Client(), owner)]
    assert [[one["version"] for one in changes] for changes in told] == [[1], [2, 1]]
    assert owner.get(f"{door}secret.py/").status_code == 200
    problem_of(Client().get(f"{door}secret.py/"), 404)


def test_what_is_not_published_is_for_its_editors(model):
    model.propose({"secret.py": "s = 1\n"})
    for rest in ("2/files/", "2/files/secret.py/", "1/compare/2/"):
        problem_of(Client().get(door(model, rest)), 404)
        owner = Client()
        owner.force_login(model.owner)
        assert owner.get(door(model, rest)).status_code == 200


def test_files_that_are_not_here_are_said_to_be_away(world):
    run = world.runs["private"]
    owner = Client()
    owner.force_login(world.ada)
    problem_of(owner.get(f"{API}/models/{run.version.entry_id}/versions/1/files/"), 404)
