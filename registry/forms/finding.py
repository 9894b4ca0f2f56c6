"""How a reader asks for models."""

from django import forms

from registry.spec.ladder import Level


class ListForm(forms.Form):
    """The list's search and filters. Wrong values are dropped: old links still list something."""

    q = forms.CharField(
        label="Search", max_length=200, required=False, widget=forms.TextInput({"type": "search"})
    )
    level = forms.TypedChoiceField(
        label="Verified at least",
        required=False,
        coerce=int,
        empty_value=None,
        choices=[("", "any level"), *((level.value, level.label) for level in list(Level)[1:])],
    )
    owner = forms.CharField(max_length=96, required=False, widget=forms.HiddenInput)
