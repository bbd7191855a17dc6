"""The whole application: pages, API, streams, static files."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from functools import partial
from typing import Any, Final
from urllib.parse import urlencode

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
)
from starlette.routing import Route
from starlette_compress import CompressMiddleware

from vigie.catalogue import languages
from vigie.domain.errors import Forbidden, VigieError
from vigie.domain.person import PERSONAS, VISITOR
from vigie.domain.refusal import Refusal
from vigie.services.app_context import AppContext
from vigie.version import __version__
from vigie.views.api.limits import PER_MINUTE, RateLimiter
from vigie.views.api.routes import add_api
from vigie.views.web import (
    alert_feeds,
    assets,
    chosen_columns,
    display_settings,
    drawings,
    forms,
    metrics,
    palette,
    pictures,
    script_texts,
    stream_route,
    unsubscribing,
)
from vigie.views.web.cookies import YEAR_S, set_cookie
from vigie.views.web.error_pages import add_error_handlers, http_status, render_error
from vigie.views.web.first_page import first_page
from vigie.views.web.first_visit import FirstVisit
from vigie.views.web.form_pages import FIELD, LANGUAGE, page_language
from vigie.views.web.fragments import requested_fragment
from vigie.views.web.identity import OWNER_DAYS, Authenticator, Identity
from vigie.views.web.language import UserLanguage, preferred_language, valid_zone
from vigie.views.web.page import Action, Page, pages
from vigie.views.web.rendering import render_page
from vigie.views.web.request_context import THEMES, RequestContext, SignInContext
from vigie.views.web.request_origin import client_address
from vigie.views.web.routing import RouteIndex
from vigie.views.web.saved_forms import SavedForms
from vigie.views.web.security_middleware import SecurityMiddleware
from vigie.views.web.stream import StreamHub

Endpoint = Callable[[Request], Awaitable[Response]]
# So many may wait for their password to be looked at, some seconds' worth.
MOST_IN_LINE: Final = 40


@dataclass(frozen=True, slots=True)
class AppOptions:
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
    first_visit : callable or None
        Told once that somebody has opened a page.
    """

    key: bytes
    use_link: Callable[[str], bool]
    hosts: tuple[str, ...] = ()
    is_secure: bool = False
    has_proxy: bool = False
    say: Callable[[str], None] = print
    per_minute: int = PER_MINUTE
    first_visit: Callable[[], None] | None = None


# A file of a board is filled and drawn anew: that costs more than a page.
BOARDS_PER_MINUTE: Final = 30


