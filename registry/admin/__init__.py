"""Tables for curators and operators: to be searched and looked at.

Accounts are changed here, and nothing else: what services write, and triggers guard, is changed on
the site's own pages, where it is checked, recorded and told. No digest and no key is shown.
"""

from registry.admin import evidence, models, people, pulling, sharing

__all__ = ["evidence", "models", "people", "pulling", "sharing"]
