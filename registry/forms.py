"""What people type, checked. Every message says what is wrong and what to write instead."""

import re
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from allauth.account.forms import SignupForm as AllauthSignupForm
from django import forms
from django.core.exceptions import ValidationError
from django.http import HttpRequest

from registry.models import User
from registry.models.people import validate_name
from registry.services import ServiceError
from registry.services.people import user_update
from registry.services.tokens import SCOPES
from registry.spec.identifiers import doi_normalised, name_parted, orcid_normalised
from registry.spec.ladder import Level
from registry.spec.manifest import RTOL_CAP, Article, Output, Person

_CODE = {"autocapitalize": "none", "autocomplete": "off", "spellcheck": "false"}
# First parts of the site's own addresses: as a user name they would hide a person's models.
RESERVED_NAMES = frozenset({
    "about", "accounts", "admin", "api", "badges", "blobs", "collections", "datasets", "docs",
    "favicon.ico", "feeds", "health", "help", "hf", "hooks", "login", "logout", "metrics", "models",
    "oai", "people", "publish", "reprise", "robots.txt", "root", "rules", "runs", "search",
    "settings", "signup", "sitemap.xml", "spaces", "static", "support", "terms", "tokens", "users",
    "v2", "versions", "webhooks", ".well-known",
})  # fmt: skip
USERNAME_HELP = (
    "The first half of your models' names, as in <em>ada/lattice-phi4</em>. Letters, digits, “-”, "
    "“_” and “.”. It appears in citations and cannot be changed later."
)
ORCID_HELP = "Your sixteen digits at orcid.org, as in 0000-0002-1825-0097. Shown beside your name."


def refuse_reserved_name(name: str) -> None:
    """Keep the site's own addresses free. Raises ValidationError."""
    if name.lower() in RESERVED_NAMES:
        raise ValidationError(f"“{name}” is an address of this site. Choose another user name.")


username_validators: list[Callable[[str], None]] = [validate_name, refuse_reserved_name]


class OrcidField(forms.CharField):
    """An ORCID iD, as digits or as its address; cleaned to 0000-0000-0000-0000."""

    def clean(self, value: object) -> str:
        """The normal form, empty when nothing was typed. Raises ValidationError."""
        text = str(super().clean(value))
        try:
            return orcid_normalised(text) if text else ""
        except ValueError as error:
            raise ValidationError(str(error)) from error


def orcid_field(help_text: str = "") -> OrcidField:
    """The optional field for an ORCID iD, as every form here has it."""
    return OrcidField(label="ORCID iD", required=False, max_length=60, help_text=help_text)


class DoiField(forms.CharField):
    """A DOI, bare or as its address; cleaned to the bare one."""

    widget = forms.TextInput(attrs=_CODE)

    def clean(self, value: object) -> str:
        """The bare DOI, empty when nothing was typed. Raises ValidationError."""
        text = str(super().clean(value))
        try:
            return doi_normalised(text) if text else ""
        except ValueError as error:
            raise ValidationError(str(error)) from error


class SignupForm(AllauthSignupForm):  # type: ignore[misc]  # allauth publishes no types
    """Name, e-mail address and password; ORCID iD and affiliation where somebody has them."""

    orcid = orcid_field(ORCID_HELP)
    affiliation = forms.CharField(max_length=300, required=False)
    field_order = ("username", "email", "password1", "password2", "orcid", "affiliation")

    def __init__(self, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)
        self.fields["username"].label = "User name"
        self.fields["username"].help_text = USERNAME_HELP
        self.fields["email"].label = "E-mail address"
        self.fields["email"].help_text = "For a lost password. Never shown to anybody."
        self.fields["affiliation"].widget.attrs["autocomplete"] = "organization"
        for field in self.fields.values():
            field.widget.attrs.pop("placeholder", None)

    def custom_signup(self, request: HttpRequest, user: User) -> None:
        """Keep what allauth itself does not know."""
        super().custom_signup(request, user)
        said = self.cleaned_data
        user_update(
            user=user,
            first_name="",
            last_name="",
            orcid=said["orcid"],
            affiliation=said["affiliation"],
        )


