"""How files that people send reach the disk."""

from django.conf import settings
from django.core.files.uploadhandler import TemporaryFileUploadHandler


class BoundedUploadHandler(TemporaryFileUploadHandler):
    """Writes a file to the disk as it comes, and no more of it than is allowed.

    What is beyond is read and thrown away, so that a form that refuses the file for its size still
    has all that was typed beside it.
    """

    def receive_data_chunk(self, raw_data: bytes, start: int) -> None:
        """Write the piece that begins at byte `start`, as far as there is room for it."""
        room = settings.UPLOAD_BYTES + 1 - start
        if room > 0:
            self.file.write(raw_data[:room])
