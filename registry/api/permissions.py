"""Who may change things: people signed in, and tokens that were given the scope for it."""

from rest_framework.exceptions import PermissionDenied
from rest_framework.permissions import SAFE_METHODS, BasePermission
from rest_framework.request import Request
from rest_framework.views import APIView


class ScopedOrReadOnly(BasePermission):
    """Anyone reads what is theirs to see; a change needs a person, and a token its scope.

    The view names its scope in `write_scope`. Whether this person may change this entry is for
    the services to say.
    """

    def has_permission(self, request: Request, view: APIView) -> bool:
        """False for a stranger who writes. Raises PermissionDenied, naming the missing scope."""
        if request.method in SAFE_METHODS:
            return True
        if not request.user.is_authenticated:
            return False
        needed: str = getattr(view, "write_scope", "")
        if request.auth is not None and needed not in request.auth.scopes:
            raise PermissionDenied(
                f"This token lacks the scope “{needed}”. Make one that has it on your account page.",
                code="missing_scope",
            )
        return True
