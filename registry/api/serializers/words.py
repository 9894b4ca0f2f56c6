"""The closed sets of words in replies and requests."""

from typing import get_args

from registry.models.entries import Visibility
from registry.spec.ladder import Cause, Level, Outcome, Repair, Repeatability, Step, StepState
from registry.spec.manifest import StatisticalTest

# No log, report or list has more of anything; a larger number is a mistake or an attack.
LARGEST_ID = 2**63 - 1
# Named in portal/settings.py, so that the schema gives each set of words a name of its own.
LEVELS = [level.label for level in Level]
CAUSES = [cause.value for cause in Cause]
VERDICTS = [Outcome.REPRODUCED.value, Outcome.NOT_REPRODUCED.value]
REPAIRS = [repair.value for repair in Repair]
REPEATABILITIES = [sense.value for sense in Repeatability]
STATISTICAL_TESTS = list(get_args(StatisticalTest))
STEPS = [step.value for step in Step]
STEP_STATES = [state.value for state in StepState]
SHOWN_OR_NOT = [Visibility.PUBLIC.value, Visibility.PRIVATE.value]
