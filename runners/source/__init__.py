"""Guarded git: addresses that may be fetched, mirrors of what was, trees read from objects.

This package alone imports GitPython. It runs nothing of a repository.
"""

import os

# Else GitPython refuses to be imported where git is missing; we say so ourselves, when git is used.
os.environ.setdefault("GIT_PYTHON_REFRESH", "quiet")
