"""Questions to servers elsewhere, from real ones on 127.0.0.1, some of which misbehave."""

import json
import time
from pathlib import Path

import pytest

from registry.spec.ladder import Cause
from registry.spec.manifest import Article, Person
from runners.faults import RepositoryFault
from runners.limits import SourceLimits
from runners.lookups import Asking, look_up_article, look_up_model, look_up_refs
from runners.lookups import asking as asking_module
from runners.lookups import model as model_module
from runners.source.mirror import MirrorStore
from tests.source.repositories import Repository

DOI = "10.1103/PhysRevLett.126.032001"
CSL = {"title": "On pendula", "author": [{"given": "Ada", "family": "Lovelace"}], "DOI": DOI}
RECORDS = Path(__file__).parents[1] / "imports" / "records"


def asking(*servers, seconds: float = 10, doi_url: str = "", allow: tuple[str, ...] = ()) -> Asking:
    places = {server.place for server in servers} | set(allow)
    return Asking(
        allow=frozenset(places),
        doi_url=doi_url or servers[0].url(""),
        seconds=seconds,
        resolver=lambda _host, _port: ["127.0.0.1"],
    )


def found(value: object) -> tuple[int, dict[str, str], bytes]:
    return 200, {}, json.dumps(value).encode()


def refused(doi: str, how: Asking) -> RepositoryFault:
    with pytest.raises(RepositoryFault) as caught:
        look_up_article(doi, how)
    assert caught.value.failure.cause in (Cause.DATA, Cause.FETCH)
    assert "BibTeX" in caught.value.failure.hint
    return caught.value


def test_an_article_is_asked_for_by_its_doi_in_the_form_that_registrars_speak(server):
    server.answers[f"/{DOI}"] = found(CSL)
    assert look_up_article(DOI, asking(server)) == Article(
        title="On pendula", authors=(Person(given="Ada", family="Lovelace"),), doi=DOI
    )
    assert server.seen[0].headers["Accept"] == "application/vnd.citationstyles.csl+json"
    assert server.seen[0].headers["Host"] == server.place


def test_signs_in_a_doi_do_not_change_what_is_asked(server):
    server.answers["/10.1002/(SICI)1%3Cx%3E2%233%3F"] = found(CSL)
    assert look_up_article("10.1002/(SICI)1<x>2#3?", asking(server)).title == "On pendula"


def test_the_registrar_that_is_forwarded_to_answers_by_https(secure, to):
    place = f"doi.test:{secure.server_port}"
    secure.answers = {
        f"/{DOI}": to(f"https://{place}/transform/{DOI}"),
        f"/transform/{DOI}": to("/again"),
        "/again": found(CSL),
    }
    how = asking(secure, doi_url=f"https://{place}", allow=(place,))
    assert look_up_article(DOI, how).title == "On pendula"
    assert [each.path for each in secure.seen] == [f"/{DOI}", f"/transform/{DOI}", "/again"]


@pytest.mark.parametrize(
    "target",
    [
        "http://127.0.0.1:1/secret",
        "https://169.254.169.254/latest/meta-data/",
        "http://example.org/",
        "file:///etc/passwd",
        "https://user:word@example.org/",
        "https://localhost/",
        "https://private.example/",
        "//[::1]/",
        "",
    ],
)
def test_nobody_is_forwarded_to_a_place_that_one_may_not_ask_for(server, to, target):
    """The last names resolve to 127.0.0.1, as all names do in these tests."""
    server.answers[f"/{DOI}"] = to(target)
    refused(DOI, asking(server))
    assert {each.path for each in server.seen} == {f"/{DOI}"}


def test_who_is_sent_round_and_round_stops(server, to):
    server.answers[f"/{DOI}"] = to(f"/{DOI}")
    refused(DOI, asking(server))
    assert len(server.seen) == asking_module.FORWARDED_MOST + 1


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        ((404, {}, b"no"), "No registrar knows"),
        ((406, {}, b"no"), "in a form that can be read"),
        ((500, {}, b"no"), "answered with 500"),
        ((200, {"Content-Type": "text/html"}, b"<html>hello</html>"), "does not describe"),
        ((200, {}, b"[" * 100_000), "does not describe"),
        ((200, {}, b'{"title": ""}'), "does not describe"),
        ((200, {}, b"\xff\xfe\x00"), "does not describe"),
        ((200, {"Content-Length": "100"}, b"half"), "did not give it"),
    ],
    ids=["absent", "form", "down", "html", "deep", "empty", "bytes", "half"],
)
def test_what_is_no_answer_is_said_with_a_way_out(server, answer, said):
    server.answers[f"/{DOI}"] = answer
    assert said in refused(DOI, asking(server)).failure.sentence


