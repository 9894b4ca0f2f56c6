#!/usr/bin/env python
"""Reprise's command line: `.venv/bin/python manage.py help` lists the commands."""

import os
import sys

from django.core.management import execute_from_command_line


def main() -> None:
    """Run one management command."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "portal.settings")
    # A command is a module, whose name holds no hyphen: `check-receipt` is check_receipt.
    command = [word.replace("-", "_") for word in sys.argv[1:2]]
    execute_from_command_line([*sys.argv[:1], *command, *sys.argv[2:]])


if __name__ == "__main__":
    main()
