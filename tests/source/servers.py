"""A real HTTP server on 127.0.0.1 that serves git repositories, or misbehaves on purpose."""

import gzip
import os
import ssl
import subprocess
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import urlsplit


class GitServer(ThreadingHTTPServer):
    """Serves the repositories under `root` at /git/, and trouble at other paths.

    `requests` holds the path of each request, `credentials` what came with one; `redirect_to` is
    where /moved/ leads; `environment` is for the git that serves.
    """

    daemon_threads = True

    def __init__(self, root: Path) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.root = root
        self.requests: list[str] = []
        self.credentials: list[str] = []
        self.environment: dict[str, str] = {}
        self.redirect_to = ""
        self.dumb_refs = ""
        self.stopping = threading.Event()

    @property
    def place(self) -> str:
        return f"127.0.0.1:{self.server_port}"


class _Handler(BaseHTTPRequestHandler):
    server: GitServer

    def log_message(self, *_: object) -> None:
        pass

    def do_GET(self) -> None:
        self.server.requests.append(self.path)
        self.server.credentials.extend(self.headers.get_all("Authorization", []))
        trouble = getattr(self, "_" + self.path.split("/")[1], self._absent)
        trouble()

    do_POST = do_GET  # noqa: N815 — the name that http.server calls

    def _git(self) -> None:
        name, _, rest = urlsplit(self.path).path.removeprefix("/git/").partition("/")
        if not (self.server.root / name).is_dir():
            return self._absent()
        return self._info(name) if rest == "info/refs" else self._upload_pack(name)

    def _info(self, name: str) -> None:
        body = b""
        if "version=2" not in self._protocol():
            body = b"001e# service=git-upload-pack\n0000"
        body += self._run(name, "--http-backend-info-refs", b"")
        self._answer(200, "application/x-git-upload-pack-advertisement", body)

    def _protocol(self) -> str:
        asked = self.headers.get("Git-Protocol", "")
        return self.server.environment.get("GIT_PROTOCOL", asked)

    def _upload_pack(self, name: str) -> None:
        if self.headers.get("Transfer-Encoding") == "chunked":
            sent = b"".join(self._chunks())
        else:
            sent = self.rfile.read(int(self.headers["Content-Length"]))
        if self.headers.get("Content-Encoding") == "gzip":
            sent = gzip.decompress(sent)
        self._answer(200, "application/x-git-upload-pack-result", self._run(name, "", sent))

    def _chunks(self) -> Iterator[bytes]:
        while size := int(self.rfile.readline(), 16):
            yield self.rfile.read(size)
            self.rfile.readline()

    def _run(self, name: str, option: str, sent: bytes) -> bytes:
        command = ["git", "-c", "uploadpack.allowFilter=true", "upload-pack", "--stateless-rpc"]
        command += [option] * bool(option) + [str(self.server.root / name)]
        environment = {"PATH": os.environ["PATH"], "HOME": "/nonexistent"}
        environment |= {"GIT_PROTOCOL": self._protocol(), **self.server.environment}
        return subprocess.check_output(command, input=sent, env=environment)

    def _answer(self, status: int, kind: str, body: bytes, **headers: str) -> None:
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        for name, value in headers.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def _absent(self) -> None:
        self._answer(404, "text/plain", b"")

    def _dumb(self) -> None:
        """The protocol of plain files, whose alternates may name any server."""
        if self.path.split("?")[0].endswith("info/refs"):
            return self._answer(200, "text/plain", self.server.dumb_refs.encode())
        if self.path.endswith("http-alternates"):
            secret = f"http://{self.server.place}/secret/objects\n"
            return self._answer(200, "text/plain", secret.encode())
        return self._absent()

    def _private(self) -> None:
        headers = {"WWW-Authenticate": 'Basic realm="git"'}
        self._answer(401, "text/plain", b"", **headers)

    def _file(self) -> None:
        """A file of the folder that is served, whatever is asked of it after a “?”."""
        path = self.server.root / Path(urlsplit(self.path).path).name
        self._answer(200, "application/octet-stream", path.read_bytes())

    def _cut(self) -> None:
        """Half of what was announced."""
        self.send_response(200)
        self.send_header("Content-Length", "1000")
        self.end_headers()
        self.wfile.write(b"half")

    def _down(self) -> None:
        self._answer(503, "text/plain", b"")

    def _page(self) -> None:
        self._answer(200, "text/html", b"<html>not git</html>")

    def _moved(self) -> None:
        target = self.server.redirect_to + self.path.removeprefix("/moved")
        self._answer(302, "text/plain", b"", Location=target)

    def _hang(self) -> None:
        self.server.stopping.wait(60)

    def _trickle(self) -> None:
        self._begin_advertisement()
        self._repeat(b"0", 0.2)

    def _endless(self) -> None:
        """An advertisement of refs without an end."""
        self._begin_advertisement()
        self.wfile.write(b"001e# service=git-upload-pack\n0000")
        for number in range(10**9):
            line = f"{number:040x} refs/heads/{number:0>200}".encode()
            line += b"\0 agent=git/2\n" if number == 0 else b"\n"
            self._repeat(f"{len(line) + 4:04x}".encode() + line, None)
            if self.server.stopping.is_set():
                return

    def _begin_advertisement(self) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "application/x-git-upload-pack-advertisement")
        self.end_headers()

    def _repeat(self, piece: bytes, pause: float | None) -> None:
        try:
            self.wfile.write(piece)
            while pause and not self.server.stopping.is_set():
                time.sleep(pause)
                self.wfile.write(piece)
                self.wfile.flush()
        except OSError:
            self.server.stopping.set()


def certificate(folder: Path, name: str) -> Path:
    """A new certificate for `name` with its key in one file, signed by nobody else."""
    target = folder / f"{name}.pem"
    command = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2"]
    command += ["-subj", f"/CN={name}", "-addext", f"subjectAltName=DNS:{name}"]
    made = subprocess.check_output(
        [*command, "-keyout", str(target), "-out", "-"], stderr=subprocess.DEVNULL
    )
    target.write_bytes(target.read_bytes() + made)
    return target


@contextmanager
def serving(root: Path, *, certificate: Path | None = None) -> Iterator[GitServer]:
    """The server, running until the end, by https if it has a certificate."""
    with GitServer(root) as server:
        if certificate:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(certificate)
            server.socket = context.wrap_socket(server.socket, server_side=True)
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        try:
            yield server
        finally:
            server.stopping.set()
            server.shutdown()
