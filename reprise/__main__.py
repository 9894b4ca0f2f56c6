"""`python -m reprise`."""

from reprise.commands import app

app()
