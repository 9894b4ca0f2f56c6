"""How a version is run and what it must give: commands, inputs, outputs, claims."""

from dataclasses import replace
from typing import Any, get_args

from django import forms
from django.core.validators import RegexValidator

from registry.forms.fields import CODE, ProseField, RowForms, Rows
from registry.spec.manifest import (
    CLAIM_TOLERANCE_CAP,
    RTOL_CAP,
    Claim,
    Input,
    Kind,
    Output,
)

ROWS_MOST = 100
_ROWS: dict[str, Any] = {"formset": Rows, "max_num": ROWS_MOST, "absolute_max": ROWS_MOST}
_KINDS = [("", "by its ending"), *((kind, kind) for kind in get_args(Kind))]


class CommandsForm(forms.Form):
    """What is run, and with which Python."""

    test = forms.CharField(
        label="Test command",
        max_length=1000,
        required=False,
        help_text="Left empty, the tests that are found are run.",
        widget=forms.TextInput(attrs=CODE),
    )
    run = ProseField(
        label="Command that computes the outputs",
        max_length=4000,
        required=False,
        help_text="It runs twice, each time in a fresh container without a network. Left empty, "
        "only the tests are run.",
        widget=forms.Textarea(attrs=CODE | {"rows": 2}),
    )
    python = forms.CharField(
        label="Python version",
        max_length=20,
        required=False,
        validators=[
            RegexValidator(
                r"\A3(\.\d{1,2}(\.\d{1,2})?)?\Z", "Write one version of Python, such as 3.11."
            )
        ],
        help_text="As in 3.11. Left empty, it is chosen by what the repository declares.",
        widget=forms.TextInput(attrs=CODE),
    )


class InputForm(forms.Form):
    """A file that the command reads. A row without a path is no input."""

    path = forms.CharField(
        label="File it reads", max_length=500, required=False, widget=forms.TextInput(CODE)
    )
    sha256 = forms.CharField(
        label="Its SHA-256",
        required=False,
        max_length=64,
        validators=[
            RegexValidator(
                r"\A[0-9a-f]{64}\Z", "A SHA-256 has 64 of the characters 0-9 and a-f: copy all."
            )
        ],
        widget=forms.TextInput(CODE),
    )
    url = forms.URLField(
        label="Where it is had",
        max_length=2000,
        required=False,
        assume_scheme="https",
        widget=forms.URLInput(CODE),
    )

    def clean(self) -> dict[str, Any]:
        """Refuse what belongs to no file, and an address whose file could be any."""
        cleaned = super().clean() or {}
        if not cleaned.get("path") and any(cleaned.values()):
            self.add_error("path", "Name the file that the command reads, or empty the row.")
        if cleaned.get("url") and not cleaned.get("sha256") and "sha256" not in self.errors:
            self.add_error(
                "sha256", "Add the SHA-256 that sha256sum prints, so that no other file will do."
            )
        return cleaned


class OutputForm(forms.Form):
    """One output of the declared command. A row without a path is no output."""

    path = forms.CharField(
        label="File it writes", max_length=500, required=False, widget=forms.TextInput(CODE)
    )
    expected = forms.CharField(
        label="Expected values in", max_length=500, required=False, widget=forms.TextInput(CODE)
    )
    kind = forms.ChoiceField(label="Read as", choices=_KINDS, required=False)
    rtol = forms.FloatField(
        label="Relative tolerance", min_value=0, max_value=RTOL_CAP, required=False
    )
    atol = forms.FloatField(label="Absolute tolerance", min_value=0, required=False)

    def clean(self) -> dict[str, Any]:
        """Refuse expected values and tolerances that belong to no file."""
        cleaned = super().clean() or {}
        if not cleaned.get("path") and any(cleaned.values()):
            self.add_error("path", "Name the file that the command writes, or empty the row.")
        return cleaned


