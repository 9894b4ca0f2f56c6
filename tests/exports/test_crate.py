"""The files of a run as an RO-Crate: the public validator accepts every one, and refuses others."""

import json
from dataclasses import replace
from urllib.parse import unquote

import pytest
from rocrate_validator.models import Severity

from registry.spec.evidence import OutputFile
from runners.attest import attest
from runners.crate import CRATE_FILE, crate_metadata
from tests.exports.conftest import (
    ENDINGS,
    MANIFEST,
    MODEL,
    TEST,
    crate_of,
    of_a_command,
    of_a_command_that_fails,
    of_seeds,
)
from tests.exports.validation import PROFILES, complaints
from tests.receipts.receipt_helpers import LIMITS, signer

# What the profiles recommend and a crate of ours leaves out, each for its reason.
LEFT_OUT = {
    "The ContainerImage SHOULD have a registry",  # the image lies in none
    "The organization SHOULD have a URL.",  # the report does not know the site's address
    "The Application SHOULD have a url",  # nor has Reprise one, or a repository that is uploaded
    "The SoftwareApplication id SHOULD be an absolute URI",  # for the same reason
    "The SoftwareSourceCode or ComputationalWorkflow SHOULD have a version",  # nothing was fetched
}


def graph_of(metadata: bytes) -> dict[str, dict]:
    return {entity["@id"]: entity for entity in json.loads(metadata)["@graph"]}


def refs(entity: dict, name: str) -> list[str]:
    value = entity.get(name, [])
    return [one["@id"] for one in (value if isinstance(value, list) else [value])]


def rewrite(crate, change) -> None:
    document = json.loads((crate / CRATE_FILE).read_bytes())
    change({entity["@id"]: entity for entity in document["@graph"]})
    (crate / CRATE_FILE).write_text(json.dumps(document))


@pytest.mark.parametrize(("ended", "done"), ENDINGS.values(), ids=ENDINGS)
def test_the_crate_of_every_ending_is_valid(scripted, tmp_path, cache, ended, done):
    crate = crate_of(ended(scripted), tmp_path / "crate")
    actions = refs(graph_of((crate / CRATE_FILE).read_bytes())["./"], "mentions")
    assert actions == ["#verification", *(f"#{name}" for name in done.split())]
    advice = complaints(crate, PROFILES[1], cache=cache, least=Severity.RECOMMENDED)
    assert {line.partition(": ")[2] for line in advice} <= LEFT_OUT


@pytest.mark.docker
def test_the_crate_of_a_real_run_is_valid_and_names_what_was_made(real, tmp_path, cache):
    result = real.result(MODEL | TEST | {"reprise.toml": MANIFEST})
    assert result.report.level_name == "reproduced", result.report.explanation
    crate = crate_of(result, tmp_path / "crate")
    for profile in PROFILES:
        assert complaints(crate, profile, cache=cache) == set()
    graph = graph_of((crate / CRATE_FILE).read_bytes())
    image = result.report.environment.image_digest
    assert graph["#image"]["sha256"] == image.removeprefix("sha256:")
    for number in (1, 2):
        [output] = refs(graph[f"#run-{number}"], "result")
        assert (crate / unquote(output)).read_text() == "[1.5]"
    assert refs(graph["#build"], "result") == ["#image", "requirements.lock", "sbom.cdx.json"]
    assert refs(graph["#tests"], "result") == ["junit.xml"]
    assert refs(graph["run_inference.log"], "about") == ["#run-1", "#run-2"]


def test_the_crate_of_a_signed_run_is_valid_and_lists_the_receipt(scripted, tmp_path, cache):
    result = of_a_command(scripted)
    attested = attest(result.report, result.files, folder=tmp_path, limits=LIMITS, signer=signer())
    crate = crate_of(replace(result, files=result.files | attested), tmp_path / "crate")
    assert "receipt.intoto.jsonl" in graph_of((crate / CRATE_FILE).read_bytes())
    assert complaints(crate, PROFILES[1], cache=cache) == set()


