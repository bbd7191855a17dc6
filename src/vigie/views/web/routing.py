"""Routes found by the folder of their address, so that a request is compared with a few of them and not with all.

Stands in front of the routes it was made of: what it answers is what the first of them in their order would answer,
and what it does not know it leaves to them.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from starlette.datastructures import URLPath
from starlette.routing import BaseRoute, Match, NoMatchFound, Route
from starlette.types import Receive, Scope, Send

# Where a request carries the route that was found for it.
_FOUND: Final = "vigie.route"


class RouteIndex(BaseRoute):
    """Routes by address: those without a parameter by the whole of it, the others by what stands before the first.

    Parameters
    ----------
    routes : sequence of Route
        In the order in which they would be compared.
    """

    def __init__(self, routes: Sequence[BaseRoute]) -> None:
        self._by_folder: dict[str, list[tuple[int, BaseRoute]]] = {}
        for place, route in enumerate(routes):
            assert isinstance(route, Route), route
            folder = fixed_folder(route.path)
            self._by_folder.setdefault(folder, []).append((place, route))
        self._deepest = max((folder.count("/") for folder in self._by_folder), default=0)

    def candidates(self, path: str) -> list[BaseRoute]:
        """Return the few routes that an address may be of, in their order."""
        numbered = [
            entry
            for folder in (path, *self._parent_folders(path))
            for entry in self._by_folder.get(folder, ())
        ]
        return [route for _, route in sorted(numbered, key=lambda entry: entry[0])]

    def matches(self, scope: Scope) -> tuple[Match, Scope]:
        """Return how well the best of the routes answers a request, as the router asks it."""
        # An expression that ends with $ lets one line break pass: such addresses are compared with each route in turn.
        if scope["type"] != "http" or scope.get("root_path") or scope["path"].endswith("\n"):
            return Match.NONE, {}
        partial: Scope | None = None
        for route in self.candidates(scope["path"]):
            match, child = route.matches(scope)
            if match is Match.FULL:
                return match, {**child, _FOUND: route}
            if match is Match.PARTIAL and partial is None:
                partial = {**child, _FOUND: route}
        return (Match.NONE, {}) if partial is None else (Match.PARTIAL, partial)

    async def handle(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let the route answer that was found."""
        await scope.pop(_FOUND).handle(scope, receive, send)

    def url_path_for(self, name: str, /, **path_params: object) -> URLPath:
        """Know no names: the routes behind do."""
        raise NoMatchFound(name, path_params)

    def _parent_folders(self, path: str) -> list[str]:
        # No further down than any route lies, however many parts an address has.
        folders, position = [""], 0
        for _ in range(self._deepest):
            position = path.find("/", position + 1)
            if position < 0:
                break
            folders.append(path[:position])
        return folders


def fixed_folder(path: str) -> str:
    """Return what an address has to be or to begin with to fit a route: ``/asset`` of ``/asset/{id}``."""
    fixed, mark, _ = path.partition("{")
    return fixed.rpartition("/")[0] if mark else path