class ClaimForm(forms.Form):
    """A value of the article, and where an output holds it. A row without a label is no claim."""

    label = forms.CharField(label="Where the article states it", max_length=200, required=False)
    output = forms.CharField(
        label="Output that holds it", max_length=500, required=False, widget=forms.TextInput(CODE)
    )
    at = forms.CharField(
        label="Where in it", max_length=300, required=False, widget=forms.TextInput(CODE)
    )
    value = forms.FloatField(required=False)
    tolerance = forms.FloatField(label="Tolerance, ±", min_value=0, required=False)
    unit = forms.CharField(max_length=50, required=False)

    def clean(self) -> dict[str, Any]:
        """Refuse half a claim, and one so loose that anything would meet it."""
        cleaned = super().clean() or {}
        if any(given not in (None, "") for given in cleaned.values()):
            for name, what in _CLAIM_NEEDS.items():
                if cleaned.get(name) in (None, "") and name not in self.errors:
                    self.add_error(name, f"Say {what}, or empty the row.")
        value, tolerance = cleaned.get("value"), cleaned.get("tolerance")
        if value is not None and tolerance and tolerance > CLAIM_TOLERANCE_CAP * abs(value):
            self.add_error(
                "tolerance", "At most half of the value: with more, anything would be reproduced."
            )
        return cleaned


_CLAIM_NEEDS = {
    "label": "where the article states it, as in “Table 2, row 3”",
    "output": "which output holds it",
    "at": "where the output holds it, as in $.energy[2]",
    "value": "the value as the article states it",
}
InputFormSet = forms.formset_factory(InputForm, **_ROWS)
OutputFormSet = forms.formset_factory(OutputForm, **_ROWS)
ClaimFormSet = forms.formset_factory(ClaimForm, **_ROWS)


def inputs_of(formset: RowForms) -> tuple[Input, ...]:
    """The inputs of a valid formset."""
    rows = [form.cleaned_data for form in formset.forms if form.cleaned_data.get("path")]
    return tuple(
        Input(path=row["path"], sha256=row["sha256"] or None, url=row["url"] or None)
        for row in rows
    )


def outputs_of(
    formset: RowForms, claims: RowForms, *, before: tuple[Output, ...]
) -> tuple[Output, ...]:
    """The outputs of valid formsets with their claims; what no form shows stays as `before`."""
    known = {output.path: output for output in before}
    rows = [form.cleaned_data for form in formset.forms if form.cleaned_data.get("path")]
    return tuple(
        replace(
            known.get(row["path"], Output(path=row["path"])),
            expected=row["expected"] or None,
            kind=row["kind"] or None,
            rtol=row["rtol"] or 0.0,
            atol=row["atol"] or 0.0,
            claims=_claims_of(claims, row["path"]),
        )
        for row in rows
    )


def _claims_of(formset: RowForms, path: str) -> tuple[Claim, ...]:
    rows = [form.cleaned_data for form in formset.forms if form.cleaned_data.get("label")]
    return tuple(
        Claim(
            label=row["label"],
            at=row["at"],
            value=row["value"],
            tolerance=row["tolerance"] or 0.0,
            unit=row["unit"],
        )
        for row in rows
        if row["output"] == path
    )


def claims_of_no_output(claims: RowForms, outputs: RowForms) -> bool:
    """Whether a claim names a file that no row declares; says so beside it."""
    paths = {form.cleaned_data.get("path") for form in outputs.forms}
    astray = [
        form
        for form in claims.forms
        if form.cleaned_data.get("output") and form.cleaned_data["output"] not in paths
    ]
    for form in astray:
        form.add_error("output", "No output above is this file. Correct it, or add the output.")
    return bool(astray)


def input_rows(inputs: tuple[Input, ...]) -> list[dict[str, Any]]:
    """Inputs as their form shows them."""
    return [{"path": one.path, "sha256": one.sha256, "url": one.url} for one in inputs]


def output_rows(outputs: tuple[Output, ...]) -> list[dict[str, Any]]:
    """Outputs as their form shows them: no tolerance is an empty field, not a zero."""
    return [
        {
            "path": output.path,
            "expected": output.expected,
            "kind": output.kind,
            "rtol": output.rtol or None,
            "atol": output.atol or None,
        }
        for output in outputs
    ]


def claim_rows(outputs: tuple[Output, ...]) -> list[dict[str, Any]]:
    """The claims of all outputs as their form shows them."""
    return [
        {
            "label": claim.label,
            "output": output.path,
            "at": claim.at,
            "value": claim.value,
            "tolerance": claim.tolerance or None,
            "unit": claim.unit,
        }
        for output in outputs
        for claim in output.claims
    ]
