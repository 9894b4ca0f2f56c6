"""The registry: entries, versions, runs and what was seen of them."""

from django.apps import AppConfig


class RegistryConfig(AppConfig):
    """Tables, services, pages and API of the registry."""

    name = "registry"
    verbose_name = "Registry"
