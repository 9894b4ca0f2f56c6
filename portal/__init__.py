"""The site: settings, addresses, the Celery application and the embedded demo."""

# Django and Celery both start here; tasks sent by name need the configured application.
from portal.celery import app as celery_app

__all__ = ["celery_app"]