class ProfileForm(forms.Form):
    """What a person says of themselves. The user name stays: addresses and citations hold it."""

    first_name = forms.CharField(label="Given name", max_length=150, required=False)
    last_name = forms.CharField(label="Family name", max_length=150, required=False)
    orcid = orcid_field(ORCID_HELP)
    affiliation = forms.CharField(max_length=300, required=False)


_SCOPE_WORDS = {
    "models:write": "publish and change your models",
    "runs:write": "start and cancel verifications",
    "reproductions:write": "report reproductions of anybody’s verifications",
}


class TokenForm(forms.Form):
    """A new key for a program."""

    name = forms.CharField(
        max_length=100, help_text="Where it is used, so that you know which one to revoke."
    )
    scopes = forms.MultipleChoiceField(
        label="It may",
        choices=[(scope, _SCOPE_WORDS[scope]) for scope in SCOPES],
        widget=forms.CheckboxSelectMultiple,
        required=False,
        help_text="Without any it can only read, which needs no token for public models.",
    )
    expires_at = forms.DateTimeField(
        label="Valid until",
        required=False,
        help_text="Left empty: until you revoke it.",
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
    )


def add_refusal(form: forms.Form, refusal: ServiceError) -> None:
    """Show why a service refused, beside the field that it speaks of or above all fields."""
    field = refusal.code.partition("_")[0]
    said = " ".join(part for part in (refusal.sentence, refusal.hint) if part)
    form.add_error(field if field in form.fields else None, said)


class InputFileForm(forms.Form):
    """A file that a model reads and its repository does not hold."""

    file = forms.FileField(label="File", allow_empty_file=False)


class SourceForm(forms.Form):
    """Where a version's source lies: the address of a repository, or an archive.

    With `again`, the archive that the version was made of may be read again: both are left empty.
    """

    address = forms.CharField(
        label="Repository address",
        max_length=2000,
        required=False,
        help_text="The address you would give to <code>git clone</code>, beginning with https://.",
        widget=forms.TextInput(
            attrs=_CODE | {"inputmode": "url", "placeholder": "https://github.com/you/your-model"}
        ),
    )
    ref = forms.CharField(
        label="Branch, tag or commit",
        max_length=300,
        required=False,
        help_text="Left empty: the newest commit of the main branch.",
        widget=forms.TextInput(attrs=_CODE),
    )
    folder = forms.CharField(
        label="Folder",
        max_length=500,
        required=False,
        help_text="If the model is one of several in the repository: its folder, as in "
        "<code>models/a</code>.",
        widget=forms.TextInput(attrs=_CODE),
    )
    archive = forms.FileField(
        label="Zip or tar",
        required=False,
        help_text="The model's folder, packed. The portal makes a commit of it.",
        widget=forms.FileInput(attrs={"accept": ".zip,.tar,.tgz,.gz,.bz2,.tbz2,.xz,.txz"}),
    )

    def __init__(self, *args: Any, again: bool = False, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._again = again

    def clean(self) -> dict[str, Any]:
        """Refuse none and both of address and archive."""
        cleaned = super().clean() or {}
        address, archive = cleaned.get("address"), cleaned.get("archive")
        if archive and (address or cleaned.get("ref")):
            self.add_error(
                "archive", "Empty the address, branch, tag or commit above, or send no archive."
            )
        if not address and not archive and not self._again and "archive" not in self.errors:
            self.add_error(
                "address", "Give the address of a repository, or choose an archive below."
            )
        return cleaned


class PublishForm(SourceForm):
    """The first step of publishing."""

    name = forms.CharField(
        label="Short name",
        max_length=96,
        required=False,
        validators=[validate_name],
        help_text="The second half of the model's name. Left empty: as the repository, its folder "
        "or the archive is called.",
        widget=forms.TextInput(attrs=_CODE),
    )


class ProseField(forms.CharField):
    """Text of several lines. A browser's line ends and stray blanks at its edges are no change."""

    def to_python(self, value: object) -> str:
        """The text with plain line ends, stripped."""
        return str(super().to_python(value)).replace("\r\n", "\n")

    def has_changed(self, initial: object, data: object) -> bool:
        """Whether a person typed something else."""
        return super().has_changed(self.to_python(initial), data)


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
        widget=forms.TextInput(attrs=_CODE),
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
        widget=forms.TextInput(attrs=_CODE),
    )
    python = forms.CharField(
        label="Python version",
        max_length=20,
        required=False,
        help_text="As in 3.11. Left empty, it is chosen by what the repository declares.",
        widget=forms.TextInput(attrs=_CODE),
    )
    test = forms.CharField(
        label="Test command",
        max_length=1000,
        required=False,
        help_text="Left empty, pytest looks for tests by itself.",
        widget=forms.TextInput(attrs=_CODE),
    )
    run = ProseField(
        label="Command that computes the outputs",
        max_length=4000,
        required=False,
        help_text="It runs twice, each time in a fresh container without a network. Left empty, "
        "only the tests are run.",
        widget=forms.Textarea(attrs=_CODE | {"rows": 2}),
    )


