"""How the form about a model says where a value was read."""

from collections.abc import Mapping

from django import forms, template

register = template.Library()


@register.filter
def origin_in(field: forms.BoundField, origins: Mapping[str, str]) -> str:
    """Where the value that a field shows was read; "" of none, and of what a person wrote."""
    return origins.get(field.html_name, "") if field.value() else ""
