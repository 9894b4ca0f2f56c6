"""What readers report, and what curators decide."""

from django import forms

from registry.forms.fields import ProseField
from registry.models.curation import ReportKind, ReportState
from registry.services.reports import TEXT_CHARACTERS

_LONG = forms.Textarea(attrs={"rows": 5})


class ReportForm(forms.Form):
    """A problem that a reader found."""

    kind = forms.TypedChoiceField(
        label="What is wrong?",
        choices=ReportKind.choices,
        coerce=ReportKind,
        widget=forms.RadioSelect,
    )
    text = ProseField(
        label="Tell us more",
        max_length=TEXT_CHARACTERS,
        widget=_LONG,
        help_text="What you saw, what you expected, and where one can see that it is so.",
    )
    email = forms.EmailField(
        label="Your e-mail address",
        required=False,
        help_text="For the answer alone. Nobody but the curators sees it.",
    )

    def __init__(self, *args: object, known: bool, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]  # handed on as they came
        if known:
            del self.fields["email"]


class ReportEndForm(forms.Form):
    """How a report ends."""

    words = ProseField(
        label="Answer to whoever reported it",
        max_length=TEXT_CHARACTERS,
        widget=_LONG,
        help_text="What was done, or why nothing is to be done.",
    )
    state = forms.TypedChoiceField(
        choices=[(state.value, state.label) for state in ReportState if state != ReportState.OPEN],
        coerce=ReportState,
    )


class TakeDownForm(forms.Form):
    """Why a model is taken down."""

    reason = ProseField(
        max_length=1000,
        widget=_LONG,
        help_text="Stays on its page for ever, for all to read. Name nobody without need.",
    )


class MergeForm(TakeDownForm):
    """Which model another one becomes part of."""

    into = forms.IntegerField(
        label="Number of the model that stays",
        min_value=1,
        max_value=2**62,
        help_text="As in its address: the 17 of /models/17/.",
    )
    field_order = ("into", "reason")


class LogForm(forms.Form):
    """What is looked for in the record of who did what."""

    q = forms.CharField(
        label="Words", required=False, max_length=200, help_text="In who, what and to whom."
    )
    action = forms.CharField(
        required=False,
        max_length=50,
        help_text="As it begins: <code>entry.</code>, <code>member.added</code>.",
    )
    model = forms.IntegerField(required=False, min_value=1, max_value=2**62)
    since = forms.DateField(required=False, widget=forms.DateInput(attrs={"type": "date"}))
    until = forms.DateField(required=False, widget=forms.DateInput(attrs={"type": "date"}))
