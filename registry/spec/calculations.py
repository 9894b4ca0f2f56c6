"""What a calculation came to: the declared command, run for somebody on inputs of theirs.

No evidence: nothing of it says how a model was verified.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal


@dataclass(frozen=True, kw_only=True)
class Calculated:
    """How a calculation ended: `failed` where the model did, `errored` where it could not be run.

    `files` maps each output that was written, as the manifest names it, to where it lies here;
    `seconds` is how long the command ran.
    """

    outcome: Literal["done", "failed", "errored"]
    explanation: str = ""
    hint: str = ""
    command: tuple[str, ...] = ()
    seconds: float | None = None
    files: Mapping[str, Path] = field(default_factory=dict)
