"""What the hub protocol promises its clients, address by address."""

import pytest
from django.test import Client
from django.utils import timezone

from registry.hub import trees
from registry.hub.repositories import revisions_of
from registry.models import Follow, ModelEntry, ModelVersion
from registry.models.entries import Visibility
from registry.services.entries import entry_withdraw
from registry.sources import SourcePlace
from registry.sourcing import site_sources
from runners.source.address import normalise
from runners.source.mirror import MirrorStore
from tests.hub.conftest import BIG, FILES, token_of
from tests.source.repositories import Repository
from tests.web import scenery
from tests.web.source_scenery import FILE, LIMITS, Mirrored

API = "/api/models/ada/model"


@pytest.fixture
def anybody():
    return Client()


def bearing(user):
    """A client that speaks for a person by a token."""
    return Client(headers={"Authorization": f"Bearer {token_of(user)}"})


def commit_of(model):
    return model.entry.current_version.commit


def body(response):
    return b"".join(response.streaming_content)


# --- Files -------------------------------------------------------------------------------------


def test_a_file_is_named_by_git_and_kept_by_nobody(anybody, model):
    response = anybody.head("/ada/model/resolve/main/config.json")
    oid = model.repository.git("hash-object", "--stdin", stdin=b"{}\n")
    assert response.headers["ETag"] == f'"{oid}"'
    assert response.headers["X-Repo-Commit"] == commit_of(model)
    assert response.headers["Content-Length"] == "3"
    assert "sandbox" in response.headers["Content-Security-Policy"]
    assert response.headers["Cache-Control"] == "private, no-cache"
    assert {"Authorization", "Cookie"} <= set(response.headers["Vary"].split(", "))
    assert not [name for name in response.headers if name.lower().startswith("x-xet")]


def test_a_download_goes_on_where_it_broke_off(anybody, model):
    address, start = "/ada/model/resolve/v1/data/field.bin", 1_500_000
    response = anybody.get(address, headers={"Range": f"bytes={start}-"})
    assert response.status_code == 206
    assert response.headers["Content-Range"] == f"bytes {start}-{len(BIG) - 1}/{len(BIG)}"
    assert body(response) == BIG[start:]


@pytest.mark.parametrize("path", ["src", "src/", "", "no", "src/../config.json", "../x", "a%00b"])
def test_what_is_no_file_is_missing_in_that_commit(anybody, model, path):
    response = anybody.get(f"/ada/model/resolve/main/{path or '%20'}")
    assert response.status_code == 404
    assert response.headers["X-Error-Code"] == "EntryNotFound"
    assert response.headers["X-Repo-Commit"] == commit_of(model)


def test_a_revision_is_a_branch_a_tag_or_a_whole_commit(anybody, model):
    names = ["main", "refs/heads/main", "refs%2Fheads%2Fmain", "v1", "refs/tags/v1", "1.2.0"]
    for name in [*names, commit_of(model)]:
        assert body(anybody.get(f"/ada/model/resolve/{name}/config.json")) == b"{}\n", name
        assert anybody.get(f"{API}/revision/{name}").json()["sha"] == commit_of(model), name


@pytest.mark.parametrize("name", ["v2", "V1", "master", "0" * 40, "refs", "v1%00", "tags/v1"])
def test_another_revision_is_none(anybody, model, name):
    for address in (
        f"{API}/revision/{name}",
        f"{API}/tree/{name}",
        f"/ada/model/resolve/{name}/config.json",
    ):
        response = anybody.get(address)
        assert response.status_code == 404, address
        assert response.headers["X-Error-Code"] == "RevisionNotFound", address


def test_the_longest_revision_counts():
    model = [version(1, label="release"), version(2, "b", label="release/x")]
    # git could not keep both: the older one has the name.
    assert "release/x" not in revisions_of(model)
    assert revisions_of(model[1:])["release/x"].number == 2


def version(number, letter="a", *, label="", folder="", published=True):
    return ModelVersion(
        number=number,
        commit=letter * 40,
        label=label,
        folder=folder,
        published_at=timezone.now() if published else None,
    )


def test_a_commit_means_one_folder():
    meant = revisions_of([version(1), version(2, folder="sub")])
    assert meant["main"].number == meant["a" * 40].number == 2
    assert "v1" not in meant


def test_who_edits_moves_no_name_by_what_is_not_published():
    meant = revisions_of([version(1), version(2, folder="sub", published=False)])
    assert meant["main"].number == meant["a" * 40].number == 1


