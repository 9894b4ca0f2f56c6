"""The article that published a model: typed, looked up by its DOI, or pasted as a record."""

from collections.abc import Mapping
from dataclasses import fields, replace
from typing import Any

from django import forms

from registry.forms.fields import CODE, DoiField, NamesField
from registry.spec.manifest import Article

PREFIX = "article"


class ArticleForm(forms.Form):
    """A field for each one of a spec Article, the DOI first: it may bring all the others."""

    doi = DoiField(
        label="DOI",
        max_length=300,
        required=False,
        help_text="As in 10.1103/PhysRevLett.126.032001.",
    )
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


def article_initial(article: Article) -> dict[str, Any]:
    """An article as the form shows it."""
    return {part.name: getattr(article, part.name) for part in fields(article)}


def article_sent(article: Article) -> Mapping[str, str]:
    """An article as a browser would send it, so that it can stand in place of what was typed."""
    form = ArticleForm(prefix=PREFIX, initial=article_initial(article))
    return {field.html_name: str(value if (value := field.value()) else "") for field in form}