class NamesField(ProseField):
    """People, one a line; cleaned to spec Persons. A name in braces is kept whole, as in BibTeX.

    Names that were pasted in one line are parted at semicolons, at "&" and at "and". Commas part
    nothing but a family from a given name, so a line with several of them is refused.
    """

    widget = forms.Textarea(attrs={"rows": 3})

    def prepare_value(self, value: object) -> object:
        """Persons as their lines; text that came back from a person as it is."""
        return "\n".join(map(_name_line, value)) if isinstance(value, tuple) else value

    def has_changed(self, initial: object, data: object) -> bool:
        """Whether a person typed something else."""
        return super().has_changed(self.prepare_value(initial), data)

    def clean(self, value: object) -> Any:  # noqa: ANN401 — a CharField's own clean() is untyped
        """The people in their order. Raises ValidationError."""
        lines = str(super().clean(value)).splitlines()
        people = (_person_named(name.strip()) for line in lines for name in _names_in(line))
        return tuple(person for person in people if person.name)


_BRACED = re.compile(r"\{(.*)\}")
_BETWEEN_NAMES = re.compile(r";|&|,?\s+and\s+")
_INITIALS_FIRST = re.compile(r"\w\.[^,]*\s[^,]*,")


def _names_in(line: str) -> list[str]:
    return [line] if _BRACED.fullmatch(line.strip()) else _BETWEEN_NAMES.split(line)


def _name_line(person: Person) -> str:
    if person.given and person.family:
        return f"{person.family}, {person.given}"
    return f"{{{person.name}}}"


def _person_named(name: str) -> Person:
    """The person of one name. Raises ValidationError where it may be the name of several."""
    braced = _BRACED.fullmatch(name)
    if braced:
        return Person(family=braced[1].strip())
    if name.count(",") > 1 or _INITIALS_FIRST.match(name):
        raise ValidationError(
            f"“{name[:100]}” may be several people. Write each on a line of its own, as in "
            "“Volterra, Vito”."
        )
    given, family = name_parted(name)
    return Person(given=given, family=family)


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
        widget=forms.URLInput(attrs=_CODE),
    )

    def article(self, *, before: Article) -> Article:
        """The article of a valid form; what nobody changed stays as it was `before`."""
        typed: dict[str, Any] = {name: self.cleaned_data[name] for name in self.changed_data}
        return replace(before, **typed)


class OutputForm(forms.Form):
    """One output of the declared command. A row without a path is no output."""

    path = forms.CharField(
        label="File it writes", max_length=500, required=False, widget=forms.TextInput(attrs=_CODE)
    )
    expected = forms.CharField(
        label="Expected values in", max_length=500, required=False, widget=forms.TextInput(_CODE)
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
