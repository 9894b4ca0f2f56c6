"""Whatever comes in, a model or a sentence comes out."""

import json
import time
from contextlib import suppress

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from registry.imports import modeldb
from registry.imports.document import Document, parsed
from registry.imports.formats import FORMATS, model_read
from registry.imports.model import ImportedModel
from registry.imports.places import document_address, repository_at
from registry.imports.prose import as_markdown, as_text
from registry.references import article_from_csl, articles_from_text

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=30),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(st.sampled_from(["value", "name", "id", "object_name"]), inner)
    ),
    max_leaves=12,
)
KEYS = [
    "id", "name", "notes", "model_paper", "implemented_by", "model_type", "expmotivation",
    "license", "tags", "library_name", "model-index", "datasets", "language", "pipeline_tag",
    "format_version", "type", "authors", "cite", "weights", "git_repo", "config", "version",
    "title", "creators", "related_identifiers", "files", "rights", "subjects", "custom",
    "@context", "author", "codeRepository", "programmingLanguage", "referencePublication",
    "description", "keywords", "metadata", "doi", "url",
]  # fmt: skip


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "empty"),
        (b"\xff\xfe\x00x", "no text in UTF-8"),
        (b"{", "broken at line 1"),
        (b"[1, 2]", "does not hold one record"),
        (b"[" * 100_000, "nested too deep"),
        (b'{"a": 1}', "none of the descriptions"),
        (b"just words", "none of the descriptions"),
        (b"a: [1, 2\n", "broken at line"),
        (b"a: &x [1]\nb: *x\n", "refers to itself"),
        (b"a" * 2_000_000, "larger than 1 MB"),
        (b"a: b\n" * 60_000, "too long"),
        (b"- " * 20_000, "broken YAML"),
        (b"---\nlicense: mit\n", "none of the"),
        (b"!!python/object/apply:os.system ['true']", "none of the descriptions"),
    ],
    ids=[
        "empty", "bytes", "broken", "list", "deep", "unknown", "words", "broken-yaml", "alias",
        "large", "long", "nested-yaml", "half-card", "tag",
    ],
)  # fmt: skip
def test_what_cannot_be_read_is_refused_with_a_sentence(content, said):
    began = time.monotonic()
    with pytest.raises(ValueError, match=said) as caught:
        model_read(content)
    assert str(caught.value).endswith((".", "”"))
    assert time.monotonic() - began < 5


def test_a_few_lines_that_stand_for_millions_are_refused():
    lines = ["a: &a [x, x, x, x, x, x, x, x, x]"]
    lines += [
        f"{b}: &{b} [{', '.join([f'*{a}'] * 9)}]"
        for a, b in zip("abcdefgh", "bcdefghi", strict=False)
    ]
    with pytest.raises(ValueError, match="refers to itself"):
        parsed("\n".join(lines).encode())


@settings(max_examples=150, deadline=None)
@given(st.dictionaries(st.sampled_from(KEYS), JSON, max_size=10))
def test_no_record_of_the_right_kind_breaks_a_reader(value):
    for one in FORMATS:
        for syntax in ("json", "yaml", "card"):
            document = Document(value=value, syntax=syntax, body="# A\n\nwords")
            one.fits(document)
            try:
                found = one.read(document, "")
            except ValueError:
                continue
            assert isinstance(found, ImportedModel)
            assert len(found.title) <= 300
            assert len(found.summary) <= 1000
    modeldb.article(Document(value=value, syntax="json"))


@settings(max_examples=150, deadline=None)
@given(st.binary(max_size=300) | st.text(max_size=300).map(str.encode))
def test_no_bytes_at_all_do_more_than_be_refused(content):
    with suppress(ValueError):
        assert isinstance(model_read(content), ImportedModel)


@settings(max_examples=100, deadline=None)
@given(JSON)
def test_no_answer_of_a_registrar_breaks_its_reader(value):
    for item in (value, {"title": "x", "author": value, "issued": value, "container-title": value}):
        with suppress(ValueError):
            assert article_from_csl(json.loads(json.dumps(item))).title


@settings(max_examples=150, deadline=None)
@given(
    st.text(max_size=200)
    | st.text(alphabet='@{}\\",=#$ abAUTYER-\n', max_size=200)
    | st.text(max_size=60).map(lambda text: f"@article{{a, title={{{text}}}, author={{{text}}}}}")
    | st.text(max_size=60).map(lambda text: f"TY  - JOUR\nTI  - {text}\nAU  - {text}\nER  - ")
)
def test_no_pasted_text_does_more_than_be_refused(text):
    with suppress(ValueError):
        assert articles_from_text(text)


@settings(max_examples=100, deadline=None)
@given(st.text(alphabet="<>/abp &;#x1li\n\"'=", max_size=200) | st.text(max_size=100))
def test_any_html_becomes_text(text):
    assert isinstance(as_markdown(text), str)
    assert "<script" not in as_text(f"<p>{text}</p><script>x</script>").lower() or "<" in text


@settings(max_examples=100, deadline=None)
@given(st.text(alphabet="htps:/.-_?#@githubcomzenodorgmodlyale0123 ", max_size=80))
def test_any_address_is_read_or_left(text):
    repository_at(text)
    assert isinstance(document_address(text), str)
