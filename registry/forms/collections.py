"""What people type of their collections."""

from django import forms

from registry.forms.fields import ProseField
from registry.models import Collection


class CollectionForm(forms.Form):
    """A collection as it is described."""

    title = forms.CharField(max_length=300)
    description = ProseField(
        required=False,
        widget=forms.Textarea(attrs={"rows": 6}),
        help_text="Markdown: what the models have in common, what a reader should look at first.",
    )
    is_public = forms.BooleanField(
        label="Show it to everybody",
        required=False,
        help_text="Models in it that are private stay so.",
    )


class CollectForm(forms.Form):
    """A model put into one of one's collections, or into a new one."""

    collection = forms.ModelChoiceField(
        queryset=Collection.objects.none(), required=False, empty_label="A new one, called …"
    )
    title = forms.CharField(label="Title of the new one", max_length=300, required=False)
    note = forms.CharField(max_length=500, required=False, help_text="Why it is there.")

    def __init__(self, *args: object, collections: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]  # handed on as they came
        self.fields["collection"].queryset = collections  # type: ignore[attr-defined]  # of this one


class NoteForm(forms.Form):
    """A word on a model in a collection."""

    note = forms.CharField(max_length=500, required=False)
