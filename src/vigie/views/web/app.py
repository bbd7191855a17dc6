"""The whole application: pages, API, streams, static files."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import partial
from typing import Any, Final
from urllib.parse import parse_qsl, urlencode
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from anyio import CapacityLimiter, to_thread
from fastapi import FastAPI
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import (
    HTMLResponse,
    JSONResponse,
    RedirectResponse,
    Response,
    StreamingResponse,
)
from starlette.routing import Route
from starlette_compress import CompressMiddleware

from vigie.domain.errors import Forbidden, VigieError
from vigie.domain.person import OWNER, PERSONAS, VISITOR
from vigie.services.app_context import AppContext
from vigie.services.operation_calls import run_operation
from vigie.services.operations.settings import NAMES
from vigie.services.people.ownership import owner_of
from vigie.version import __version__
from vigie.views.api.limits import PER_MINUTE, Limits
from vigie.views.api.routes import add_api
from vigie.views.web import alert_feeds, assets, drawings, forms, metrics, palette, pictures, unsubscribing
from vigie.views.web.cookies import LOOK, YEAR_S, set_cookie
from vigie.views.web.faults import add_faults, drawn_fault, status_of
from vigie.views.web.guard import Guard
from vigie.views.web.identity import OWNER_DAYS, Door, Identity
from vigie.views.web.language import LANGUAGES, Tongue, best_of
from vigie.views.web.origin import address_of
from vigie.views.web.page import Act, Page, pages
from vigie.views.web.rendering import render_page
from vigie.views.web.routing import Routes
from vigie.views.web.stream import TOPICS, Hub
from vigie.views.web.typed import FIELD, Typed
from vigie.views.web.visit import THEMES, Knock, Visit

# So many may wait for their password to be looked at, some seconds' worth.
MOST_IN_LINE: Final = 40


@dataclass(frozen=True, slots=True)
class Doorway:
    """What the application needs beside the house.

    Attributes
    ----------
    key : bytes
        Stamps forms and the owner's cookie.
    use_link : callable
        Uses up a one-time word.
    hosts : tuple of str
        Names it answers to beside loopback.
    is_secure : bool
        Whether people reach it by HTTPS.
    has_proxy : bool
        Whether a proxy was named whose forwarded headers are believed.
    say : callable
        Tells the operator what is wrong.
    per_minute : int
        Requests a caller may send to the API in a minute.
    """

    key: bytes
    use_link: Callable[[str], bool]
    hosts: tuple[str, ...] = ()
    is_secure: bool = False
    has_proxy: bool = False
    say: Callable[[str], None] = print
    per_minute: int = PER_MINUTE


# A file of a board is filled and drawn anew: that costs more than a page.
BOARDS_PER_MINUTE: Final = 30
# What scripts say of an element with an id.
_PART: Final = re.compile(r"[a-z]+#([a-z]+(?:-[a-z]+)*)")


class Web:
    """Answers requests for pages."""

    def __init__(self, house: AppContext, doorway: Doorway) -> None:
        self.house = house
        self.doorway = doorway
        self.door = Door(house, doorway.key)
        self.stamp = forms.Stamp(doorway.key)
        self.hub = Hub(house)
        self.typed = Typed(house.clock)
        self.drawings = Limits(min(BOARDS_PER_MINUTE, doorway.per_minute))
        # One works, the next is ready: a hash takes every core for a moment anyhow.
        self._turns = CapacityLimiter(2)
        self._in_line = 0

    def visit(self, request: Request, identity: Identity) -> Visit:
        """Gather what a page sees of a request."""
        look = look_of(request, identity)
        asked = request.query_params.get("lang", look.get("language", ""))
        language = asked if asked in LANGUAGES else best_of(request.headers.get("accept-language", ""))
        theme, persona = look.get("theme", "auto"), look.get("persona", "")
        return Visit(
            house=self.house,
            caller=identity.caller or VISITOR,
            tongue=Tongue(language, _zone(look.get("zone", "UTC"))),
            theme=theme if theme in THEMES else "auto",
            persona=persona if persona in PERSONAS else None,
            currency="eur" if request.query_params.get("currency", look.get("currency")) == "eur" else "usd",
            path=request.url.path,
            query={name: one for name, one in request.query_params.items() if name != FIELD},
            params={key: str(value) for key, value in request.path_params.items()},
            origin=f"{request.url.scheme}://{request.headers.get('host', '')}",
            csrf=self.stamp.token(
                request.cookies.get(forms.BROWSER, "") or request.state.browser, identity.session
            ),
            fragment=fragment_of(request.headers),
            is_signed_in=identity.is_person,
            has_users=identity.has_users,
            settings=look,
            name=identity.name,
            knock=Knock(
                door=self.door,
                drawings=self.drawings,
                client=address_of(request),
                browser=request.cookies.get(forms.BROWSER, ""),
                session=self.door.session_of(request),
                is_secure=self.doorway.is_secure,
            ),
        )

    def endpoint(self, page: Page) -> Any:
        """Return what answers GET for a page."""

        async def show(request: Request) -> Response:
            return await self._answer(request, page, lambda visit: page.show(visit))

        return show

    def action(self, page: Page, act: Act) -> Any:
        """Return what answers a posted form of a page."""

        async def post(request: Request) -> Response:
            form = await forms.read_form(request, page.files.get(request.url.path, ""))

            def checked(visit: Visit, identity: Identity) -> Response:
                self.check_form(request, identity, form)
                return act(visit, form)

            return await self._answer(request, page, checked, form)

        return post

    def check_form(self, request: Request, identity: Identity, form: Mapping[str, str]) -> None:
        """Refuse a form that did not come from a page of ours."""
        if forms.is_foreign(request):
            raise Forbidden("this form came from another site; open the page here and send it again")
        given = form.get(forms.FIELD, "") or request.headers.get(forms.HEADER, "")
        self.stamp.check(given, request.cookies.get(forms.BROWSER, ""), identity.session)

    async def _answer(
        self, request: Request, page: Page, work: Any, form: Mapping[str, str] | None = None
    ) -> Response:
        request.state.browser = request.cookies.get(forms.BROWSER, "") or forms.new_browser()
        identity = await run_in_threadpool(self.door.who, request)
        if identity.caller is None and not page.is_public:
            # Passwords are kept nowhere, whatever their fields are called.
            return self._sign_in(request, {} if form is not None and page.asks_passwords else form)
        visit = self.visit(request, identity)
        drawn = partial(self._drawn, visit, identity, page, work, form, request)
        response = await (
            self._in_turn(drawn) if form is not None and page.asks_passwords else run_in_threadpool(drawn)
        )
        return self._sealed(request, response, visit)

    async def _in_turn(self, drawn: Callable[[], Response]) -> Response:
        """Look at a password in a thread that pages do not need; who waits for that holds none."""
        if self._in_line >= MOST_IN_LINE:
            busy = "too many sign in at this moment; try again in a few seconds"
            raise HTTPException(503, busy, {"Retry-After": "5"})
        self._in_line += 1
        try:
            return await to_thread.run_sync(drawn, limiter=self._turns)
        finally:
            self._in_line -= 1

    def _drawn(
        self, visit: Visit, identity: Identity, page: Page, work: Any, form: Any, request: Request
    ) -> Response:
        try:
            if not visit.caller.may(page.scope):
                raise Forbidden(f"this page needs the scope {page.scope}")
            found = work(visit) if form is None else work(visit, identity)
            drawn = found if isinstance(found, Response) else HTMLResponse(render_page(visit, page, found))
            return self.typed.into(drawn, request, visit, form)
        except VigieError as fault:
            return self.typed.after(fault, request, visit, page, form) or self.fault(visit, page, fault)

    def fault(self, visit: Visit, page: Page | None, fault: VigieError) -> Response:
        """Draw what went wrong: what happened, why, and what to do."""
        status = status_of(fault)
        return HTMLResponse(drawn_fault(visit, str(fault), status, page), status)

    def _sign_in(self, request: Request, form: Mapping[str, str] | None) -> Response:
        there = request.url.path + (f"?{request.url.query}" if request.url.query else "")
        there = there if form is None else self.typed.keep(request, form)
        return RedirectResponse(f"/login?{urlencode({'next': there})}", 303)

    def _sealed(self, request: Request, response: Response, visit: Visit) -> Response:
        response.headers.setdefault("Cache-Control", "private, no-cache")
        response.headers.setdefault("Content-Language", visit.tongue.language)
        response.headers.setdefault("Vary", "Cookie, Accept-Language, HX-Request, HX-Target")
        if forms.BROWSER not in request.cookies:
            self.set_cookie(response, forms.BROWSER, request.state.browser, YEAR_S)
        return response

    def set_cookie(self, response: Response, name: str, value: str, seconds: int) -> None:
        """Set a cookie that scripts cannot read and other sites do not send."""
        set_cookie(response, name, value, seconds, is_secure=self.doorway.is_secure)

    async def link(self, request: Request) -> Response:
        """Let the local owner in by a one-time link."""
        if request.method == "HEAD":
            # What looks ahead of a person, as a preview does, must not use the link up.
            return Response(status_code=405, headers={"Allow": "GET"})
        is_good = await run_in_threadpool(self.doorway.use_link, request.path_params["word"])
        if not is_good or await run_in_threadpool(lambda: bool(self.house.accounts.users())):
            cure = "vigie link --demo" if self.house.is_simulated else "vigie link"
            raise HTTPException(410, f"this link was used already, or never issued; `{cure}` prints another")
        response = RedirectResponse(self.typed.waiting(request) or "/", 303)
        self.set_cookie(response, self.door.cookie, self.door.owner_cookie(), OWNER_DAYS * 86_400)
        return response

    async def look(self, request: Request) -> Response:
        """Keep how a visitor wants things to look: language, theme, zone, currency, persona, shortcuts."""
        form = await forms.read_form(request)
        identity = await run_in_threadpool(self.door.who, request)
        self.check_form(request, identity, form)
        given = {name: form[name][:64] for name in NAMES if name in form}
        # When a browser was last up to date, and with what, is its own; it is no setting of the person.
        seen = {name: form[name][:most] for name, most in (("seen", 16), ("read", 1_000)) if name in form}
        response = RedirectResponse(forms.own_path(form.get("next", "/")), 303)
        self.set_cookie(response, LOOK, urlencode({**look_of(request, identity), **given, **seen}), YEAR_S)
        if given and identity.is_person and identity.caller:
            await run_in_threadpool(run_operation, self.house, identity.caller, "settings.change", given)
        return response

    async def stream(self, request: Request) -> Response:
        """Open a stream of what changes."""
        identity = await run_in_threadpool(self.door.who, request)
        if identity.caller is None:
            return Response(status_code=401)
        if not identity.caller.may("read"):
            return Response(status_code=403)
        who = identity.caller.user
        if who == VISITOR.user:
            who = f"{who} {address_of(request)}"
        elif who == OWNER.user:
            who = ""  # the local owner is alone: without users nobody is let in from elsewhere
        later = {"Retry-After": "30"}
        if self.hub.is_full_for(who):
            raise HTTPException(
                429, "you have too many live streams open; close some, pages go on without", later
            )
        if self.hub.is_full():
            raise HTTPException(
                503, "too many live streams are open; pages go on without, try again later", later
            )
        owner = await run_in_threadpool(owner_of, self.house, identity.caller)
        asked = frozenset(request.query_params.get("topics", "quotes").split(",")) & frozenset(TOPICS)
        last = request.headers.get("last-event-id", request.query_params.get("after", ""))
        after = int(last) if last.isascii() and last.isdigit() and len(last) < 16 else None
        return StreamingResponse(
            self.hub.listen(asked, owner, after, who=who, is_let_in=lambda: self._is_same(request, identity)),
            media_type="text/event-stream",
            headers={"Cache-Control": "no-store", "X-Accel-Buffering": "no"},
        )

    def _is_same(self, request: Request, identity: Identity) -> bool:
        """Tell whether who opened a stream would still be let in as the same person."""
        caller, first = self.door.who(request).caller, identity.caller
        return caller is not None and first is not None and caller.user == first.user

    async def palette(self, request: Request) -> Response:
        """Answer what the command palette asks."""
        request.state.browser = request.cookies.get(forms.BROWSER, "") or forms.new_browser()
        identity = await run_in_threadpool(self.door.who, request)
        if identity.caller is None:
            return Response(status_code=401)
        visit = self.visit(request, identity)
        found = await run_in_threadpool(palette.find, visit, request.query_params.get("q", ""))
        return JSONResponse({"items": found}, headers={"Cache-Control": "private, no-cache"})

    async def manifest(self, request: Request) -> Response:
        """Say how the pages are put on a phone's home screen."""
        icon = {"src": assets.address("icon.svg"), "sizes": "any", "type": "image/svg+xml"}
        body = {
            "name": "Vigie",
            "short_name": "Vigie",
            "start_url": "/",
            "display": "standalone",
            "icons": [icon],
        }
        return JSONResponse(body, media_type="application/manifest+json")

    async def health(self, request: Request) -> Response:
        """Say that the process answers; whether it can work is said by /readyz."""
        return JSONResponse({"status": "ok", "version": __version__, "streams": self.hub.count})


