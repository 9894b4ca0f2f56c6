"""What a model is filed under: a field for each vocabulary, its terms separated by commas."""

import re
from typing import Any

from django import forms
from django.urls import reverse

from registry.forms.fields import Suggested
from registry.models import ModelEntry, Term, Vocabulary
from registry.selectors.vocabularies import entry_terms, vocabularies_all

PREFIX = "terms"
# The subject tree, which every model has a place in; the others wait folded.
ALWAYS_SHOWN = "subject"
_COMMA = re.compile(r"[,;\n]")


class TermsField(forms.CharField):
    """Terms by name or path, separated by commas; cleaned to a tuple of them."""

    def __init__(self, vocabulary: Vocabulary) -> None:
        suggest = reverse("term_suggest", args=[vocabulary.slug])
        super().__init__(
            label=vocabulary.name,
            required=False,
            max_length=5000,
            help_text=vocabulary.description,
            widget=Suggested(attrs={"data-suggest": suggest}),
        )

    def clean(self, value: object) -> Any:  # noqa: ANN401 — a field cleans to what it likes
        """The single terms, each once."""
        words = (word.strip() for word in _COMMA.split(str(super().clean(value))))
        return tuple(dict.fromkeys(word for word in words if word))


class TermsForm(forms.Form):
    """A field for each vocabulary that the site has, whatever they are."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields |= {one.slug: TermsField(one) for one in vocabularies_all()}

    @property
    def chosen(self) -> dict[str, tuple[str, ...]]:
        """Vocabulary → terms, of those that a person changed."""
        return {name: self.cleaned_data[name] for name in self.changed_data}


def terms_initial(entry: ModelEntry) -> dict[str, str]:
    """The entry's terms as the fields show them."""
    return {
        found.vocabulary.slug: ", ".join(map(_word, found.terms)) for found in entry_terms(entry)
    }


def _word(term: Term) -> str:
    """The name of a term, or its path where the name would be taken apart."""
    return term.path if _COMMA.search(term.name) else term.name
