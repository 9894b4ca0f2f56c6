"""An entry's files: folders, every kind of file, differences, raw; hostile ones do nothing."""

import hashlib
import html
import json
import re

import pytest
from django.test import Client
from django.urls import reverse

from registry.models.entries import Visibility
from registry.services.entries import entry_withdraw
from tests.web import scenery
from tests.web.hostile import audit
from tests.web.source_scenery import Mirrored, mirrors, npy  # noqa: F401 — a fixture

PNG = bytes.fromhex(
    "89504e470d0a1a0a0000000d49484452000000010000000108060000001f15c4890000000d49444154789c6360"
    "f8cf500f0003860180f7a2a1250000000049454e44ae426082"
)
NOTEBOOK = {
    "nbformat": 4,
    "metadata": {"language_info": {"name": "python"}},
    "cells": [
        {"cell_type": "markdown", "source": ["# Analysis\n", "$E=mc^2$ ![p](plot.png)"]},
        {
            "cell_type": "code",
            "execution_count": 3,
            "source": "print('hello')",
            "outputs": [
                {"output_type": "stream", "name": "stdout", "text": "\x1b[31mhello\x1b[0m\n"},
                {"output_type": "display_data", "data": {
                    "image/png": "iVBORw0KGgo=", "text/plain": "<Figure>"}},
                {"output_type": "display_data", "data": {"text/html": "<b>never shown</b>"}},
                {"output_type": "error", "ename": "E", "evalue": "x", "traceback": ["Trace", "E"]},
            ],
        },
    ],
}  # fmt: skip
FILES = {
    "README.md": "# Ising\n\n$\\beta$ and [code](src/ising.py#L2)\n\n![plot](figures/plot.png)\n",
    "src/ising.py": '"""Ising."""\n\n\ndef energy(s):\n    return -s\n',
    "src/long.py": "".join(f"x_{n} = {n}\n" for n in range(900)),
    "data/m.csv": "t,m,note\n" + "".join(f"{n},{n * n},a\n" for n in range(300)),
    "data/m.tsv": "1\t2\n3\t4\n",
    "data/values.json": json.dumps({"energy": [1.0, 2.5, 4.0]}),
    "figures/plot.png": PNG,
    "figures/plot.svg": "<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>",
    "page.html": "<script>alert(1)</script>",
    "analysis.ipynb": json.dumps(NOTEBOOK),
    "weights.bin": bytes(range(256)) * 8,
    "odd/a b?#%&.txt": "odd",
    "notes.txt": "plain",
}


@pytest.fixture
def model(ada, mirrors):  # noqa: F811 — the fixture
    arrays = {"a.npy": npy([[1.0, 2.0], [3.0, 4.5]], mirrors)}
    return Mirrored(mirrors, ada, FILES | arrays)


def page(client, model, path=""):
    reply = client.get(f"{model.address}files/1/{path}")
    assert reply.status_code == 200, path
    return reply.content.decode()


def test_a_folder_shows_its_files_with_sizes_and_its_readme(client, model):
    shown = client.get(f"{model.address}files/").content.decode()
    assert f'href="{model.address}files/1/src"' in shown
    assert "2.0\xa0KB" in shown
    assert "<math" in shown
    assert f'src="{model.address}raw/1/figures/plot.png"' in shown
    assert f'href="{model.address}files/1/src/ising.py#L2"' in shown
    assert shown.index(">src/<") < shown.index(">README.md<")


def test_a_path_leads_back_through_its_folders(client, model):
    shown = page(client, model, "src/ising.py")
    for address in ("files/1/", "files/1/src", "files/1/src/ising.py"):
        assert f'<li><a href="{model.address}{address}"' in shown


def test_source_is_coloured_with_lines_that_can_be_linked(client, model):
    shown = page(client, model, "src/ising.py")
    assert (
        '<span class="line" id="L4"><a href="#L4">4</a><span><span class="hl-k">def</span>' in shown
    )
    assert "5 lines" in shown


def test_a_long_file_is_shown_page_by_page(client, model):
    shown = page(client, model, "src/long.py")
    assert 'id="L400"' in shown
    assert 'id="L401"' not in shown
    assert 'href="?line=401"' in shown
    later = page(client, model, "src/long.py?line=850")
    assert 'id="L850"' in later
    assert 'href="?line=401"' in later
    assert 'id="L1"' in page(client, model, "src/long.py?line=nothing")


