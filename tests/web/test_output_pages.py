"""What a run's page shows of outputs, claims and repetitions, and how drawings are served."""

import math
import re
from dataclasses import replace

import pytest

from registry.models import Artifact, VerificationRun
from registry.models.entries import Visibility
from registry.services.entries import EntryFields, entry_update
from registry.services.runs import run_finish
from registry.views.presentation import verdict_shown
from tests.web import scenery


@pytest.fixture(scope="module")
def evidence(tmp_path_factory):
    """The report with every kind of output and its files: drawn once for all tests."""
    return scenery.every_kind(tmp_path_factory.mktemp("evidence"))


@pytest.fixture
def run(ada, evidence):
    _, queued = scenery.published(ada)
    seen, files = evidence
    run_finish(claim=scenery.claimed(queued), report=seen, files=files)
    return VerificationRun.objects.get(pk=queued.pk)


@pytest.fixture
def page(client, run):
    return client.get(f"/runs/{run.pk}/").content.decode()


def cards(page):
    """The text of each output's card by its path."""
    found = re.findall(r'<article class="output.*?</article>', page, re.DOTALL)
    texts = [re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", card)).strip() for card in found]
    return {text.split(" ")[0]: text for text in texts}


def test_every_output_has_a_card_with_a_verdict_in_words(page):
    said = cards(page)
    assert list(said)[-1] in {"out/log.txt", "out/magnetisation.json"}
    assert "✕ Differs from the repository&#x27;s expected values." in said["out/decay.csv"]
    assert "Read as a table, cell by cell; tolerance absolute 0.002." in said["out/decay.csv"]
    assert said["out/log.txt"].endswith(
        "✓ Equals the repository&#x27;s expected file, byte for byte, in every run. "
        "Read as text, line by line; no tolerance."
    )
    assert "by the declared test." in said["out/magnetisation.json"]
    assert (
        "Kolmogorov–Smirnov test: p = 0.31, statistic 0.06, 480 numbers against 480"
        in said["out/magnetisation.json"]
    )
    assert "✕ Two runs disagree." in said["out/timing.json"]
    assert "It looks like a time of day." in said["out/timing.json"]


def test_the_worst_places_are_a_table_with_both_sides(page):
    card = cards(page)["out/table2.json"]
    assert (
        "Where it differs most Where Produced Expected Absolute error gap 0.5391 0.512 0.0271"
        in card
    )


def test_drawings_are_pictures_with_words_for_those_who_do_not_see_them(client, page):
    pictures = re.findall(r'<img src="(/runs/\d+/figures/[^"]+)" alt="([^"]+)"', page)
    assert len(pictures) == 5
    assert any("Line chart of energy against row, 400 points." in words for _, words in pictures)
    for address, _ in pictures:
        reply = client.get(address)
        assert reply.status_code == 200
        media_type = "image/png" if address.endswith(".png") else "image/svg+xml"
        assert reply["Content-Type"] == media_type
        assert reply["X-Content-Type-Options"] == "nosniff"
        policy = reply["Content-Security-Policy"]
        assert policy.startswith("default-src 'none'; style-src 'unsafe-inline'")
        assert "sandbox" in policy
        assert "script-src" not in policy
        again = client.get(address, headers={"If-None-Match": reply["ETag"]})
        assert again.status_code == 304


def test_claims_are_counted_and_each_is_shown_in_words(page):
    assert "<dt>Claims</dt><dd>7 of 9 claims reproduced</dd>" in page
    section = page[page.index('id="claims"') :]
    text = re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", section[: section.index("</section>")]))
    where = r"out/\S+ at \$\S+"
    assert re.search(rf"Table 2, row 1 {where} ✓ agrees 2.269 ± 0.005 J/k 2.2712 J/k", text)
    assert re.search(rf"Figure 3, the gap at L = 64 {where} ✕ differs 0.5391 is not within", text)
    assert "✕ differs out/table2.json has nothing at $.sign. -0.25 ± 0.005 J/k no number" in text


def test_repetitions_say_in_what_sense_they_agree_with_seeds_and_times(page):
    assert "Two fresh containers gave different outputs." in page
    assert "What differs looks like a time of day." in page
    assert "16 runs in 2 samples over 16 seeds, 333.6 s in all" in page
    assert '<td class="number">107</td>' in page


def test_agreement_bit_by_bit_is_said_as_such(client, ada, tmp_path):
    run = scenery.verified(scenery.published(ada)[1], tmp_path)
    assert (
        "Two fresh containers wrote the same outputs, bit by bit."
        in client.get(f"/runs/{run.pk}/").content.decode()
    )


def test_only_what_the_report_names_as_a_figure_is_shown(client, ada, evidence, tmp_path):
    """A file of a repository is a download, whatever it is called and wherever it lies."""
    _, queued = scenery.published(ada)
    seen, files = evidence
    hostile = tmp_path / "evil.svg"
    hostile.write_text("<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>")
    names = ("outputs/1/0-evil.svg", "figures/evil.svg")
    kept = (*seen.artifacts, *(scenery.artifact(name, hostile) for name in names))
    everything = files | dict.fromkeys(names, hostile)
    report = replace(seen, artifacts=kept)
    run_finish(claim=scenery.claimed(queued), report=report, files=everything)
    assert Artifact.objects.filter(run=queued, name="figures/evil.svg").exists()
    for name in ("evil.svg", "0-evil.svg", "..%2Foutputs%2F1%2F0-evil.svg", "none.svg", "x\0.svg"):
        assert client.get(f"/runs/{queued.pk}/figures/{name}").status_code == 404


def test_drawings_are_seen_by_those_who_may_see_the_run(client, owner, other, run, page):
    address = re.search(r'<img src="([^"]+)"', page)[1]
    entry_update(entry=run.version.entry, fields=EntryFields(visibility=Visibility.PRIVATE))
    assert owner.get(address).status_code == 200
    assert other.get(address).status_code == 404
    assert client.get(address).status_code == 404


def test_the_api_says_all_of_it_too(client, run):
    said = client.get(f"/api/v1/runs/{run.pk}/").json()
    decay = next(one for one in said["comparisons"] if one["path"] == "out/decay.csv")
    assert decay["figures"][0]["name"] == "figures/0-expected-1.svg"
    assert decay["figures"][0]["alternative"].startswith("Line chart of energy")
    assert decay["worst"][0]["where"].startswith("column energy, row")
    tested = next(one for one in said["comparisons"] if one["statistic"])
    assert tested["statistic"]["samples"] == [480, 480]
    assert sum(claim["agrees"] for claim in said["claims"]) == 7
    assert [each["seed"] for each in said["inference"]][:2] == [100, 101]
    assert said["repeatability"] is None


AGREES = scenery.comparisons()
DIFFERS = scenery.comparisons(wrong=True)
REPEATS = tuple(one for one in AGREES if one.against == "repeat")


@pytest.mark.parametrize(
    ("level", "cause", "compared", "said"),
    [
        (5, "", AGREES, "Equal the repository's expected values; two runs agree bit by bit."),
        (4, "mismatch", DIFFERS, "Differ from the repository's expected values."),
        # Only a claim is not met: the outputs are what was expected all the same.
        (4, "mismatch", AGREES, "Equal the repository's expected values; two runs agree"),
        (4, "", REPEATS, "Two runs agree bit by bit; there are no expected values"),
        (4, "", (*AGREES[:1], *REPEATS), "Two runs agree bit by bit; not all have expected"),
        (3, "nondeterministic", AGREES, "Two runs of the same image disagree."),
        (3, "mismatch", (), "Not all of them were written."),
        (3, "", (), "Not checked."),
    ],
)
def test_the_verdict_on_outputs_says_no_more_than_was_compared(level, cause, compared, said):
    outcome = "reproduced" if level == 5 else "not_reproduced"
    run = VerificationRun(outcome=outcome, level=level, cause=cause)
    shown = verdict_shown(run, scenery.report(comparisons=compared))
    assert shown.outputs.startswith(said)


def test_a_statistic_without_bounds_is_kept_and_shown(client, ada, evidence):
    """Means without any spread give an infinite statistic, which JSON has no number for."""
    _, queued = scenery.published(ada)
    seen, files = evidence
    compared = tuple(
        replace(one, statistic=one.statistic and replace(one.statistic, value=math.inf))
        for one in seen.comparisons
    )
    report = replace(seen, comparisons=compared)
    run_finish(claim=scenery.claimed(queued), report=report, files=files)
    page = client.get(f"/runs/{queued.pk}/").content.decode()
    assert "Kolmogorov–Smirnov test: p = 0.31, 480 numbers against 480" in page
    said = client.get(f"/api/v1/runs/{queued.pk}/").json()
    assert {one["statistic"]["value"] for one in said["comparisons"] if one["statistic"]} == {None}