def test_an_unpublished_version_is_had_by_its_commit_from_who_may_see_it(anybody, ada, bob, model):
    model.propose({**FILES, "config.json": "{2}\n"})
    commit = model.entry.versions.get(number=2).commit
    address = f"/ada/model/resolve/{commit}/config.json"
    assert body(bearing(ada).get(address)) == b"{2}\n"
    for client in (anybody, bearing(bob)):
        assert client.get(address).headers["X-Error-Code"] == "RevisionNotFound"
    assert bearing(ada).get(API).json()["sha"] == commit_of(model)


def test_a_model_without_a_published_version_exists_for_its_owner(anybody, ada):
    entry = scenery.ready(ada, "https://github.com/ada/phi4")
    told = bearing(ada).get("/api/models/ada/phi4").json()
    assert (told["id"], told["sha"], told["private"]) == (entry.full_name, None, True)
    response = bearing(ada).get("/api/models/ada/phi4/revision/main")
    assert response.headers["X-Error-Code"] == "RevisionNotFound"
    assert anybody.get("/api/models/ada/phi4").headers["X-Error-Code"] == "RepoNotFound"


def test_without_mirror_the_archive_gives_the_same(anybody, model, mirrors, tmp_path, settings):
    before = anybody.get(f"{API}?blobs=true").json()["siblings"]
    archive = tmp_path / "source.tar.gz"
    model.archive(archive)
    files = {"source.tar.gz": archive}
    claim = scenery.started(model.entry.current_version.runs.get())
    scenery.run_finish(claim=claim, report=scenery.report(files), files=files)
    settings.MIRROR_DIR = tmp_path / "nothing"
    assert anybody.get(f"{API}?blobs=true").json()["siblings"] == before
    assert body(anybody.get("/ada/model/resolve/main/data/field.bin")) == BIG


def test_files_that_are_not_here_are_no_5xx(anybody, model, settings, tmp_path):
    settings.MIRROR_DIR = tmp_path / "nothing"
    for address in (API, f"{API}/tree/main", "/ada/model/resolve/main/config.json"):
        response = anybody.get(address)
        assert response.headers["X-Error-Code"] == "RevisionNotFound"
        assert "not on the machine" in response.json()["error"]


# --- Trees -------------------------------------------------------------------------------------


def opened(folder, files, *, links=None, inside=""):
    """The files of a commit, as a page reads them."""
    repository = Repository(folder / "r.git")
    repository.commit(files, symlinks=links)
    snapshot = MirrorStore(folder / "mirrors").fetch(
        normalise(str(repository.folder), allow=FILE), None, limits=LIMITS,
        log=lambda _text: None, check=lambda: None,
    )  # fmt: skip
    place = SourcePlace(address=str(repository.folder), commit=snapshot.commit, folder=inside)
    return site_sources().open(place)


def test_a_tree_comes_in_pages(tmp_path, settings, monkeypatch):
    settings.MIRROR_DIR = tmp_path / "mirrors"
    names = [f"d{n % 3}/f{n:02}" for n in range(25)]
    files = opened(tmp_path, dict.fromkeys(names, "x"))
    monkeypatch.setattr(trees, "PAGE", 10)
    found, after, pages = [], "", 0
    while page := trees.folder_page(files, "", recursive=True, after=after):
        found, pages, after = [*found, *page[0]], pages + 1, page[1]
        if not after:
            break
    assert [line["path"] for line in found] == sorted([*names, "d0", "d1", "d2"])
    assert pages == 3
    assert {line["type"] for line in found if "/" not in line["path"]} == {"directory"}
    assert all(len(line["oid"]) == 40 for line in found)
    assert trees.folder_page(files, "d1", recursive=True, after="")[0][0]["path"] == "d1/f01"
    assert trees.folder_page(files, "d1/f01", recursive=False, after="") is None
    files.close()


def test_a_link_is_a_file_that_says_where_it_points(tmp_path, settings):
    settings.MIRROR_DIR = tmp_path / "mirrors"
    files = opened(tmp_path, {"data/x": "1"}, links={"latest": "data/x"})
    link = trees.paths_listed(files, ["latest"])[0]
    assert (link["type"], link["size"]) == ("file", len("data/x"))
    assert trees.siblings(files, blobs=False) == [{"rfilename": "data/x"}, {"rfilename": "latest"}]
    files.close()


