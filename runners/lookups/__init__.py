"""What the portal asks of servers elsewhere for people who fill in forms.

Each function takes values, returns what was understood, and raises RepositoryFault with a hint for
whoever asked, or PlatformFault.
"""

from runners.lookups.article import look_up_article
from runners.lookups.asking import Asking
from runners.lookups.model import look_up_model
from runners.lookups.refs import look_up_refs

__all__ = ["Asking", "look_up_article", "look_up_model", "look_up_refs"]
