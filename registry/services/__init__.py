"""Every change of the database: one function a change, named `<entity>_<action>`.

Each takes keyword arguments, checks what people gave it, and raises ServiceError with a code, a
sentence and a hint when it refuses. Whether a person may do it is asked before, with
registry.selectors.entries.
"""

from registry.services.errors import LeaseLost, ServiceError

__all__ = ["LeaseLost", "ServiceError"]
