"""Tells the simulated world that somebody looks at what it brings about, and that an account trades in it."""

from __future__ import annotations

import json
from typing import Final
from urllib.error import HTTPError, URLError
from urllib.request import ProxyHandler, build_opener

from vigie.domain.errors import TransientError

_TIMEOUT_S: Final = 3.0


class WorldArc:
    """The scenes that a demonstration begins with.

    Parameters
    ----------
    url : str
        Address of the world.
    """

    def __init__(self, url: str) -> None:
        self._url = f"{url.rstrip('/')}/arc"
        # What runs on this machine is asked directly, whatever proxy is set.
        self._opener = build_opener(ProxyHandler({}))

    def begin(self) -> None:
        """Let them begin; the world knows whether they have before.

        Raises
        ------
        TransientError
            If the world does not answer.
        """
        self._post({})

    def begin_trading(self) -> bool:
        """Let those begin that wait for an account; return whether the others have begun, without which none do.

        Raises
        ------
        TransientError
            If the world does not answer.
        """
        return self._post({"is_traded": True})["begun_ms"] is not None

    def _post(self, body: dict[str, bool]) -> dict[str, int | None]:
        try:
            with self._opener.open(
                self._url, data=json.dumps(body).encode("ascii"), timeout=_TIMEOUT_S
            ) as answer:
                told: dict[str, int | None] = json.load(answer)
                return told
        except (HTTPError, URLError, OSError) as fault:
            raise TransientError(
                "simulated_market_does_not_answer_start",
                "the simulated market does not answer; start it with `vigie demo` ({name})",
                name=type(fault).__name__,
            ) from fault