def test_a_notebook_is_rendered_and_nothing_of_it_acts(client, model):
    shown = page(client, model, "analysis.ipynb")
    for word in ("Analysis", "<math", "[3]", "hello", "Trace", "An output is left out: text/html"):
        assert word in shown
    assert "never shown" not in shown
    assert "\x1b" not in shown
    assert f'src="{model.address}raw/1/analysis.ipynb?picture=0"' in shown
    assert f'src="{model.address}raw/1/plot.png"' in shown
    picture = client.get(f"{model.address}raw/1/analysis.ipynb?picture=0")
    assert picture["Content-Type"] == "image/png"
    assert picture.content == b"\x89PNG\r\n\x1a\n"
    assert client.get(f"{model.address}raw/1/analysis.ipynb?picture=7").status_code == 404


def test_a_table_shows_its_first_rows_and_a_plot(client, model):
    shown = page(client, model, "data/m.csv")
    assert '<th scope="col">note</th>' in shown
    assert "Shown: 200 of 300 rows." in shown
    assert 'class="plot"' in shown
    assert "m over t" in shown
    assert '<th scope="col">Column 2</th>' in page(client, model, "data/m.tsv")


def test_arrays_are_shown_by_shape_values_and_plot(client, model):
    shown = page(client, model, "a.npy")
    for word in ("2 × 2", "float64", "1 to 4.5", "[1.  2.  3.  4.5]", 'class="plot"'):
        assert word in shown, word
    shown = page(client, model, "data/values.json")
    assert "$.energy" in shown
    assert "1 to 4" in shown
    assert 'id="L1"' in shown


def header(descr, shape):
    """An .npy file that says what it likes of itself, and holds nothing else."""
    said = f"{{'descr': '{descr}', 'fortran_order': False, 'shape': {shape}, }}".encode()
    return b"\x93NUMPY\x01\x00" + len(said).to_bytes(2, "little") + said


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"PK\x03\x04 nothing",
        b"\x93NUMPY\x01\x00\xff\xff{",
        b"no array at all",
        header("|O", "(1,)"),
        header("<f8", "(-1,)"),
        header("<f8", f"({10**20},)"),
    ],
    ids=["empty", "zip", "cut", "text", "objects", "negative", "huge"],
)
def test_hostile_arrays_are_refused_in_words(client, ada, mirrors, content):  # noqa: F811
    model = Mirrored(mirrors, ada, {"README.md": "x", "a.npy": content})
    shown = page(client, model, "a.npy")
    assert "This array" in shown or "This is not a whole" in shown
    assert "Download it" in shown


def test_pictures_show_and_other_files_are_facts(client, model):
    assert f'<img src="{model.address}raw/1/figures/plot.svg"' in page(
        client, model, "figures/plot.svg"
    )
    shown = page(client, model, "weights.bin")
    assert "This file is not shown here." in shown
    assert "2.0\xa0KB" in shown


def test_odd_names_lead_to_their_files(client, model):
    shown = page(client, model, "odd")
    address = html.unescape(re.search(r'href="([^"]*odd/a[^"]*txt)"', shown)[1])
    assert "odd" in client.get(address).content.decode()
    raw = client.get(address.replace("/files/", "/raw/"))
    assert b"".join(raw.streaming_content) == b"odd"


@pytest.mark.parametrize(
    ("path", "media_type", "saved"),
    [
        ("figures/plot.png", "image/png", False),
        ("figures/plot.svg", "image/svg+xml", True),
        ("page.html", "text/plain; charset=utf-8", True),
        ("src/ising.py", "text/plain; charset=utf-8", False),
        ("weights.bin", "application/octet-stream", True),
        ("a.npy", "application/octet-stream", True),
    ],
    ids=["png", "svg", "html", "source", "binary", "array"],
)
def test_raw_files_are_inert_and_named_by_their_content(client, model, path, media_type, saved):
    address = f"{model.address}raw/1/{path}"
    reply = client.get(address)
    content = b"".join(reply.streaming_content)
    assert reply["Content-Type"] == media_type
    assert reply["Content-Disposition"].startswith("attachment" if saved else "inline")
    assert reply["Content-Security-Policy"] == "default-src 'none'; sandbox"
    assert reply["X-Content-Type-Options"] == "nosniff"
    assert reply["Content-Length"] == str(len(content))
    blob = hashlib.sha1(f"blob {len(content)}\0".encode() + content, usedforsecurity=False)
    assert reply["ETag"] == f'"{blob.hexdigest()}"'
    assert "public" in reply["Cache-Control"]
    again = client.get(address, headers={"If-None-Match": reply["ETag"]})
    assert again.status_code == 304
    head = client.head(address)
    assert (head.status_code, head["Content-Length"]) == (200, reply["Content-Length"])


