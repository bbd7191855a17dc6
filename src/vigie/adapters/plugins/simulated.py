"""The simulated service of a plug-in: what lies beside its program and answers as the real one would."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from importlib import import_module
from typing import TYPE_CHECKING, Final

from vigie.adapters.plugins.content import PluginContent
from vigie.domain.errors import ConfigError

if TYPE_CHECKING:
    import httpx

PROGRAM: Final = "simulated.py"
# Answers as services give them when something is wrong, each to be told from a right one.
FAULTS: Final = {
    "status 500": (500, b"{}"),
    "status 429": (429, b"{}"),
    "half a body": (200, b'{"a": ['),
    "a page in place of JSON": (200, b"<html>one moment</html>"),
    "null": (200, b"null"),
}


@dataclass(slots=True)
class SimulatedService:
    """Answers the requests of a plug-in, and remembers them.

    Attributes
    ----------
    answer : callable
        Takes method, path with query, and body; gives status and JSON.
    fault : str
        One of `FAULTS` that is answered in its place; empty for none.
    requests : list of tuple
        Method, address and body of each request.
    """

    answer: Callable[[str, str, bytes], tuple[int, object]]
    fault: str = ""
    requests: list[tuple[str, str, bytes]] = field(default_factory=list)

    def transport(self) -> httpx.MockTransport:
        """Return an httpx transport that leads here, whatever the host."""
        import httpx

        def respond(request: httpx.Request) -> httpx.Response:
            path = request.url.raw_path.decode("ascii")
            self.requests.append((request.method, str(request.url), request.content))
            if self.fault:
                status, body = FAULTS[self.fault]
                return httpx.Response(status, stream=httpx.ByteStream(body))
            status, content = self.answer(request.method, path, request.content)
            return httpx.Response(status, stream=httpx.ByteStream(json.dumps(content).encode()))

        return httpx.MockTransport(respond)


def open_simulated(content: PluginContent) -> SimulatedService:
    """Return the simulated service of a plug-in that was loaded.

    Raises
    ------
    ConfigError
        If it has none.
    """
    if PROGRAM not in content.files:
        raise ConfigError(f"{content.info.name}/{PROGRAM} is missing: its contract is checked over it")
    module = import_module(f"{content.module}.simulated")
    if not callable(getattr(module, "answer", None)):
        raise ConfigError(f"{content.info.name}/{PROGRAM} must define the function answer")
    return SimulatedService(module.answer)
