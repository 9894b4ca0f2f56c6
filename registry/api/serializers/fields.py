"""Fields of requests that name things of this portal."""

from typing import Any

from rest_framework import serializers

from registry.api.serializers.words import LARGEST_ID
from registry.models import User
from registry.selectors.sharing import person_named


class AccessionField(serializers.IntegerField):
    """The number of a model."""

    def __init__(self, **options: Any) -> None:
        super().__init__(min_value=1, max_value=LARGEST_ID, **options)


class PersonNameField(serializers.CharField):
    """Somebody with an account, by user name; validated to the User."""

    def __init__(self, **options: Any) -> None:
        super().__init__(max_length=96, **options)

    def run_validation(self, data: object = serializers.empty) -> User:
        """The person. Raises ValidationError when nobody has this user name."""
        found = person_named(super().run_validation(data))
        if found is None:
            raise serializers.ValidationError("Nobody here has this user name.")
        return found
