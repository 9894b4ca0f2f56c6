"""Guarded git: addresses that may be fetched, mirrors of what was, trees read from objects.

This package alone imports GitPython. It runs nothing of a repository.
"""
