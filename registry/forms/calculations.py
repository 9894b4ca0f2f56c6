"""What people give a calculation: a file for each declared input, or JSON that they paste."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from registry.forms.fields import CODE, ProseField

TEXT_CHARACTERS = 200_000


class JsonText(ProseField):
    """JSON that somebody pastes, kept as it was typed."""

    widget = forms.Textarea(attrs=CODE | {"rows": 8})

    def clean(self, value: object) -> str:
        """The text, empty when nothing was typed. Raises ValidationError where it is no JSON."""
        text = str(super().clean(value))
        try:
            if text:
                json.loads(text)
        except (ValueError, RecursionError) as error:
            raise ValidationError(f"This is no JSON: {error}.") from error
        return text


@dataclass(frozen=True, kw_only=True)
class InputFields:
    """The fields of one declared input; JSON can be pasted too."""

    path: str
    file: forms.BoundField
    text: forms.BoundField | None


class CalculationForm(forms.Form):
    """The files of one calculation; `published` holds the JSON texts that are replaced, by path.

    What is left as it was is not given.
    """

    def __init__(
        self, *args: Any, inputs: Sequence[str], published: Mapping[str, str], **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self._names = {path: f"input-{number}" for number, path in enumerate(inputs, start=1)}
        for path, name in self._names.items():
            self.fields[name] = forms.FileField(
                label="Your file", required=False, allow_empty_file=True
            )
            if path.lower().endswith(".json"):
                self.fields[f"{name}-text"] = JsonText(
                    label="Or JSON",
                    required=False,
                    max_length=TEXT_CHARACTERS,
                    initial=published.get(path, ""),
                )

    def rows(self) -> Iterator[InputFields]:
        """The fields, input by input."""
        for path, name in self._names.items():
            text = f"{name}-text"
            yield InputFields(
                path=path, file=self[name], text=self[text] if text in self.fields else None
            )

    def given(self) -> dict[str, Path | bytes]:
        """What a valid form holds, by the paths of the inputs; a file goes before pasted text."""
        files: dict[str, Path | bytes] = {}
        for path, name in self._names.items():
            text = f"{name}-text"
            if self.cleaned_data[name]:
                files[path] = Path(self.cleaned_data[name].temporary_file_path())
            elif text in self.changed_data and self.cleaned_data[text]:
                files[path] = f"{self.cleaned_data[text]}\n".encode()
        return files
