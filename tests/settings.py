"""The portal's settings as the tests use them: a throw-away folder, no service that nobody started.

pytest-django reads the settings before any conftest.py, so the environment is laid here. The
programs that a test starts inherit DJANGO_SETTINGS_MODULE and get the same folder and database.
"""

import os
import shutil
import tempfile
from pathlib import Path

# One folder a session; workers of pytest-xdist have one each inside it.
_ROOT = os.environ.get("REPRISE_TEST_ROOT") or tempfile.mkdtemp(prefix="reprise-test-")
os.environ["REPRISE_TEST_ROOT"] = _ROOT
_WORKER = os.environ.get("PYTEST_XDIST_WORKER", "controller")
os.environ["REPRISE_VAR_DIR"] = str(Path(_ROOT) / _WORKER)
# Whoever else uses this engine keeps their containers and images.
os.environ["REPRISE_SITE_NAME"] = f"{Path(_ROOT).name}-{_WORKER}"
os.environ.setdefault("REPRISE_SECRET_KEY", "tests sign nothing that matters")
os.environ.setdefault("REPRISE_SOURCE_ALLOW", "file")
os.environ.setdefault("REPRISE_BROKER_URL", "memory://")
# What the tests build is small; a developer's disk may be rather full.
os.environ.setdefault("REPRISE_DISK_FREE_MB", "500")
# As ops/site-env does for `make test`, for a folder of tests that is run by hand.
os.environ.setdefault("REPRISE_CA_BUNDLE", os.environ.get("SSL_CERT_FILE", ""))
# One address asks for everything here; the tests of the allowances set their own.
for _allowance in ("ANONYMOUS", "KNOWN", "CHANGES", "PULLS"):
    os.environ.setdefault(f"REPRISE_RATE_{_allowance}", "1000000/minute")

from portal.settings import *  # noqa: E402, F403 — the environment comes first
from portal.settings import DATABASES, STORAGES, VAR_DIR  # noqa: E402 — as above

# With the folder of collected files, whose absence whitenoise warns of.
(VAR_DIR / "static").mkdir(parents=True, exist_ok=True)
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
# One address signs up and in for everybody here; the tests of these limits set their own.
ACCOUNT_RATE_LIMITS = False
EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
# The manifest storage wants a collectstatic first.
STORAGES["staticfiles"] = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
# `make test` migrates a database of each kind once; without one, Django lays the tables itself.
_MIGRATED = os.environ.get("REPRISE_TEST_MIGRATED")
if DATABASES["default"]["ENGINE"].endswith("sqlite3"):
    # A file, as in production: other processes can open it, and locks are the real ones.
    DATABASES["default"]["TEST"] = {"NAME": str(VAR_DIR / "test.sqlite3")}
    if _MIGRATED:
        # pytest-django puts the name of a process of pytest-xdist after that of its database.
        _suffix = "" if _WORKER == "controller" else f"_{_WORKER}"
        _copy = VAR_DIR / f"test.sqlite3{_suffix}"
        # A program that a test starts reads these settings too: it finds the database in use.
        if not _copy.exists():
            shutil.copy(_MIGRATED, _copy)
elif _MIGRATED:
    DATABASES["default"]["TEST"] = {"TEMPLATE": _MIGRATED}
