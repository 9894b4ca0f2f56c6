"""What people bring from elsewhere: an address or a file that describes a model, or a table."""

from typing import Any

from django import forms

from registry.forms.fields import CODE


class ImportForm(forms.Form):
    """The address of a model's page at another portal, or a file that describes it."""

    address = forms.CharField(
        label="Address of the model's page",
        max_length=2000,
        required=False,
        help_text="At ModelDB, Zenodo, Hugging Face or bioimage.io, or of the file itself.",
        widget=forms.TextInput(
            attrs=CODE | {"inputmode": "url", "placeholder": "https://modeldb.science/144027"}
        ),
    )
    file = forms.FileField(
        label="Or a file that describes it",
        required=False,
        help_text="A record as JSON, <code>codemeta.json</code>, <code>rdf.yaml</code>, or a model "
        "card (<code>README.md</code>).",
        widget=forms.FileInput(attrs={"accept": ".json,.jsonld,.yaml,.yml,.md,.txt"}),
    )

    def clean(self) -> dict[str, Any]:
        """Refuse none and both."""
        cleaned = super().clean() or {}
        if cleaned.get("address") and cleaned.get("file"):
            self.add_error("file", "Empty the address, or choose no file: one of both is read.")
        if not cleaned.get("address") and not cleaned.get("file") and not self.errors:
            self.add_error("address", "Paste the address of a model's page, or choose a file.")
        return cleaned


class TableForm(forms.Form):
    """A table of models."""

    file = forms.FileField(
        label="Table as CSV",
        help_text="As a spreadsheet saves it, with commas, semicolons or tabs; at most 500 rows.",
        widget=forms.FileInput(attrs={"accept": ".csv,.tsv,.txt"}),
    )
