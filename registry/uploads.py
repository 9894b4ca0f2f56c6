"""How files that people send reach the disk."""

from typing import Any

from django.conf import settings
from django.core.files.uploadhandler import TemporaryFileUploadHandler


class BoundedUploadHandler(TemporaryFileUploadHandler):
    """Writes files to the disk as they come, and no more of all in a request than is allowed.

    What is beyond is read and thrown away, so that a form that refuses a file for its size still
    has all that was typed beside it.
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._room = settings.UPLOAD_BYTES + 1

    def receive_data_chunk(self, raw_data: bytes, start: int) -> None:
        """Write the next piece of a file, as far as there is room for it."""
        del start
        self.file.write(raw_data[: self._room])
        self._room = max(0, self._room - len(raw_data))
