"""A server that gives out one repository by `git http-backend`, for benchmarks/clone.py.

    python -m benchmarks.http_backend FOLDER PORT

Each request is a process of http-backend, whose answer goes to the socket in pieces of 64 KiB.
"""

import os
import subprocess
import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import urlsplit

PIECE = 1 << 16


class Handler(BaseHTTPRequestHandler):
    """CGI, as far as http-backend needs it."""

    root = ""

    def log_message(self, *_: object) -> None:
        """Nothing: the terminal is the table's."""

    def do_GET(self) -> None:
        """Answer what http-backend answers, and close the line."""
        sent = self.rfile.read(int(self.headers.get("Content-Length", "0")))
        with subprocess.Popen(
            ["git", "http-backend"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env=self._environment(),
        ) as process:
            if process.stdin is None or process.stdout is None:
                raise RuntimeError("http-backend was started without pipes.")
            process.stdin.write(sent)
            process.stdin.close()
            self.wfile.write(b"HTTP/1.0 200 OK\r\n")
            while piece := os.read(process.stdout.fileno(), PIECE):
                self.wfile.write(piece)

    do_POST = do_GET  # noqa: N815 — the name that http.server calls

    def _environment(self) -> dict[str, str]:
        place = urlsplit(self.path)
        return {
            "PATH": os.environ["PATH"],
            "GIT_HTTP_EXPORT_ALL": "1",
            "GIT_PROJECT_ROOT": self.root,
            "GIT_CONFIG_NOSYSTEM": "1",
            "PATH_INFO": place.path,
            "QUERY_STRING": place.query,
            "REQUEST_METHOD": self.command,
            "REMOTE_ADDR": "127.0.0.1",
            "CONTENT_TYPE": self.headers.get("Content-Type", ""),
            "HTTP_CONTENT_ENCODING": self.headers.get("Content-Encoding", ""),
            "GIT_PROTOCOL": self.headers.get("Git-Protocol", ""),
        }


def main() -> None:
    """Serve until the end."""
    folder, port = Path(sys.argv[1]), int(sys.argv[2])
    Handler.root = str(folder)
    ThreadingHTTPServer(("127.0.0.1", port), Handler).serve_forever()


if __name__ == "__main__":
    main()
