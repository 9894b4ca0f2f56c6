"""Carrying out a search for what broke a model: each probe a whole verification on this machine."""

import logging
from collections.abc import Callable
from dataclasses import dataclass, replace

from django.utils import timezone

from registry.spec.bisection import Probe
from registry.spec.evidence import Report
from registry.spec.ladder import Cause
from runners.bisection import Unheard, Untried, request_for, rungs_of
from runners.configuration import bases_of_site, bounds_of_site, mirrors_of_site, tools_for
from runners.faults import Check, PlatformFault, RepositoryFault
from runners.limits import Bounds
from runners.pipeline import verify
from runners.source.address import normalise
from runners.steps.case import Request

logger = logging.getLogger(__name__)

_SAY_NOTHING = frozenset({Cause.FETCH, Cause.INFRASTRUCTURE})


@dataclass(frozen=True, kw_only=True)
class Prober:
    """Where the probes of one search are carried out: the model, and the two runs.

    `run` labels the containers; `first` is the number before that of the first probe, so that two
    attempts at a search never share a container's name.
    """

    site: str
    run: str
    request: Request
    good: Report
    bad: Report
    check: Check
    bounds: Callable[[], Bounds] = bounds_of_site
    first: int = 0

    def probe(self, probe: Probe, number: int) -> Report:
        """The report on a probe. Raises Untried, PlatformFault, Stopped.

        What could not even be fetched says nothing of packages, Python or commit.
        """
        if probe.python and probe.python not in bases_of_site():
            raise Untried(f"This portal has no base image of Python {probe.python} any more.")
        with tools_for(
            site=self.site,
            run=self.run,
            attempt=self.first + number,
            bounds=self.bounds(),
            check=self.check,
        ) as tools:
            allowed = replace(tools, rungs=rungs_of(self.good, self.bad))
            asked = request_for(probe, self.request)
            report = verify(asked, allowed, Unheard(), now=timezone.now).report
        if report.cause in _SAY_NOTHING:
            raise PlatformFault(report.explanation)
        return report

    def commits(self, older: str, newer: str) -> tuple[str, ...]:
        """The line of commits between two; () where it cannot be had any more."""
        limits = self.bounds().source
        try:
            address = normalise(self.request.address, allow=limits.allow, uploads=limits.uploads)
            return mirrors_of_site().line(
                address, older, newer, limits=limits, log=logger.debug, check=self.check
            )
        except RepositoryFault as fault:
            logger.info("No history between %s and %s: %s", older, newer, fault)
            return ()
