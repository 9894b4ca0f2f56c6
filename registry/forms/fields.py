"""Fields that several forms share, and how a service's refusal is shown in a form."""

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from django import forms
from django.core.exceptions import ValidationError
from django.forms.renderers import BaseRenderer
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from registry.licences import COMMON, licence_normalised
from registry.services import ServiceError
from registry.spec.identifiers import doi_normalised, name_parted, orcid_normalised
from registry.spec.manifest import Person

CODE = {"autocapitalize": "none", "autocomplete": "off", "spellcheck": "false"}


class OrcidField(forms.CharField):
    """An ORCID iD, as digits or as its address; cleaned to 0000-0000-0000-0000."""

    def clean(self, value: object) -> str:
        """The normal form, empty when nothing was typed. Raises ValidationError."""
        text = str(super().clean(value))
        try:
            return orcid_normalised(text) if text else ""
        except ValueError as error:
            raise ValidationError(str(error)) from error


def orcid_field(help_text: str = "") -> OrcidField:
    """The optional field for an ORCID iD, as every form here has it."""
    return OrcidField(label="ORCID iD", required=False, max_length=60, help_text=help_text)


class DoiField(forms.CharField):
    """A DOI, bare or as its address; cleaned to the bare one."""

    widget = forms.TextInput(attrs=CODE)

    def clean(self, value: object) -> str:
        """The bare DOI, empty when nothing was typed. Raises ValidationError."""
        text = str(super().clean(value))
        try:
            return doi_normalised(text) if text else ""
        except ValueError as error:
            raise ValidationError(str(error)) from error


class Suggested(forms.TextInput):
    """A text field for which the browser suggests, and which takes anything all the same."""

    def __init__(
        self, suggestions: Sequence[str] = (), attrs: dict[str, Any] | None = None
    ) -> None:
        super().__init__(CODE | (attrs or {}))
        self.suggestions = suggestions

    def render(
        self,
        name: str,
        value: Any,  # noqa: ANN401 — Django's own signature
        attrs: dict[str, Any] | None = None,
        renderer: BaseRenderer | None = None,
    ) -> SafeString:
        """The field, and the list that it takes its suggestions from."""
        listed = f"{name}_suggestions"
        field = super().render(name, value, (attrs or {}) | {"list": listed}, renderer)
        options = format_html_join("", '<option value="{}"></option>', zip(self.suggestions))
        return format_html('{}<datalist id="{}">{}</datalist>', field, listed, options)


class LicenceField(forms.CharField):
    """A licence as an SPDX expression, or NONE; cleaned to SPDX's own spelling."""

    widget = Suggested(COMMON)

    def clean(self, value: object) -> str:
        """The normal form, empty when nothing was typed. Raises ValidationError."""
        text = str(super().clean(value))
        try:
            return licence_normalised(text)
        except ValueError as error:
            raise ValidationError(str(error)) from error


if TYPE_CHECKING:
    RowForms = forms.BaseFormSet[Any]
else:  # at run time it takes no parameter
    RowForms = forms.BaseFormSet


class Rows(RowForms):
    """Rows of one kind. An empty one stands there to be filled in only where there is none."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.extra = 0 if self.initial else 1


def add_refusal(form: forms.Form, refusal: ServiceError) -> None:
    """Show why a service refused, beside the field that it speaks of or above all fields."""
    field = refusal.code.partition("_")[0]
    said = " ".join(part for part in (refusal.sentence, refusal.hint) if part)
    form.add_error(field if field in form.fields else None, said)


class ProseField(forms.CharField):
    """Text of several lines. A browser's line ends and stray blanks at its edges are no change."""

    def to_python(self, value: object) -> str:
        """The text with plain line ends, stripped."""
        return str(super().to_python(value)).replace("\r\n", "\n")

    def has_changed(self, initial: object, data: object) -> bool:
        """Whether a person typed something else."""
        return super().has_changed(self.to_python(initial), data)


class NamesField(ProseField):
    """People, one a line; cleaned to spec Persons. A name in braces is kept whole, as in BibTeX.

    Names that were pasted in one line are parted at semicolons, at "&" and at "and". Commas part
    nothing but a family from a given name, so a line with several of them is refused.
    """

    widget = forms.Textarea(attrs={"rows": 3})

    def prepare_value(self, value: object) -> object:
        """Persons as their lines; text that came back from a person as it is."""
        return "\n".join(map(_name_line, value)) if isinstance(value, tuple) else value

    def has_changed(self, initial: object, data: object) -> bool:
        """Whether a person typed something else."""
        return super().has_changed(self.prepare_value(initial), data)

    def clean(self, value: object) -> Any:  # noqa: ANN401 — a field cleans to what it likes
        """The people in their order. Raises ValidationError."""
        lines = str(super().clean(value)).splitlines()
        people = (_person_named(name.strip()) for line in lines for name in _names_in(line))
        return tuple(person for person in people if person.name)


_BRACED = re.compile(r"\{(.*)\}")
_BETWEEN_NAMES = re.compile(r";|&|,?\s+and\s+")
_INITIALS_FIRST = re.compile(r"\w\.[^,]*\s[^,]*,")


def _names_in(line: str) -> list[str]:
    return [line] if _BRACED.fullmatch(line.strip()) else _BETWEEN_NAMES.split(line)


def _name_line(person: Person) -> str:
    if person.given and person.family:
        return f"{person.family}, {person.given}"
    return f"{{{person.name}}}"


def _person_named(name: str) -> Person:
    """The person of one name. Raises ValidationError where it may be the name of several."""
    braced = _BRACED.fullmatch(name)
    if braced:
        return Person(family=braced[1].strip())
    if name.count(",") > 1 or _INITIALS_FIRST.match(name):
        raise ValidationError(
            f"“{name[:100]}” may be several people. Write each on a line of its own, as in "
            "“Volterra, Vito”."
        )
    given, family = name_parted(name)
    return Person(given=given, family=family)
