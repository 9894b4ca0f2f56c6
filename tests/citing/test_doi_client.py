"""What DataCite is told, by a stand-in that holds it to DataCite's schema."""

from dataclasses import replace

import pytest

from registry.citations.as_datacite import datacite_json
from runners.doi.datacite_client import DoiRefused, tell_datacite
from runners.faults import PlatformFault
from tests.citing.citing_works import CROWD, VERSION, WRITINGS
from tests.citing.datacite_stand_in import lost_answer, mute, stand_in

DOI = "10.5072/reprise.12.3"


@pytest.fixture
def server():
    with stand_in() as running:
        yield running


def tell(server, work=VERSION, **changes):
    told = {
        "doi": DOI,
        "url": work.url,
        "metadata": datacite_json(work),
        "is_new": True,
        "is_findable": True,
    }
    tell_datacite(changes.pop("account", server.account()), **{**told, **changes})


@pytest.mark.parametrize("work", [VERSION, CROWD, WRITINGS], ids=["plain", "crowd", "writings"])
def test_a_doi_is_registered_findable_and_leads_to_the_version(server, work):
    tell(server, work)
    kept = server.dois[DOI]
    assert kept["state"] == "findable"
    assert kept["url"] == "https://reprise.example/models/12/v3/"
    assert kept["titles"] == [{"title": work.title}]
    assert len(kept["creators"]) == len(work.people)


def test_telling_twice_registers_once(server):
    tell(server)
    tell(server, is_new=False)
    assert server.asked == ["GET", "POST", "GET", "PUT"]
    assert list(server.dois) == [DOI]


def test_after_a_lost_answer_the_doi_is_found_to_be_ours(server):
    server.troubles = [None, lost_answer]
    with pytest.raises(PlatformFault):
        tell(server)
    assert server.dois[DOI]["state"] == "findable"
    tell(server)
    assert server.asked == ["GET", "POST", "GET", "PUT"]


def test_a_doi_that_leads_elsewhere_is_left_alone(server):
    server.dois[DOI] = {"url": "https://elsewhere.example/", "state": "findable"}
    with pytest.raises(DoiRefused, match=r"leads to https://elsewhere\.example/"):
        tell(server)
    assert server.dois[DOI]["url"] == "https://elsewhere.example/"


def test_of_our_own_doi_the_address_follows_a_site_that_moved(server):
    tell(server)
    tell(server, replace(VERSION, url="https://new.example/models/12/v3/"), is_new=False)
    assert server.dois[DOI]["url"] == "https://new.example/models/12/v3/"


def test_a_withdrawn_models_doi_is_registered_and_not_found(server):
    tell(server)
    tell(server, is_new=False, is_findable=False)
    assert server.dois[DOI]["state"] == "registered"
    tell(server, is_new=False, is_findable=True)
    assert server.dois[DOI]["state"] == "findable"


def test_what_the_schema_refuses_is_never_sent(server):
    with pytest.raises(DoiRefused, match=r"schema at \$"):
        tell(server, metadata=datacite_json(VERSION) | {"publicationYear": "soon"})
    assert server.asked == []


@pytest.mark.parametrize("status", [500, 502, 503, 429])
def test_a_servers_trouble_is_no_refusal(server, status):
    server.troubles = [status]
    with pytest.raises(PlatformFault):
        tell(server)
    server.troubles = [None, status]
    with pytest.raises(PlatformFault):
        tell(server)


def test_a_refusal_is_said_in_datacites_words(server):
    server.troubles = [None, 422]
    with pytest.raises(DoiRefused, match="DataCite refused it: Trouble"):
        tell(server)


def test_a_wrong_password_is_a_refusal_and_stays_out_of_it(server):
    with pytest.raises(DoiRefused, match="Bad credentials") as refusal:
        tell(server, account=server.account(password="not the secret"))
    assert "not the secret" not in str(refusal.value)
    assert "secret" not in repr(server.account())


def test_a_mute_server_is_left_in_time(server):
    server.troubles = [mute]
    with pytest.raises(PlatformFault):
        tell(server, account=server.account(seconds=0.2))


def test_nobody_there_is_no_refusal(server):
    with pytest.raises(PlatformFault):
        tell(server, account=server.account(url="http://127.0.0.1:1/"))
