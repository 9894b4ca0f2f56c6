"""A file or an answer as an object: JSON, YAML, or Markdown with YAML in front of it."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import yaml

BYTES_MOST = 1_000_000
# The reader of YAML is slow, and what describes one model is short.
_YAML_CHARACTERS = 200_000
_FENCE = "---"
_UNREADABLE = (
    "This is none of the descriptions that can be read here: a record of ModelDB or Zenodo as JSON,"
    " a CodeMeta file, a bioimage.io rdf.yaml, or a model card of Hugging Face."
)


@dataclass(frozen=True, kw_only=True)
class Document:
    """What was read: the object, and the text below it where it is a card."""

    value: Mapping[str, Any]
    syntax: str
    body: str = ""


def parsed(content: bytes) -> Document:
    """The document in `content`. Raises ValueError with a sentence for people."""
    if len(content) > BYTES_MOST:
        raise ValueError(
            f"The file is larger than {BYTES_MOST // 1_000_000} MB, which no description is. "
            "Choose the file that describes the model, not the model itself."
        )
    text = _decoded(content)
    if not text.strip():
        raise ValueError("The file is empty. Choose the one that describes the model.")
    if text.lstrip().startswith(("{", "[")):
        return Document(value=_json(text), syntax="json")
    if text.lstrip().startswith(_FENCE) and (card := _card(text.lstrip())):
        return card
    return Document(value=_yaml(text), syntax="yaml")


def _decoded(content: bytes) -> str:
    try:
        return content.decode("utf-8-sig").replace("\r\n", "\n")
    except UnicodeDecodeError as error:
        raise ValueError("This is no text in UTF-8. " + _UNREADABLE) from error


def _json(text: str) -> Mapping[str, Any]:
    try:
        value = json.loads(text)
    except RecursionError as error:
        raise ValueError("Its lists are nested too deep. " + _UNREADABLE) from error
    except ValueError as error:
        place = f"line {error.lineno}" if isinstance(error, json.JSONDecodeError) else "a number"
        raise ValueError(f"This JSON is broken at {place}. Download the file again.") from error
    # A list of one record is how some portals export it.
    first = value[0] if isinstance(value, list) and len(value) == 1 else value
    if isinstance(first, Mapping):
        return first
    raise ValueError("This JSON does not hold one record. Choose the record of a single model.")


def _card(text: str) -> Document | None:
    """Markdown with its front matter; None where the second fence is missing."""
    front, fence, body = text.removeprefix(_FENCE).partition(f"\n{_FENCE}")
    if not fence or (body and not body.startswith("\n")):
        return None
    return Document(value=_yaml(front), syntax="card", body=body.strip())


def _yaml(text: str) -> Mapping[str, Any]:
    """The mapping in a YAML text: every scalar stays text, and no tag is obeyed."""
    if len(text) > _YAML_CHARACTERS:
        raise ValueError("This is too long for a description. " + _UNREADABLE)
    try:
        # Aliases make a few lines stand for millions of values: nothing here needs them.
        if any(isinstance(event, yaml.AliasEvent) for event in yaml.parse(text, yaml.BaseLoader)):
            raise ValueError("This YAML refers to itself (“*name”). Write the values out.")
        value = yaml.load(text, yaml.BaseLoader)  # noqa: S506 — it makes nothing but text
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        raise ValueError(f"This YAML is broken at line {line}. {_UNREADABLE}") from error
    except (yaml.YAMLError, RecursionError) as error:
        raise ValueError("This is broken YAML. " + _UNREADABLE) from error
    if isinstance(value, Mapping):
        return value
    raise unknown()


def unknown() -> ValueError:
    """The refusal of a document that is of no known kind."""
    return ValueError(_UNREADABLE)