def test_a_huge_answer_is_left_early(server, monkeypatch):
    monkeypatch.setattr(asking_module, "MOST_BYTES", 1000)
    server.answers[f"/{DOI}"] = (200, {}, b" " * 5000)
    assert "too large" in refused(DOI, asking(server)).failure.sentence


def test_a_silent_server_is_left_in_time(server):
    begun = time.monotonic()
    how = Asking(
        allow=frozenset({server.place}),
        doi_url=server.url(""),
        seconds=0.5,
        resolver=lambda _host, _port: ["127.0.0.1"],
    )
    with pytest.raises(RepositoryFault, match="in the time"):
        how.document(server.url("/hang"))
    assert time.monotonic() - begun < 5


def test_a_model_is_read_where_its_page_leads(server, monkeypatch):
    monkeypatch.setattr(model_module, "document_address", lambda text: server.url("/rdf.yaml"))
    server.answers["/rdf.yaml"] = (200, {}, (RECORDS / "rdf.yaml").read_bytes())
    assert look_up_model("https://bioimage.io/#/x", asking(server)).title == "Nucleus segmentation"


def test_the_article_of_a_modeldb_record_is_asked_for_with_it(server, monkeypatch):
    monkeypatch.setattr("registry.imports.modeldb.SITE", server.url(""))
    server.answers = {
        "/api/v1/models/144027": (200, {}, (RECORDS / "modeldb.json").read_bytes()),
        "/api/v1/papers/39981": (200, {}, (RECORDS / "modeldb-paper.json").read_bytes()),
    }
    model = look_up_model(server.url("/api/v1/models/144027"), asking(server))
    assert model.article
    assert model.article.journal == "Nature Neuroscience"


def test_a_record_is_taken_without_its_article_where_that_is_not_to_be_had(server, monkeypatch):
    monkeypatch.setattr("registry.imports.modeldb.SITE", server.url(""))
    server.answers["/m"] = (200, {}, (RECORDS / "modeldb.json").read_bytes())
    model = look_up_model(server.url("/m"), asking(server))
    assert model.article
    assert model.article.title == "Kole MH, Stuart GJ (2008)"
    assert any("complete the article by hand" in sentence for sentence in model.left_out)


@pytest.mark.parametrize(
    ("path", "said"), [("/absent", "no public description"), ("/page", "none of the descriptions")]
)
def test_a_page_without_a_description_is_said_with_a_way_out(server, path, said):
    server.answers["/page"] = (200, {}, b"<html>hello</html>")
    with pytest.raises(RepositoryFault, match=said) as caught:
        look_up_model(server.url(path), asking(server))
    assert "as a file" in caught.value.failure.hint


def limits(tmp_path) -> SourceLimits:
    return SourceLimits(seconds=30, bytes=10**6, files=100, allow=frozenset({"file"}))


def test_tags_are_given_newest_version_first_and_the_main_branch_first(tmp_path):
    repository = Repository(tmp_path / "model.git")
    repository.commit({"a": "1"})
    for tag in (
        "v1.9",
        "v1.10",
        "v1.10rc1",
        "v0.2",
        "paper",
        "release-2.0",
        "r10-as-submitted",
        "r9-as-submitted",
    ):
        repository.git("tag", tag)
    repository.git("tag", "-a", "-m", "annotated", "v1.11")
    for branch in ("zeta", "alpha"):
        repository.git("branch", branch)
    refs = look_up_refs(str(tmp_path / "model.git"), MirrorStore(tmp_path / "m"), limits(tmp_path))
    assert refs["tags"] == [
        "release-2.0", "v1.11", "v1.10", "v1.10rc1", "v1.9", "v0.2",
        "r10-as-submitted", "r9-as-submitted", "paper",
    ]  # fmt: skip
    assert refs["branches"] == ["main", "alpha", "zeta"]


def test_where_no_repository_is_its_refs_are_refused(tmp_path):
    with pytest.raises(RepositoryFault, match="not a git repository"):
        look_up_refs(str(tmp_path / "none"), MirrorStore(tmp_path / "m"), limits(tmp_path))
