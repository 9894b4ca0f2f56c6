"""A way to the engine that a test can cut: for the engine it is a client that has died."""

import contextlib
import os
import shutil
import socket
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

ENGINE = os.environ.get("DOCKER_HOST", "unix:///var/run/docker.sock").removeprefix("unix://")


@dataclass
class Forwarder:
    """Passes connections on from a socket of its own to the engine's."""

    path: Path
    ends: list[socket.socket] = field(default_factory=list)

    @property
    def address(self) -> str:
        return f"unix://{self.path}"

    def serve(self) -> None:
        listener = socket.socket(socket.AF_UNIX)
        self.ends.append(listener)
        listener.bind(str(self.path))
        listener.listen()
        threading.Thread(target=self._accept, args=(listener,), daemon=True).start()

    def cut(self) -> None:
        """Close every connection and take no more."""
        for end in self.ends:
            with contextlib.suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)
            end.close()

    def _accept(self, listener: socket.socket) -> None:
        with contextlib.suppress(OSError):
            while True:
                near, _ = listener.accept()
                far = socket.socket(socket.AF_UNIX)
                far.connect(ENGINE)
                self.ends += [near, far]
                for ends in ((near, far), (far, near)):
                    threading.Thread(target=_copy, args=ends, daemon=True).start()


def _copy(source: socket.socket, target: socket.socket) -> None:
    with contextlib.suppress(OSError):
        while data := source.recv(65_536):
            target.sendall(data)
        target.shutdown(socket.SHUT_WR)


@contextlib.contextmanager
def forwarded_engine(folder: Path) -> Iterator[Forwarder]:
    """The engine under another address."""
    own = folder / "s"
    own.mkdir()
    forwarder = Forwarder(own / "engine.sock")
    forwarder.serve()
    try:
        yield forwarder
    finally:
        forwarder.cut()
        shutil.rmtree(own)