def test_a_folder_of_the_repository_is_its_root(tmp_path, settings):
    settings.MIRROR_DIR = tmp_path / "mirrors"
    files = opened(tmp_path, {"README.md": "all", "m/run.py": "", "n/x": ""}, inside="m")
    assert [one["rfilename"] for one in trees.siblings(files, blobs=False)] == [
        "README.md", "run.py",
    ]  # fmt: skip
    files.close()


def test_the_next_page_of_a_tree_is_linked(anybody, ada, mirrors, monkeypatch):
    monkeypatch.setattr(trees, "PAGE", 2)
    lying = [f"a #%3f?ü/{n}" for n in range(5)]
    Mirrored(mirrors, ada, dict.fromkeys(lying, "x"))
    found, address = [], f"{API}/tree/main/a%20%23%253f%3F%C3%BC?recursive=True"
    while address:
        response = anybody.get(address)
        found += [line["path"] for line in response.json()]
        link = response.headers.get("Link", "")
        assert not link or link.startswith("<http://testserver/")
        address = link[1:].partition(">")[0].removeprefix("http://testserver")
    assert found == lying


# --- Models ------------------------------------------------------------------------------------


@pytest.fixture
def several(ada, bob):
    """Models of two people, the first of which is verified."""
    first, run = scenery.published(ada, title="Phi4 flow")
    scenery.run_finish(claim=scenery.started(run), report=scenery.report(), files={})
    scenery.published(ada, "https://github.com/ada/ising", title="Ising",
                      keywords=("spin glass",))  # fmt: skip
    scenery.published(bob, "https://github.com/bob/hubbard", title="Hubbard", keywords=())
    return first


def names(response):
    assert response.status_code == 200, response.content
    return [one["id"] for one in response.json()]


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("", ["bob/hubbard", "ada/ising", "ada/lattice-phi4"]),
        ("search=hubbard", ["bob/hubbard"]),
        ("author=ADA", ["ada/ising", "ada/lattice-phi4"]),
        ("author=nobody", []),
        ("filter=license:mit&author=bob", ["bob/hubbard"]),
        ("filter=license:none-such", []),
        ("filter=reprise:runs", ["ada/lattice-phi4"]),
        ("filter=reprise:reproduced&filter=license:mit", ["ada/lattice-phi4"]),
        ("filter=reprise:reproduced&filter=reprise:sustained", []),
        ("filter=spin+glass", ["ada/ising"]),
        ("filter=no-such:tag", []),
        ("sort=level&direction=-1", ["ada/lattice-phi4", "bob/hubbard", "ada/ising"]),
        ("gated=false&limit=1", ["bob/hubbard"]),
    ],
)
def test_models_are_listed_as_asked(anybody, several, query, found):
    assert names(anybody.get(f"/api/models?{query}")) == found


@pytest.mark.parametrize(
    "query",
    [
        "sort=downloads", "direction=1", "limit=0", "limit=x", "limit=²", "cursor=x", "apps=ollama",
        "gated=true", "author=a/b", "search=" + "x" * 201, "search=%00",
        "&".join(f"filter={n}" for n in range(11)),
    ],
)  # fmt: skip
def test_what_cannot_be_asked_is_refused_with_a_sentence(anybody, db, query):
    response = anybody.get(f"/api/models?{query}")
    assert response.status_code == 400
    assert response.json()["error"].endswith(".")


def test_lists_go_on_by_link(anybody, several):
    found, address = [], "/api/models?limit=2"
    while address:
        response = anybody.get(address)
        found += names(response)
        address = response.headers.get("Link", "")[1:].partition(">")[0]
        address = address.removeprefix("http://testserver")
    assert found == ["bob/hubbard", "ada/ising", "ada/lattice-phi4"]


def test_a_list_takes_no_query_for_each_model(anybody, several, django_assert_max_num_queries):
    with django_assert_max_num_queries(5):
        listed = anybody.get("/api/models?cardData=true&filter=reprise:runs").json()
    assert listed[0]["cardData"]["reprise"]["level"] == "reproduced"


def test_a_file_takes_few_queries(anybody, model, django_assert_max_num_queries):
    with django_assert_max_num_queries(3):
        anybody.head("/ada/model/resolve/main/config.json")


