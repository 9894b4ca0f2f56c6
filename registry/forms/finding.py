"""Keeping searches, and the curators' work on vocabularies."""

from typing import TYPE_CHECKING

from django import forms

from registry.models import Term, Vocabulary
from registry.selectors.vocabularies import terms_of


class SearchForm(forms.Form):
    """A search that somebody keeps: what it is called, and whether its news are wanted."""

    name = forms.CharField(max_length=200)
    notify = forms.BooleanField(label="Tell me of new models that match", required=False)


if TYPE_CHECKING:
    _TermChoice = forms.ModelChoiceField[Term]
else:  # generic in the stubs alone
    _TermChoice = forms.ModelChoiceField


class TermField(_TermChoice):
    """A term of a vocabulary, set in as deep as it stands in the tree."""

    def __init__(
        self, vocabulary: Vocabulary, *, label: str, required: bool, top: str = ""
    ) -> None:
        terms = terms_of(vocabulary.pk)
        super().__init__(terms, label=label, required=required, empty_label=top or None)

    def label_from_instance(self, obj: Term) -> str:
        """The name, behind a dash for each term above it."""
        return "– " * obj.path.count("/") + obj.name


class TermAddForm(forms.Form):
    """A further term."""

    name = forms.CharField(max_length=200)

    def __init__(self, vocabulary: Vocabulary, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]  # as Django's form takes them
        self.fields["parent"] = TermField(
            vocabulary, label="Below", required=False, top="at the top"
        )


class TermRenameForm(forms.Form):
    """Another name, and other words by which the term is found."""

    name = forms.CharField(max_length=200)
    synonyms = forms.CharField(
        label="Other words for it",
        required=False,
        max_length=2000,
        widget=forms.Textarea({"rows": 4}),
        help_text="One a line. Search and type-ahead find the term by them too.",
    )

    def clean_synonyms(self) -> list[str]:
        """The words, one a line."""
        return [line.strip() for line in self.cleaned_data["synonyms"].splitlines() if line.strip()]


class TermMoveForm(forms.Form):
    """Where in the tree the term stands."""

    def __init__(self, vocabulary: Vocabulary, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]  # as Django's form takes them
        self.fields["parent"] = TermField(
            vocabulary, label="Below", required=False, top="at the top"
        )


class TermMergeForm(forms.Form):
    """Which term takes it up."""

    def __init__(self, vocabulary: Vocabulary, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]  # as Django's form takes them
        self.fields["into"] = TermField(
            vocabulary, label="Into", required=True, top="choose a term"
        )
