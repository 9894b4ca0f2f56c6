"""Pages about the portal itself."""

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from registry.spec.manifest import ATOL_CAP_RELATIVE, RTOL_CAP
from registry.spec.policy import ATTEMPTS_MOST, CAUSES, CRITERIA, LIMITATIONS, POLICY, REPAIRS

_RULES = {
    "levels": [
        {"value": level.value, "label": level.label, "criterion": criterion}
        for level, criterion in CRITERIA.items()
    ],
    "causes": [{"value": cause.value, "meaning": meaning} for cause, meaning in CAUSES.items()],
    "repairs": [
        {"value": repair.value, "label": repair.label, "meaning": meaning}
        for repair, meaning in REPAIRS.items()
    ],
    "attempts_most": ATTEMPTS_MOST,
    "limitations": LIMITATIONS,
    "policy": POLICY,
    "rtol_cap": RTOL_CAP,
    "atol_cap_percent": f"{ATOL_CAP_RELATIVE:.0%}".removesuffix("%"),
}


@require_safe
def rules(request: HttpRequest) -> HttpResponse:
    """What each level asks for, the causes, and what can be forged: the policy as text."""
    return render(
        request, "registry/rules.html", _RULES | {"stale_after_days": settings.STALE_AFTER_DAYS}
    )