def test_the_card_says_what_was_verified_and_no_more(anybody, ada, several):
    Follow.objects.create(user=ada, entry=several, created_at=timezone.now())
    told = anybody.get("/api/models/ada/lattice-phi4?expand=cardData&expand=likes&expand=tags")
    card = told.json()["cardData"]
    assert set(told.json()) == {"_id", "id", "cardData", "likes", "tags"}
    assert told.json()["likes"] == 1
    verified = card["reprise"]
    assert (verified["level"], verified["outcome"]) == ("reproduced", "reproduced")
    assert verified["commit"] == scenery.COMMIT
    assert verified["verified"].endswith("Z")
    assert "reprise:reproduced" in told.json()["tags"]
    assert "reprise:sustained" not in told.json()["tags"]
    assert "eval_results" not in card
    assert "model-index" not in card


def test_another_version_bears_its_own_verdict(anybody, model):
    """The entry's copy of the verdict is of the current version alone."""
    claim = scenery.started(model.entry.current_version.runs.get())
    scenery.run_finish(claim=claim, report=scenery.report(), files={})
    model.release({**FILES, "new": ""})
    asked = [anybody.get(f"{API}/revision/{name}?expand=cardData").json() for name in ("v1", "v2")]
    levels = [one["cardData"]["reprise"]["level"] for one in asked]
    outcomes = [one["cardData"]["reprise"]["outcome"] for one in asked]
    assert levels == ["reproduced", "registered"]
    assert outcomes == ["reproduced", None]


# --- Who asks ----------------------------------------------------------------------------------


DOORS = (
    "/api/models/{}", "/api/models/{}/refs", "/api/models/{}/tree/main",
    "/api/models/{}/auth-check", "/api/models/{}/revision/main", "/{}/resolve/main/config.json",
)  # fmt: skip


@pytest.mark.parametrize("visibility", [Visibility.PRIVATE, Visibility.DRAFT])
def test_what_is_hidden_and_what_is_not_there_are_refused_alike(
    anybody, ada, bob, model, visibility
):
    ModelEntry.objects.filter(pk=model.entry.pk).update(visibility=visibility)
    for client in (anybody, bearing(bob)):
        for door in DOORS:
            hidden, missing = (client.get(door.format(name)) for name in ("ada/model", "ada/x"))
            assert hidden.status_code == missing.status_code == 404
            assert hidden.content == missing.content
            assert dict(hidden.headers) == dict(missing.headers)
            assert hidden.headers["X-Error-Code"] == "RepoNotFound"
    for door in DOORS:
        assert bearing(ada).get(door.format("ada/model")).status_code == 200


def test_paths_of_a_hidden_model_are_refused_alike(anybody, model):
    ModelEntry.objects.filter(pk=model.entry.pk).update(visibility=Visibility.PRIVATE)
    asked = [anybody.post(f"/api/models/{name}/paths-info/main") for name in ("ada/model", "a/x")]
    assert asked[0].content == asked[1].content
    assert [one.status_code for one in asked] == [404, 404]


def test_a_withdrawn_model_gives_nothing(anybody, ada, model):
    entry_withdraw(entry=model.entry, reason="The data were wrong.", actor=ada)
    for door in DOORS:
        for client in (anybody, bearing(ada)):
            assert client.get(door.format("ada/model")).headers["X-Error-Code"] == "RepoNotFound"


def test_a_bad_token_is_no_missing_model(model):
    client = Client(headers={"Authorization": "Bearer hf_none"})
    response = client.get(API)
    assert response.status_code == 401
    assert response.headers["X-Error-Message"] == "Invalid credentials in Authorization header"
    assert client.get("/api/whoami-v2").status_code == 401


def test_whoami_asks_for_a_token(anybody, ada):
    assert anybody.get("/api/whoami-v2").status_code == 401
    told = bearing(ada).get("/api/whoami-v2").json()
    assert (told["name"], told["fullname"]) == ("ada", "Ada Lovelace")
    assert told["auth"]["accessToken"]["role"] == "read"


def test_nothing_is_written_and_too_much_is_refused(anybody, model):
    assert anybody.delete(API).status_code == 405
    assert anybody.put("/ada/model/resolve/main/config.json").headers["Allow"] == "GET, HEAD"
    many = {"paths": [f"p{n}" for n in range(2000)]}
    assert anybody.post(f"{API}/paths-info/main", many).status_code == 400
    assert anybody.get("/api/models/gpt2").headers["X-Error-Code"] == "RepoNotFound"
    assert anybody.get("/api/agent-harnesses").status_code == 404