def without_instrument(graph):
    del graph["#run-1"]["instrument"]


def with_a_word_of_nobody(graph):
    graph["./"]["trustworthiness"] = "high"


def with_a_file_that_is_not_there(graph):
    graph["gone.txt"] = {"@id": "gone.txt", "@type": "File"}
    graph["source.tar.gz"]["@id"] = "gone.txt"
    graph["./"]["hasPart"][-1] = {"@id": "gone.txt"}


@pytest.mark.parametrize(
    ("profile", "change"),
    [
        ("process-run-crate-0.5", without_instrument),
        ("ro-crate-1.1", with_a_word_of_nobody),
        ("ro-crate-1.1", with_a_file_that_is_not_there),
    ],
)
def test_a_crate_that_lacks_something_is_refused(scripted, tmp_path, cache, profile, change):
    crate = crate_of(of_a_command(scripted), tmp_path / "crate")
    rewrite(crate, change)
    assert complaints(crate, profile, cache=cache)


def test_equal_reports_make_equal_bytes(scripted):
    result = of_a_command(scripted)
    first = crate_metadata(result.report, result.files)
    other_order = dict(reversed(result.files.items()))
    assert crate_metadata(result.report, other_order) == first


def test_a_file_that_is_written_last_is_listed_without_a_hash(scripted):
    result = of_a_command(scripted)
    receipt = scripted.folder / "receipt.intoto.jsonl"
    graph = graph_of(crate_metadata(result.report, result.files | {receipt.name: receipt}))
    assert receipt.name in refs(graph["./"], "hasPart")
    assert "sha256" not in graph[receipt.name]
    assert graph["source.tar.gz"]["sha256"]


def test_each_seed_is_told_with_what_it_made(scripted):
    result = of_seeds(scripted)
    graph = graph_of(crate_metadata(result.report, result.files))
    for number, seed in enumerate((40, 41, 42, 43), 1):
        run = graph[f"#run-{number}"]
        assert graph[refs(run, "environment")[0]]["value"] == str(seed)
        assert all(f"seed-{seed}/" in name for name in refs(run, "result"))


def test_a_run_that_failed_is_told_as_one_and_so_are_the_inputs(scripted):
    result = of_a_command_that_fails(scripted)
    graph = graph_of(crate_metadata(result.report, result.files))
    assert graph["#run-1"]["actionStatus"] == "http://schema.org/CompletedActionStatus"
    assert graph["#run-2"]["actionStatus"] == "http://schema.org/FailedActionStatus"
    assert "exit code 3" in graph["#run-2"]["error"]
    assert graph["#input-1"]["name"] == "data/start.csv"
    assert "#input-1" in refs(graph["#run-1"], "object")


def test_an_image_that_was_used_again_is_not_said_to_be_built(scripted):
    first = of_a_command(scripted)
    environment = replace(first.report.environment, fresh=False)
    report = replace(first.report, environment=environment)
    build = graph_of(crate_metadata(report, first.files))["#build"]
    assert "#image" not in refs(build, "result")
    assert "#image" in refs(build, "object")


@pytest.mark.parametrize(
    "address",
    ["ext::sh -c id", "https://a b/../\"'<x>", "file:///tmp/x", "https://user:pw@example.org/x"],
)
def test_an_address_that_is_none_on_the_web_is_no_identifier(scripted, address):
    result = of_a_command(scripted)
    source = replace(result.report.source, address=address)
    graph = graph_of(crate_metadata(replace(result.report, source=source), result.files))
    assert address not in graph
    assert refs(graph["#run-1"], "instrument") == ["#source"]


def test_an_output_that_was_not_kept_is_not_linked(scripted):
    result = of_a_command(scripted)
    lost = OutputFile(path="a b.json", sha256="0" * 64, size=5)
    run = replace(result.report.inference[0], outputs=(lost,))
    report = replace(result.report, inference=(run,))
    made = graph_of(crate_metadata(report, result.files))["#run-1"]
    assert made["@type"] == "ActivateAction"
    assert "result" not in made
