"""What people say of a model. Every message says what is wrong and what to write instead."""

from typing import Any

from django import forms

from registry.forms.fields import CODE, LicenceField, ProseField, RowForms, Rows, orcid_field
from registry.spec.manifest import Person


class EntryForm(forms.Form):
    """What a reader is told of a model. These fields can always be changed."""

    title = forms.CharField(max_length=300, help_text="What the model is, in a line.")
    summary = ProseField(
        max_length=1000,
        required=False,
        help_text="One or two sentences for lists: what it computes, by what method.",
        widget=forms.Textarea(attrs={"rows": 3}),
    )
    description = ProseField(
        max_length=100_000,
        required=False,
        help_text="Markdown: headings, tables, footnotes, code, and TeX between dollar signs.",
        widget=forms.Textarea(attrs={"rows": 12}),
    )
    keywords = forms.CharField(
        max_length=1000, required=False, help_text="Separated by commas: Ising model, Monte Carlo."
    )
    container_image = forms.CharField(
        max_length=500,
        required=False,
        help_text="If you publish a ready image of your own, as in ghcr.io/you/model:1.0. It is "
        "shown to readers. The verification never relies on it: it builds one from the sources.",
        widget=forms.TextInput(attrs=CODE),
    )

    def clean_keywords(self) -> tuple[str, ...]:
        """The single keywords, each once."""
        words = (word.strip() for word in str(self.cleaned_data["keywords"]).split(","))
        return tuple(dict.fromkeys(word for word in words if word))


class VersionForm(forms.Form):
    """What a version is called, and what others may do with it; both freeze with it."""

    licence = LicenceField(
        max_length=200,
        required=False,
        help_text="Its SPDX name, as in MIT or Apache-2.0, or several: MIT OR Apache-2.0. NONE if "
        "you grant none, and then nobody else may use the model.",
    )
    label = forms.CharField(
        label="Version name",
        max_length=100,
        required=False,
        help_text="As you count your releases: 1.2.0.",
    )


class AuthorForm(forms.Form):
    """One author. A row whose names are both empty is no author."""

    given = forms.CharField(label="Given name", max_length=200, required=False)
    family = forms.CharField(label="Family name", max_length=200, required=False)
    orcid = orcid_field()
    affiliation = forms.CharField(max_length=300, required=False)

    def clean(self) -> dict[str, Any]:
        """Refuse an ORCID iD or an affiliation that belongs to nobody."""
        cleaned = super().clean() or {}
        named = cleaned.get("given") or cleaned.get("family")
        if not named and (cleaned.get("orcid") or cleaned.get("affiliation")):
            self.add_error("family", "Write the name of this author, or empty the row.")
        return cleaned

    @property
    def person(self) -> Person | None:
        """The author as a value; None for an empty row."""
        said = self.cleaned_data
        if not (said.get("given") or said.get("family")):
            return None
        return Person(
            given=said["given"],
            family=said["family"],
            orcid=said["orcid"] or None,
            affiliation=said["affiliation"],
        )


AuthorFormSet = forms.formset_factory(AuthorForm, formset=Rows, max_num=200, absolute_max=200)


def authors_of(formset: RowForms) -> tuple[Person, ...]:
    """The authors of a valid formset, in their order, empty rows left out."""
    return tuple(person for form in formset.forms if (person := form.person))


class WithdrawForm(forms.Form):
    """Why a model is taken down. The reason stays on its page."""

    reason = forms.CharField(
        max_length=1000,
        help_text="Shown to everybody who follows an old link or citation.",
        widget=forms.Textarea(attrs={"rows": 3}),
    )