@pytest.mark.parametrize(
    "path", ["nothing", "src", "../../etc/passwd", "src/../README.md", "%2e%2e/x", "x%00y", "%ff"]
)
def test_what_is_not_there_is_404(client, model, path):
    assert client.get(f"{model.address}raw/1/{path}").status_code == 404
    assert client.get(f"{model.address}raw/2/README.md").status_code == 404
    if path != "src":
        assert client.get(f"{model.address}files/1/{path}").status_code == 404


def test_only_editors_see_what_is_not_published(client, owner, other, model):
    model.propose({"README.md": "secret plan"})
    for path in ("files/2/", "files/2/README.md", "raw/2/README.md", "compare/1...2"):
        assert owner.get(f"{model.address}{path}").status_code == 200
        assert client.get(f"{model.address}{path}").status_code == 404
        assert other.get(f"{model.address}{path}").status_code == 404
    assert "private" in owner.get(f"{model.address}raw/2/README.md")["Cache-Control"]
    assert b"secret" not in client.get(f"{model.address}changes/README.md").content
    assert owner.get(f"{model.address}changes/README.md").content.count(b"changed</span> in") == 1


def test_a_private_or_withdrawn_model_shows_no_file(client, owner, model):
    model.entry.visibility = Visibility.PRIVATE
    model.entry.save()
    addresses = [f"{model.address}{path}" for path in ("files/", "files/1/", "raw/1/README.md",
                 "changes/README.md", "use/", "versions/", "reproducibility/")]  # fmt: skip
    for address in addresses:
        assert client.get(address).status_code == 404
        assert owner.get(address).status_code == 200
    model.entry.visibility = Visibility.PUBLIC
    model.entry.save()
    entry_withdraw(entry=model.entry, actor=model.owner, reason="Wrong.")
    for address in addresses:
        assert client.get(address).status_code == 404


def test_two_versions_are_compared_file_by_file(client, model):
    changed = FILES | {"src/ising.py": FILES["src/ising.py"].replace("-s", "+s"), "new.txt": "new",
                       "weights.bin": b"\0" * 100}  # fmt: skip
    del changed["notes.txt"]
    model.release(changed)
    shown = client.get(f"{model.address}compare/1...2").content.decode()
    assert '<span class="removed">-    return -s\n</span>' in shown
    assert '<span class="added">+    return +s\n</span>' in shown
    assert '<span class="change added">added</span> <a href="' in shown
    assert f'{model.address}files/2/new.txt"' in shown
    assert f'{model.address}files/1/notes.txt"' in shown
    assert "It is not text." in shown
    assert (
        "Nothing: their files are the same."
        in client.get(f"{model.address}compare/2...2").content.decode()
    )


def test_a_files_history_names_the_versions_that_changed_it(client, model):
    model.release(FILES)
    model.release(FILES | {"notes.txt": "other"})
    shown = client.get(f"{model.address}changes/notes.txt").content.decode()
    assert re.findall(r"(added|changed|removed)</span> in version (\d)", shown) == [
        ("changed", "3"),
        ("added", "1"),
    ]
    assert client.get(f"{model.address}changes/nothing").status_code == 404


def test_without_a_mirror_the_archive_serves(client, model, settings, tmp_path):
    settings.MIRROR_DIR = tmp_path / "elsewhere"
    sentence = "The files of this version are not on the machine that serves this page."
    assert sentence in page(client, model)
    assert client.get(f"{model.address}raw/1/README.md").status_code == 404
    assert sentence in client.get(f"{model.address}compare/1...1").content.decode()


