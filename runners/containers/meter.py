"""How much memory a container takes, as the engine sees it while the container lives.

Once the last process is gone, so is the kernel's account of it: it has to be looked at before.
"""

import threading
from collections.abc import Callable, Mapping
from typing import Any, Self

from runners.faults import PlatformFault

LOOK_SECONDS = 0.5
"""How long at least between two looks; engines themselves count about once a second."""
LEAST_LOOKS = 2
"""The first look comes with the start and sees nothing yet: alone it would say too little."""


class Meter:
    """Looks at a container from a thread of its own, from `with` to its end.

    `look` gives bytes, None while there is nothing to see. An engine that does not answer is no
    reason to end a run: then the memory is not known.
    """

    def __init__(self, look: Callable[[], int | None]) -> None:
        self._look = look
        self._ended = threading.Event()
        self._seen: list[int] = []

    def __enter__(self) -> Self:
        threading.Thread(target=self._watch, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        # Not waited for: the engine may take a second to answer, and nobody needs that look.
        self._ended.set()

    @property
    def peak(self) -> int | None:
        """The most bytes that were seen; None when the end came before anything could be seen."""
        seen = list(self._seen)
        return max(seen) if len(seen) >= LEAST_LOOKS else None

    def _watch(self) -> None:
        while not self._ended.is_set():
            try:
                used = self._look()
            except PlatformFault:
                return
            if used is not None and not self._ended.is_set():
                self._seen.append(used)
            self._ended.wait(LOOK_SECONDS)


def memory_used(stats: Mapping[str, Any]) -> int | None:
    """The bytes in use, of an engine's answer: without file cache that nobody waits for.

    cgroup v1 tells the most that there was, v2 only what is now. Both name the cache that the
    kernel gives back at need; with it, whoever reads a large file would seem to need it in memory.
    """
    memory = stats.get("memory_stats") or {}
    most = max(memory.get("usage") or 0, memory.get("max_usage") or 0)
    details = memory.get("stats") or {}
    cache = details.get("total_inactive_file", details.get("inactive_file", 0))
    return max(0, most - cache) if most else None
