"""What people typed and have not saved."""

from registry.models import ModelEntry, TypedForm, User


def typed_form_of(*, entry: ModelEntry, user: User) -> TypedForm | None:
    """What this person typed into the form of an entry and has not saved; None when nothing."""
    return TypedForm.objects.filter(entry=entry, user=user).first()
