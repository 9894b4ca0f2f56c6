"""The floor of a download: a server that hands one file to the kernel, and does nothing else.

python -m benchmarks.sendfile FILE PORT
"""

import os
import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path


class _Handler(BaseHTTPRequestHandler):
    """Any address is the file."""

    def do_GET(self) -> None:
        """Send the file of the command line."""
        with Path(sys.argv[1]).open("rb") as file:
            size = os.fstat(file.fileno()).st_size
            self.send_response(200)
            self.send_header("Content-Length", str(size))
            self.end_headers()
            self.wfile.flush()
            sent = 0
            while sent < size:
                sent += os.sendfile(self.connection.fileno(), file.fileno(), sent, size - sent)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 — http.server's own
        """Quiet."""


if __name__ == "__main__":
    ThreadingHTTPServer(("127.0.0.1", int(sys.argv[2])), _Handler).serve_forever()
