"""Articles of the simulated world's newsroom, asked as the collector asks for them."""

from __future__ import annotations

from typing import Final
from urllib.error import HTTPError, URLError
from urllib.parse import quote
from urllib.request import ProxyHandler, build_opener

from vigie.domain.errors import TransientError

_TIMEOUT_S: Final = 3.0
_MAX_RESPONSE_BYTES: Final = 400_000
_MISSING_STATUSES: Final = (404, 410)


class WorldNewsstand:
    """Reads articles of the simulated newsroom.

    Parameters
    ----------
    url : str
        Address of the world.
    """

    def __init__(self, url: str) -> None:
        self._url = f"{url.rstrip('/')}/newsroom"
        # What runs on this machine is asked directly, whatever proxy is set.
        self._opener = build_opener(ProxyHandler({}))

    def article(self, host: str, path: str) -> str | None:
        """Return what stands at an address as HTML; None where nothing does."""
        if ".." in path.split("/"):
            # The newsroom is one service of the world among others.
            return None
        address = f"{self._url}/{quote(host, safe='')}{quote(path, safe='/')}"
        try:
            with self._opener.open(address, timeout=_TIMEOUT_S) as response:
                return bytes(response.read(_MAX_RESPONSE_BYTES)).decode("utf-8", "replace")
        except HTTPError as fault:
            if fault.code in _MISSING_STATUSES:
                return None
            raise TransientError(
                "demo_newsroom_answered", "the demo newsroom answered {code}", code=fault.code
            ) from fault
        except (URLError, OSError, ValueError) as fault:
            raise TransientError(
                "simulated_market_does_not_answer_start",
                "the simulated market does not answer; start it with `vigie demo` ({name})",
                name=type(fault).__name__,
            ) from fault
