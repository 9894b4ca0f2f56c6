"""Pages about the portal itself."""

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from registry.spec import policy

_RULES = {
    "levels": [
        {"value": level.value, "label": level.label, "criterion": criterion}
        for level, criterion in policy.CRITERIA.items()
    ],
    "causes": [
        {"value": cause.value, "meaning": meaning} for cause, meaning in policy.CAUSES.items()
    ],
    "repairs": [
        {"value": repair.value, "label": repair.label, "meaning": meaning}
        for repair, meaning in policy.REPAIRS.items()
    ],
    "attempts_most": policy.ATTEMPTS_MOST,
    "modifiers": policy.MODIFIERS,
    "comparing": policy.COMPARING,
    "statistics": policy.STATISTICS,
    "statistical_tests": policy.STATISTICAL_TESTS,
    "never_passes": policy.NEVER_PASSES,
    "limitations": policy.LIMITATIONS,
    "policy": policy.POLICY,
}


@require_safe
def rules(request: HttpRequest) -> HttpResponse:
    """What each level asks for, the causes, and what can be forged: the policy as text."""
    return render(
        request, "registry/rules.html", _RULES | {"stale_after_days": settings.STALE_AFTER_DAYS}
    )
