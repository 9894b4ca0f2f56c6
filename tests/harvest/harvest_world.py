"""A portal with a model of each visibility, for doors that tell everybody of the public ones."""

from dataclasses import dataclass
from pathlib import Path

from django.test import Client

from registry.models import ModelEntry, User, VerificationRun
from registry.models.entries import Visibility
from registry.services.entries import entry_withdraw
from registry.services.sharing import visibility_set
from registry.services.vocabularies import terms_write, vocabularies_load
from registry.spec.ladder import Origin
from tests.api.world import archived_run
from tests.registry.registry_helpers import person, published, ready_draft


@dataclass(frozen=True, kw_only=True)
class Shelf:
    """All of Ada's. Each but the draft was public once, and has a run that reproduces it."""

    ada: User
    draft: ModelEntry
    private: ModelEntry
    public: ModelEntry
    withdrawn: ModelEntry
    run: VerificationRun

    @property
    def hidden(self) -> tuple[ModelEntry, ...]:
        """What no stranger is told of, but that it was there once."""
        return self.draft, self.private, self.withdrawn

    def viewers(self) -> dict[str, Client]:
        """A stranger, the owner, and staff: these doors tell all of them the same."""
        found = {"stranger": Client(), "owner": Client(), "staff": Client()}
        found["owner"].force_login(self.ada)
        staff = User.objects.filter(username="curator").first() or person("curator", is_staff=True)
        found["staff"].force_login(staff)
        return found


def shelf(folder: Path) -> Shelf:
    """Made by the services alone, as people would."""
    vocabularies_load()
    ada = person("ada")
    draft = ready_draft(ada, name="drafted")
    made = {name: published(ada, name=name) for name in ("private", "public", "withdrawn")}
    runs = {name: archived_run(run, folder) for name, (_, run) in made.items()}
    for entry, _ in made.values():
        terms_write(
            entry=entry,
            terms={"subject": ["classical-mechanics/hamiltonian-systems"]},
            origin=Origin.FORM.value,
        )
    private, withdrawn = made["private"][0], made["withdrawn"][0]
    visibility_set(actor=ada, entry=private, visibility=Visibility.PRIVATE)
    entry_withdraw(entry=withdrawn, actor=ada, reason="It was somebody else's.")
    entries = {name: ModelEntry.objects.get(pk=entry.pk) for name, (entry, _) in made.items()}
    return Shelf(ada=ada, draft=draft, run=runs["public"], **entries)