def look_of(request: Request, identity: Identity) -> dict[str, str]:
    """Return how things look for a visitor: what the browser keeps, and over it what the person has set."""
    kept = dict(parse_qsl(request.cookies.get(LOOK, "")[:2_000])[:20])
    if not identity.is_person:
        return kept
    # What a visitor watched is in the cookie; a person has watchlists.
    kept.pop("assets", None)
    return {**kept, **{name: str(value) for name, value in identity.settings.items()}}


def fragment_of(headers: Mapping[str, str]) -> str:
    """Return the id of the part of a page that a script asks for, as templates name it; empty for the whole page."""
    if headers.get("hx-request") != "true":
        return ""
    named = _PART.fullmatch(headers.get("hx-target", ""))
    return named[1].replace("-", "_") if named else "main"


def _zone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return "UTC"
    return name


def create_app(house: AppContext, doorway: Doorway) -> FastAPI:
    """Build the application over a house."""
    web = Web(house, doorway)

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        yield
        web.hub.end()

    app = FastAPI(
        title="Vigie",
        version=__version__,
        summary="Prices, derivatives, on-chain figures and backtests of this home. Information, not investment advice.",
        docs_url=None,
        redoc_url=None,
        openapi_url="/api/v1/openapi.json",
        lifespan=lifespan,
    )
    app.state.web = web
    for page in pages().values():
        app.router.routes.append(
            Route(page.path, web.endpoint(page), methods=["GET", "HEAD"], name=page.name)
        )
        for path, act in page.acts.items():
            app.router.routes.append(Route(path, web.action(page, act), methods=["POST"]))
    app.router.routes += [
        Route("/link/{word}", web.link),
        Route("/look", web.look, methods=["POST"]),
        Route("/stream", web.stream),
        Route("/palette", web.palette),
        Route("/healthz", web.health),
        Route("/app.webmanifest", web.manifest),
        Route("/static/{name:path}", assets.serve),
        *pictures.routes(web),
        *drawings.routes(web),
        *metrics.routes(web),
        *unsubscribing.routes(web),
        *alert_feeds.routes(web),
    ]
    add_api(app, web)
    app.router.routes.insert(0, Routes(app.router.routes))
    add_faults(app, web)
    app.add_middleware(CompressMiddleware, zstd=False, brotli_quality=5)
    app.add_middleware(
        Guard,
        hosts=doorway.hosts,
        is_secure=doorway.is_secure,
        warn=None if doorway.has_proxy else doorway.say,
    )
    return app
