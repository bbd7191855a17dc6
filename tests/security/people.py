"""Two people with accounts, an administrator, their things, and browsers and programs that act for them."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Final

import httpx

from tests.houses import KEY, MANY, PLAIN, house
from vigie.domain.person import OWNER, SCOPES_OF, Caller, Role, Scope
from vigie.ports.accounts import User
from vigie.services.app_context import AppContext
from vigie.services.needs import bound
from vigie.services.operation import Operation
from vigie.services.people.accounts.keys import hash_secret, session_secret, token_secret
from vigie.services.people.accounts.signing_in import LONG_MS
from vigie.services.people.accounts.users import add_user
from vigie.views.web.app import AppOptions, create_app
from vigie.views.web.forms import BROWSER, CsrfTokens
from vigie.views.web.identity import SESSION

PASSWORD: Final = "a long enough sentence"
BASE: Final = "http://127.0.0.1:8080"


@dataclass(slots=True)
class Town:
    """A house with people in it.

    Attributes
    ----------
    admin, ann, bob : User
        An administrator, and two traders.
    """

    house: AppContext
    app: Any
    admin: User
    ann: User
    bob: User

    def caller(self, user: User) -> Caller:
        """Return somebody as operations see them."""
        return Caller(user.id, user.role, SCOPES_OF[user.role])

    def browser(self, user: User | None) -> Visitor:
        """Return a signed-in browser, or a stranger's."""
        if user is None:
            return Visitor(
                self.app, {BROWSER: "browser-of-nobody"}, CsrfTokens(KEY).token("browser-of-nobody")
            )
        secret, now = session_secret(), self.house.clock.wall_now()
        self.house.accounts.open_session(user.id, hash_secret(secret), "", ts_expires=now + LONG_MS)
        name = f"browser-of-{user.name}"
        return Visitor(self.app, {BROWSER: name, SESSION: secret}, CsrfTokens(KEY).token(name, secret))

    def program(self, user: User, *scopes: Scope) -> Visitor:
        """Return a program that holds a token."""
        secret = token_secret()
        self.house.accounts.add_token(
            user.id, "program", hash_secret(secret), frozenset(scopes), ts_expires=None
        )
        return Visitor(self.app, {}, "", {"authorization": f"Bearer {secret}"})


@dataclass(slots=True)
class Visitor:
    """Sends requests as somebody."""

    app: Any
    cookies: dict[str, str]
    csrf: str
    headers: dict[str, str] = field(default_factory=dict)

    def send(self, method: str, path: str, **more: Any) -> httpx.Response:
        """Send one request; redirects are not followed."""
        return asyncio.run(self._send(method, path, **more))

    def get(self, path: str, **more: Any) -> httpx.Response:
        """Ask for a page."""
        return self.send("GET", path, **more)

    def post(self, path: str, **form: Any) -> httpx.Response:
        """Post a form with its token."""
        return self.send("POST", path, data={**form, "csrf": self.csrf})

    def ask(self, declared: Operation, values: dict[str, Any]) -> httpx.Response:
        """Ask for an operation through the API."""
        return self.ask_each(declared, [values])[0]

    def ask_each(self, declared: Operation, asked: Sequence[dict[str, Any]]) -> list[httpx.Response]:
        """Ask for an operation again and again, one after the other; loop and threads are made once for all."""
        path = f"/api/v1/{declared.name.replace('.', '/')}"

        async def each() -> list[httpx.Response]:
            async with self._client() as client:
                if declared.is_change:
                    headers = self._said({"x-csrf-token": self.csrf})
                    return [await client.post(path, json=values, headers=headers) for values in asked]
                headers = self._said()
                return [await client.get(path, params=values, headers=headers) for values in asked]

        return asyncio.run(each())

    def _client(self) -> httpx.AsyncClient:
        transport = httpx.ASGITransport(app=self.app, raise_app_exceptions=False)
        return httpx.AsyncClient(transport=transport, base_url=BASE)

    def _said(self, headers: Any = None) -> dict[str, str]:
        cookies = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        return {**PLAIN, **({"cookie": cookies} if cookies else {}), **self.headers, **(headers or {})}

    async def _send(self, method: str, path: str, headers: Any = None, **more: Any) -> httpx.Response:
        async with self._client() as client:
            return await client.request(method, path, headers=self._said(headers), **more)


class EmptyNode:
    """A host of Ethereum that nothing leaves this machine for."""

    host = "node.example"

    def read(self, address: str, tokens: Sequence[str] = ()) -> Sequence[int]:
        """Say that nothing lies there."""
        return [0, *(0 for _ in tokens)]


def town(home: Any, *, with_bars: bool = False, database: str | None = None) -> Town:
    """Build a house with an administrator, Ann and Bob."""
    built = replace(house(home, with_bars=with_bars, database=database), ethereum_balances=EmptyNode())
    roles: dict[str, Role] = {"Admin": "admin", "Ann": "trader", "Bob": "trader"}
    people = [bound(built, add_user)(OWNER, name, PASSWORD, role) for name, role in roles.items()]
    return Town(built, create_app(built, AppOptions(KEY, lambda word: False, per_minute=MANY)), *people)
