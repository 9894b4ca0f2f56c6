"""What people say of a model. Every message says what is wrong and what to write instead."""

from dataclasses import replace
from typing import Any

from django import forms

from registry.forms.fields import CODE, DoiField, NamesField, ProseField, orcid_field
from registry.spec.manifest import RTOL_CAP, Article, Output, Person


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
    """What freezes with a version: its name, licence, and how the model is run."""

    label = forms.CharField(
        label="Version name",
        max_length=100,
        required=False,
        help_text="As you count your releases: 1.2.0.",
    )
    licence = forms.CharField(
        max_length=200,
        required=False,
        help_text="The licence's SPDX name, as in MIT or Apache-2.0; NONE if you grant none, and "
        "then nobody else may use the model.",
        widget=forms.TextInput(attrs=CODE),
    )
    python = forms.CharField(
        label="Python version",
        max_length=20,
        required=False,
        help_text="As in 3.11. Left empty, it is chosen by what the repository declares.",
        widget=forms.TextInput(attrs=CODE),
    )
    test = forms.CharField(
        label="Test command",
        max_length=1000,
        required=False,
        help_text="Left empty, pytest looks for tests by itself.",
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


class ArticleForm(forms.Form):
    """The article that published the model: a field for each one of a spec Article."""

    title = forms.CharField(label="Title of the article", max_length=1000, required=False)
    authors = NamesField(
        label="Its authors",
        max_length=20_000,
        required=False,
        help_text="One a line, family name first: Volterra, Vito. A collaboration stands in "
        "braces: {ATLAS Collaboration}.",
    )
    journal = forms.CharField(max_length=300, required=False)
    year = forms.IntegerField(min_value=1000, max_value=9999, required=False)
    volume = forms.CharField(max_length=50, required=False)
    pages = forms.CharField(label="Pages or article number", max_length=50, required=False)
    doi = DoiField(
        label="DOI",
        max_length=300,
        required=False,
        help_text="As in 10.1103/PhysRevLett.126.032001.",
    )
    url = forms.URLField(
        label="Web address, if it has no DOI",
        max_length=2000,
        required=False,
        assume_scheme="https",
        widget=forms.URLInput(attrs=CODE),
    )

    def article(self, *, before: Article) -> Article:
        """The article of a valid form; what nobody changed stays as it was `before`."""
        typed: dict[str, Any] = {name: self.cleaned_data[name] for name in self.changed_data}
        return replace(before, **typed)


class OutputForm(forms.Form):
    """One output of the declared command. A row without a path is no output."""

    path = forms.CharField(
        label="File it writes", max_length=500, required=False, widget=forms.TextInput(attrs=CODE)
    )
    expected = forms.CharField(
        label="Expected values in", max_length=500, required=False, widget=forms.TextInput(CODE)
    )
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


OutputFormSet = forms.formset_factory(OutputForm, extra=1, max_num=100, absolute_max=100)


def outputs_of(
    formset: "forms.BaseFormSet[OutputForm]", *, before: tuple[Output, ...]
) -> tuple[Output, ...]:
    """The outputs of a valid formset; what the form does not show stays as it was `before`."""
    known = {output.path: output for output in before}
    rows = [form.cleaned_data for form in formset.forms if form.cleaned_data.get("path")]
    return tuple(
        replace(
            known.get(row["path"], Output(path=row["path"])),
            expected=row["expected"] or None,
            rtol=row["rtol"] or 0.0,
            atol=row["atol"] or 0.0,
        )
        for row in rows
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


AuthorFormSet = forms.formset_factory(AuthorForm, extra=2, max_num=200, absolute_max=200)


def authors_of(formset: "forms.BaseFormSet[AuthorForm]") -> tuple[Person, ...]:
    """The authors of a valid formset, in their order, empty rows left out."""
    return tuple(person for form in formset.forms if (person := form.person))


class WithdrawForm(forms.Form):
    """Why a model is taken down. The reason stays on its page."""

    reason = forms.CharField(
        max_length=1000,
        help_text="Shown to everybody who follows an old link or citation.",
        widget=forms.Textarea(attrs={"rows": 3}),
    )