def test_the_archive_of_a_run_takes_the_mirrors_place(client, model, settings, tmp_path):
    archive = tmp_path / "source.tar.gz"
    model.archive(archive)
    run = model.entry.current_version.runs.get()
    files = {"source.tar.gz": archive}
    claim = scenery.started(run)
    scenery.run_finish(claim=claim, report=scenery.report(files), files=files)
    settings.MIRROR_DIR = tmp_path / "elsewhere"
    assert "hl-k" in page(client, model, "src/ising.py")
    reply = client.get(f"{model.address}raw/1/notes.txt")
    assert b"".join(reply.streaming_content) == b"plain"
    assert client.get(f"{model.address}files/1/src").status_code == 200


XSS = "<img src=x onerror=alert(1)><script>alert(1)</script>"
HOSTILE_NOTEBOOK = json.dumps({
    "cells": [
        {"cell_type": "markdown", "source": XSS},
        {"cell_type": "code", "source": XSS, "execution_count": XSS, "outputs": [
            {"output_type": "stream", "text": XSS},
            {"output_type": XSS, "data": {"text/html": XSS, "application/javascript": XSS}},
            {"output_type": "display_data", "data": {XSS: XSS}},
            {"output_type": "display_data", "data": {"image/svg+xml": f"<svg>{XSS}</svg>"}},
            {"output_type": "error", "traceback": [XSS], "evalue": XSS},
        ]},
        {"cell_type": XSS, "source": [XSS, 1, None]}, 7, None,
    ],
    "metadata": {"language_info": {"name": XSS}},
})  # fmt: skip
HOSTILE = {
    "README.md": f"{XSS}\n\n[x](javascript:alert(1)) ![x](javascript:alert(1)) "
    "$\\href{javascript:a}{x}$",
    "a.ipynb": HOSTILE_NOTEBOOK,
    "bad.ipynb": "[" * 100_000,
    "a.svg": f"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'>{XSS}</svg>",
    "a.csv": f"{XSS},b\n1,{XSS}\n2,=cmd()\n",
    "a.tsv": f"{XSS}\t\x00\n",
    "a.json": json.dumps({XSS: [1, 2], "b": ["x"]}),
    "deep.json": "[" * 100_000,
    "a.html": XSS,
    "a.py": f"# {XSS}\nx = '{XSS}'\n",
    "a.txt": "\x1b]8;;https://evil.example\x07x\u202egnp",
    f"{XSS.replace('/', '_')}.py": "x = 1",
    "folder<b>/README": XSS,
    "a'\"onmouseover='alert(1)'.md": XSS,
    "javascript:alert(1)": XSS,
}  # fmt: skip


@pytest.fixture
def hostile(ada, mirrors):  # noqa: F811
    return Mirrored(mirrors, ada, HOSTILE)


@pytest.mark.parametrize(
    "number", range(len(HOSTILE)), ids=[f"file-{n}" for n in range(len(HOSTILE))]
)
def test_nothing_hostile_in_a_file_or_its_name_acts(client: Client, hostile, number):
    path = list(HOSTILE)[number]
    top = client.get(f"{hostile.address}files/1/").content.decode()
    assert audit(top, raw=f"{hostile.address}raw/1/") == []
    address = reverse("entry_file", args=[hostile.entry.pk, 1, path])
    reply = client.get(address)
    assert reply.status_code == 200
    assert audit(reply.content.decode(), raw=f"{hostile.address}raw/1/") == []
    assert "evil.example" not in reply.headers.get("Content-Security-Policy", "")


def test_a_difference_of_hostile_texts_does_nothing(client, hostile):
    hostile.release({**HOSTILE, "a.py": f"{XSS}\n+{XSS}\n"})
    shown = client.get(f"{hostile.address}compare/1...2").content.decode()
    assert audit(shown, raw=f"{hostile.address}raw/") == []
    assert "&lt;script&gt;" in shown


@pytest.mark.parametrize(
    "path",
    ["", "src/long.py", "data/m.csv", "a.npy", "analysis.ipynb", "README.md"],
    ids=["folder", "source", "table", "array", "notebook", "readme"],
)
def test_pages_of_files_are_light_and_ask_the_database_little(
    client, model, path, django_assert_max_num_queries
):
    with django_assert_max_num_queries(8):
        reply = client.get(f"{model.address}files/1/{path}")
    assert len(reply.content) < 150_000
