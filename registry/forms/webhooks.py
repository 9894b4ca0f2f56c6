"""Which address is told of which events."""

from typing import TYPE_CHECKING

from django import forms

from registry.forms.fields import CODE
from registry.models import ModelEntry, User
from registry.selectors.webhooks import entries_to_hear_of
from registry.spec.events import SAID

if TYPE_CHECKING:
    _EntryChoice = forms.ModelChoiceField[ModelEntry]
else:  # generic in the stubs alone
    _EntryChoice = forms.ModelChoiceField


class WebhookForm(forms.Form):
    """A webhook as its owner sets it."""

    address = forms.CharField(
        max_length=2000,
        widget=forms.URLInput(attrs=CODE | {"placeholder": "https://"}),
        help_text="Where a program of yours takes messages. It must be reached over https from "
        "the internet.",
    )
    events = forms.MultipleChoiceField(
        label="Tell it when",
        choices=[(event.value, f"{said} ({event.value})") for event, said in SAID.items()],
        widget=forms.CheckboxSelectMultiple,
    )


class NewWebhookForm(WebhookForm):
    """A webhook to be made: of one model, or of all that its owner edits."""

    field_order = ("address", "entry", "events")

    def __init__(self, *args: object, user: User, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]  # Django's own arguments
        self.fields["entry"] = _EntryChoice(
            entries_to_hear_of(user), label="Of", required=False, empty_label="all my models"
        )
        self.order_fields(self.field_order)


class ChangeWebhookForm(WebhookForm):
    """A webhook that there is: it may be switched off for a while, and on again."""

    is_active = forms.BooleanField(label="Switched on", required=False)
