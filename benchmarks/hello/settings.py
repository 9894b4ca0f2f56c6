"""The portal's own settings with one view in place of all: the floor under every page."""

from portal.settings import *  # noqa: F403 — the same middleware is what makes it a floor

ROOT_URLCONF = "benchmarks.hello.urls"
