"""The test suite. A package, so that `tests.settings` cannot be mistaken for someone else's."""
