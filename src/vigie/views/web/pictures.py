"""Pictures of charts, made by the server: ``/chart/<name>.svg`` and ``.png`` with title, source and time in them.

A page's folder may hold ``pictures.py`` with ``PICTURES``, a tuple of `Picture`; the folder is the registry.
"""

from __future__ import annotations

import hashlib
import pkgutil
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from typing import Any, Final, Literal, cast

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from vigie.domain.errors import NotFound, UsageError
from vigie.domain.person import Scope
from vigie.drawing.frame import TEXTS, Frame
from vigie.drawing.raster import render_png
from vigie.views.api.limits import RateLimiter
from vigie.views.web import forms
from vigie.views.web.page import FOLDER, PACKAGE
from vigie.views.web.request_context import RequestContext

Theme = Literal["light", "dark"]
# Of one caller.
PER_MINUTE: Final = 120
FORMS: Final = {"svg": "image/svg+xml", "png": "image/png"}


@dataclass(frozen=True, slots=True)
class ChartCaption:
    """What a picture says beside its drawing.

    Attributes
    ----------
    title, description : str
        In the visitor's language.
    source : str
        Where the numbers come from.
    ts : int or None
        When the newest of them was so.
    """

    title: str
    description: str
    source: str
    ts: int | None


@dataclass(frozen=True, slots=True)
class Picture:
    """One kind of picture.

    Attributes
    ----------
    name : str
        ``asset``: ``/chart/asset.svg?asset=bitcoin``.
    draw : callable
        Takes the request context and a function that makes the frame of what is told; gives the SVG.
    """

    name: str
    draw: Callable[[RequestContext, Callable[[ChartCaption], Frame]], str]
    scope: Scope = "read"


@cache
def pictures() -> dict[str, Picture]:
    """Return every kind of picture by name."""
    by_name: dict[str, Picture] = {}
    for entry in pkgutil.iter_modules([str(FOLDER)]):
        if (FOLDER / entry.name / "pictures.py").exists():
            module = import_module(f"{PACKAGE}.{entry.name}.pictures")
            by_name.update({picture.name: picture for picture in module.PICTURES})
    return by_name


def frame_maker(context: RequestContext, name: str, theme: Theme) -> Callable[[ChartCaption], Frame]:
    """Return what makes the frame of an export: in a simulated home its title and its source say so."""

    def make_frame(caption: ChartCaption) -> Frame:
        language = context.lang.language
        texts = TEXTS[language]
        is_simulated = context.app_context.is_simulated
        return Frame(
            name=f"chart-{name}",
            title=f"{caption.title} \u00b7 {texts['simulated_title']}" if is_simulated else caption.title,
            description=caption.description,
            language=language,
            zone=context.lang.zone,
            standalone=True,
            theme=theme,
            source=f"{caption.source} ({texts['simulated']}), Vigie"
            if is_simulated
            else f"{caption.source}, Vigie",
            ts=caption.ts if caption.ts is not None else context.now,
        )

    return make_frame


def render_picture(context: RequestContext, name: str, form: str) -> bytes:
    """Return a picture as a file.

    Parameters
    ----------
    form : str
        ``svg`` or ``png``.

    Raises
    ------
    NotFound
        If there is no such picture or form.
    UsageError
        If the query cannot be drawn.
    """
    kind = pictures().get(name)
    if kind is None or form not in FORMS:
        raise NotFound(
            "no_image",
            "there is no image {name}.{form}; available: {value} as svg or png",
            name=name,
            form=form,
            value=" ".join(sorted(pictures())),
        )
    theme = context.query.get("theme", "light")
    if theme not in ("light", "dark"):
        raise UsageError("theme_must_light_dark", "theme must be light or dark, was {theme!r}", theme=theme)
    svg = kind.draw(context, frame_maker(context, name, cast(Theme, theme)))
    if form == "svg":
        return svg.encode()
    return render_png(svg)


def routes(web: Any) -> list[Route]:
    """Return the route of pictures; each costs more than a page, so a caller gets fewer of them."""
    limits = RateLimiter(PER_MINUTE)

    async def show(request: Request) -> Response:
        request.state.browser = request.cookies.get(forms.BROWSER, "") or forms.new_browser()
        identity = await run_in_threadpool(web.authenticator.who, request)
        if identity.caller is None:
            return Response("Sign in to see this picture.\n", 401)
        limit_status = limits.take(
            web.authenticator.counted_as(request, identity), web.app_context.clock.wall_now()
        )
        if not limit_status.is_allowed:
            headers_wait = {"Retry-After": str(limit_status.reset_s)}
            return Response("Too many pictures at once; wait and go on.\n", 429, headers=headers_wait)
        context = web.request_context(request, identity)
        name, form = request.path_params["name"], request.path_params["form"]
        body = await run_in_threadpool(render_picture, context, name, form)
        headers = {
            "Cache-Control": "private, no-cache",
            "Content-Language": context.lang.language,
            "Vary": "Cookie, Accept-Language",
            "ETag": f'"{hashlib.sha256(body).hexdigest()[:32]}"',
            "Content-Disposition": f'inline; filename="vigie-{name}.{form}"',
        }
        if request.headers.get("if-none-match") == headers["ETag"]:
            return Response(status_code=304, headers=headers)
        return Response(body, media_type=FORMS[form], headers=headers)

    return [Route("/chart/{name}.{form}", show, name="picture")]
