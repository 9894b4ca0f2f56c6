"""Where a model is: an address, an archive, and the files that it reads."""

from typing import Any

from django import forms

from registry.forms.fields import CODE
from registry.models.people import validate_name


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
            attrs=CODE | {"inputmode": "url", "placeholder": "https://github.com/you/your-model"}
        ),
    )
    ref = forms.CharField(
        label="Branch, tag or commit",
        max_length=300,
        required=False,
        help_text="Left empty: the newest commit of the main branch.",
        widget=forms.TextInput(attrs=CODE),
    )
    folder = forms.CharField(
        label="Folder",
        max_length=500,
        required=False,
        help_text="If the model is one of several in the repository: its folder, as in "
        "<code>models/a</code>.",
        widget=forms.TextInput(attrs=CODE),
    )
    archive = forms.FileField(
        label="Or an archive: zip or tar",
        required=False,
        help_text="Of its files, where there is no git: the portal makes a commit of it.",
        widget=forms.FileInput(attrs={"accept": ".zip,.tar,.tgz,.gz,.bz2,.tbz2,.xz,.txz"}),
    )

    def __init__(self, *args: Any, again: bool = False, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._again = again

    def clean(self) -> dict[str, Any]:
        """Refuse none and both of address and archive, and more than one of the latter."""
        cleaned = super().clean() or {}
        if sum(len(files) for _, files in self.files.lists()) > 1:
            self.add_error("archive", "Send one archive: put all files of the model into it.")
        address, archive = cleaned.get("address"), cleaned.get("archive")
        if archive and (address or cleaned.get("ref")):
            self.add_error(
                "archive", "Empty the address, branch, tag or commit, or send no archive."
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
        widget=forms.TextInput(attrs=CODE),
    )