class WebApp:
    """Answers requests for pages."""

    def __init__(self, app_context: AppContext, options: AppOptions) -> None:
        self.app_context = app_context
        self.options = options
        self.authenticator = Authenticator(app_context, options.key)
        self.csrf_tokens = forms.CsrfTokens(options.key)
        self.hub = StreamHub(app_context)
        self.saved_forms = SavedForms(app_context.clock)
        self._first_visit = FirstVisit(options.first_visit)
        self.board_limiter = RateLimiter(min(BOARDS_PER_MINUTE, options.per_minute))
        # One works, the next is ready: a hash takes every core for a moment anyhow.
        self._password_limiter = CapacityLimiter(2)
        self._waiting_count = 0

    def request_context(self, request: Request, identity: Identity) -> RequestContext:
        """Gather what a page sees of a request."""
        settings = display_settings.settings_of(request, identity)
        of_page = request.query_params.get("lang", "") or page_language(request)
        preferences = (of_page, settings.get("language", ""))
        language = next(
            (preference for preference in preferences if preference in languages()), ""
        ) or preferred_language(request.headers.get("accept-language", ""))
        theme, persona = settings.get("theme", "auto"), settings.get("persona", "")
        # Whoever changes something sees what was changed.
        is_reading = request.method in ("GET", "HEAD")
        return RequestContext(
            app_context=self.app_context.for_request() if is_reading else self.app_context,
            caller=replace(identity.caller or VISITOR, language=language),
            lang=UserLanguage(language, valid_zone(settings.get("zone", "UTC"))),
            theme=theme if theme in THEMES else "auto",
            persona=persona if persona in PERSONAS else None,
            currency="eur"
            if request.query_params.get("currency", settings.get("currency")) == "eur"
            else "usd",
            path=request.url.path,
            # The page of a kept form leads back to itself with the form, in whatever language or theme.
            return_path=f"{request.url.path}?{request.url.query}" if FIELD in request.query_params else "",
            query={name: text for name, text in request.query_params.items() if name != FIELD},
            params={key: str(value) for key, value in request.path_params.items()},
            origin=f"{request.url.scheme}://{request.headers.get('host', '')}",
            csrf=self.csrf_tokens.token(
                request.cookies.get(forms.BROWSER, "") or request.state.browser, identity.session
            ),
            fragment=requested_fragment(request.headers),
            is_signed_in=identity.is_person,
            has_users=identity.has_users,
            settings=settings,
            name=identity.name,
            sign_in=SignInContext(
                authenticator=self.authenticator,
                board_limiter=self.board_limiter,
                client=client_address(request),
                browser=request.cookies.get(forms.BROWSER, ""),
                session=self.authenticator.session_cookie(request),
                is_secure=self.options.is_secure,
            ),
        )

    def page_handler(self, page: Page) -> Endpoint:
        """Return what answers GET for a page."""

        async def show(request: Request) -> Response:
            return await self._respond(request, page, lambda context: page.show(context))

        return show

    def form_handler(self, page: Page, action: Action) -> Endpoint:
        """Return what answers a posted form of a page."""

        async def post(request: Request) -> Response:
            form = await forms.read_form(request, page.files.get(request.url.path, ""), page.max_fields)

            def checked(context: RequestContext, identity: Identity) -> Response:
                self.check_form(request, identity, form)
                return action(context, form)

            return await self._respond(request, page, checked, form)

        return post

    def check_form(self, request: Request, identity: Identity, form: Mapping[str, str]) -> None:
        """Refuse a form that did not come from a page of ours."""
        if forms.is_foreign(request):
            raise Forbidden(
                "form_came_another_site",
                "this form came from another site; open the page here and send it again",
            )
        token = form.get(forms.FIELD, "") or request.headers.get(forms.HEADER, "")
        self.csrf_tokens.check(token, request.cookies.get(forms.BROWSER, ""), identity.session)

    async def _respond(
        self, request: Request, page: Page, work: Any, form: Mapping[str, str] | None = None
    ) -> Response:
        request.state.browser = request.cookies.get(forms.BROWSER, "") or forms.new_browser()
        identity = await run_in_threadpool(self.authenticator.who, request)
        if identity.caller is None and not page.is_public:
            # Passwords are kept nowhere, whatever their fields are called.
            return self._sign_in(request, {} if form is not None and page.asks_passwords else form)
        context = self.request_context(request, identity)
        if form is not None:
            context = self.saved_forms.at_page(request, context, page, form)
        render = partial(self._render, context, identity, page, work, form, request)
        is_limited = form is not None and page.asks_passwords
        response = await (self._run_limited(render) if is_limited else run_in_threadpool(render))
        if form is not None:
            response = self.saved_forms.settle(request, context, form, response)
        return self._first_visit.follow(request, self._add_headers(request, response, context))

    async def _run_limited(self, render: Callable[[], Response]) -> Response:
        """Look at a password in a thread that pages do not need; who waits for that holds none."""
        if self._waiting_count >= MOST_IN_LINE:
            busy = Refusal(
                "too_many_sign_ins_right", "too many sign-ins right now; try again in a few seconds"
            )
            raise HTTPException(503, busy, {"Retry-After": "5"})
        self._waiting_count += 1
        try:
            return await to_thread.run_sync(render, limiter=self._password_limiter)
        finally:
            self._waiting_count -= 1

    def _render(
        self, context: RequestContext, identity: Identity, page: Page, work: Any, form: Any, request: Request
    ) -> Response:
        try:
            if not context.caller.may(page.scope):
                raise Forbidden(
                    "page_requires_scope", "this page requires the scope {scope}", scope=page.scope
                )
            result = work(context) if form is None else work(context, identity)
            response = (
                result if isinstance(result, Response) else HTMLResponse(render_page(context, page, result))
            )
            return self.saved_forms.fill_in(response, request, context, form)
        except VigieError as fault:
            return self.saved_forms.page_after_refusal(
                fault, request, context, page, form
            ) or self.error_page(context, page, fault)

    def error_page(self, context: RequestContext, page: Page | None, fault: VigieError) -> Response:
        """Draw what went wrong: what happened, why, and what to do."""
        status = http_status(fault)
        return HTMLResponse(render_error(context, str(fault), status, page), status)

    def _sign_in(self, request: Request, form: Mapping[str, str] | None) -> Response:
        target = request.url.path + (f"?{request.url.query}" if request.url.query else "")
        target = target if form is None else self.saved_forms.save(request, form)
        return RedirectResponse(f"/login?{urlencode({'next': target})}", 303)

    def _add_headers(self, request: Request, response: Response, context: RequestContext) -> Response:
        response.headers.setdefault("Cache-Control", "private, no-cache")
        response.headers.setdefault("Content-Language", context.lang.language)
        response.headers.setdefault("Vary", f"Cookie, Accept-Language, {LANGUAGE}, HX-Request, HX-Target")
        if forms.BROWSER not in request.cookies:
            self.set_cookie(response, forms.BROWSER, request.state.browser, YEAR_S)
        return response

    def set_cookie(self, response: Response, name: str, value: str, seconds: int) -> None:
        """Set a cookie that scripts cannot read and other sites do not send."""
        set_cookie(response, name, value, seconds, is_secure=self.options.is_secure)

    async def sign_in_by_link(self, request: Request) -> Response:
        """Let the local owner in by a one-time link."""
        if request.method == "HEAD":
            # What looks ahead of a person, as a preview does, must not use the link up.
            return Response(status_code=405, headers={"Allow": "GET"})
        is_good = await run_in_threadpool(self.options.use_link, request.path_params["word"])
        if not is_good or await run_in_threadpool(lambda: bool(self.app_context.accounts.users())):
            cure = "vigie link --demo" if self.app_context.is_simulated else "vigie link"
            raise HTTPException(
                410,
                Refusal(
                    "link_used_invalid", "this link is used or invalid; `{cure}` prints a new one", cure=cure
                ),
            )
        back = self.saved_forms.newest_page(request)
        response = RedirectResponse(
            back or await run_in_threadpool(first_page, self.app_context, request), 303
        )
        self.set_cookie(
            response, self.authenticator.cookie, self.authenticator.owner_cookie(), OWNER_DAYS * 86_400
        )
        return response

    async def palette(self, request: Request) -> Response:
        """Answer what the command palette asks."""
        request.state.browser = request.cookies.get(forms.BROWSER, "") or forms.new_browser()
        identity = await run_in_threadpool(self.authenticator.who, request)
        if identity.caller is None:
            return Response(status_code=401)
        context = self.request_context(request, identity)
        found = await run_in_threadpool(palette.answer, context, request.query_params.get("q", ""))
        body = {"items": [entry.as_json() for entry in found.entries], "isNearest": found.is_nearest}
        return JSONResponse(body, headers={"Cache-Control": "private, no-cache", "Vary": LANGUAGE})

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


