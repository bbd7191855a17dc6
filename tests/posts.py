"""A receiver of POSTs on loopback: a test says what it answers, and what it remembers."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


@dataclass(frozen=True, slots=True)
class Posted:
    """One request; names of its headers are in small letters."""

    path: str
    heads: dict[str, str]
    body: bytes


@dataclass(frozen=True, slots=True)
class Reply:
    """What is answered."""

    status: int = 204
    body: bytes = b""
    heads: Mapping[str, str] = field(default_factory=dict)


@contextmanager
def receiving(answer: Callable[[Posted], Reply]) -> Iterator[int]:
    """Answer POSTs on a free port until the block ends; gives the port."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"]))
            heads = {name.lower(): text for name, text in self.headers.items()}
            reply = answer(Posted(self.path, heads, body))
            self.send_response(reply.status)
            for name, text in reply.heads.items():
                self.send_header(name, text)
            self.send_header("Content-Length", str(len(reply.body)))
            self.end_headers()
            self.wfile.write(reply.body)

        def log_message(self, *_words: object) -> None:
            return

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    try:
        yield server.server_address[1]
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
