"""Who may change things: people signed in, and tokens that were given the scope for it."""

from typing import TYPE_CHECKING

from rest_framework.exceptions import PermissionDenied
from rest_framework.permissions import SAFE_METHODS, BasePermission
from rest_framework.request import Request

from registry.models import ApiToken

if TYPE_CHECKING:
    # rest_framework.views imports this module while it is itself being imported.
    from rest_framework.views import APIView

_LACKS = "This token lacks the scope “{}”. Make one that has it on your account page."


class ScopedOrReadOnly(BasePermission):
    """Anyone reads what is theirs to see; a change needs a person, and a token its scope.

    The view names its scope in `write_scope`. Whether this person may change this entry is for
    the services to say.
    """

    def has_permission(self, request: Request, view: "APIView") -> bool:
        """False for a stranger who writes. Raises PermissionDenied, naming the missing scope."""
        if request.method in SAFE_METHODS:
            return True
        if not request.user.is_authenticated:
            return False
        needed: str = getattr(view, "write_scope", "")
        # The stubs know only DRF's own token; ours is what TokenAuthentication returns.
        token: object = request.auth
        if isinstance(token, ApiToken) and needed not in token.scopes:
            raise PermissionDenied(_LACKS.format(needed), code="missing_scope")
        return True


class ScopedOrStranger(ScopedOrReadOnly):
    """Strangers write too, as on the page of the same thing; a token still needs its scope."""

    def has_permission(self, request: Request, view: "APIView") -> bool:
        """True for a stranger. Raises PermissionDenied, naming the missing scope."""
        return not request.user.is_authenticated or super().has_permission(request, view)
