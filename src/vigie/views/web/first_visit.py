"""Tells once that somebody has opened a page: a demonstration begins its scenes then."""

from __future__ import annotations

from collections.abc import Callable

from starlette.background import BackgroundTask
from starlette.requests import Request
from starlette.responses import Response

from vigie.domain.errors import VigieError


class FirstVisit:
    """Tells of the first page that is sent, after it is sent; until it can be told, of the next one.

    Parameters
    ----------
    tell : callable or None
        Told; None where nobody wants to know.
    """

    def __init__(self, tell: Callable[[], None] | None) -> None:
        self._tell = tell

    def follow(self, request: Request, response: Response) -> Response:
        """Return the answer to somebody, who does not wait for what follows a page."""
        if self._tell is not None and request.method == "GET" and response.background is None:
            response.background = BackgroundTask(self._tell_once)
        return response

    def _tell_once(self) -> None:
        tell, self._tell = self._tell, None
        if tell is None:
            return
        try:
            tell()
        except VigieError:
            self._tell = tell