def create_app(app_context: AppContext, options: AppOptions) -> FastAPI:
    """Build the application over a house."""
    web = WebApp(app_context, options)

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
    # Before the pages: an address of one of many, as of a watchlist, fits some of them, too.
    app.router.routes += web.saved_forms.routes()
    for page in pages().values():
        app.router.routes.append(
            Route(page.path, web.page_handler(page), methods=["GET", "HEAD"], name=page.name)
        )
        for path, action in page.actions.items():
            app.router.routes.append(Route(path, web.form_handler(page, action), methods=["POST"]))
    app.router.routes += [
        Route("/link/{word}", web.sign_in_by_link),
        *display_settings.routes(web),
        *stream_route.routes(web),
        Route("/palette", web.palette),
        Route("/healthz", web.health),
        Route("/app.webmanifest", web.manifest),
        Route("/static/{name:path}", assets.serve),
        *script_texts.routes(),
        *pictures.routes(web),
        *drawings.routes(web),
        *chosen_columns.routes(web),
        *metrics.routes(web),
        *unsubscribing.routes(web),
        *alert_feeds.routes(web),
    ]
    add_api(app, web)
    app.router.routes.insert(0, RouteIndex(app.router.routes))
    add_error_handlers(app, web)
    app.add_middleware(CompressMiddleware, zstd=False, brotli_quality=5)
    app.add_middleware(
        SecurityMiddleware,
        hosts=options.hosts,
        is_secure=options.is_secure,
        warn=None if options.has_proxy else options.say,
    )
    return app
