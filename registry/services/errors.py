"""Why a service refuses."""


class ServiceError(Exception):
    """A refusal that a person can mend: a stable code, what is wrong, what to do next."""

    def __init__(self, code: str, sentence: str, hint: str = "") -> None:
        super().__init__(sentence)
        self.code = code
        self.sentence = sentence
        self.hint = hint


class LeaseLost(Exception):
    """The run was given to another worker, cancelled or ended: write nothing more, and stop."""
