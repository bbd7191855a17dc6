"""Links to the shares of a portfolio: making and ending them, and what whoever has one sees."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final
from urllib.parse import urlsplit

from starlette.responses import Response

from vigie.services.operations.holding_links import DAYS
from vigie.views.web.form_responses import handle_form, redirect, render_uncached
from vigie.views.web.page import Page, pages
from vigie.views.web.request_context import RequestContext

NAME: Final = "portfolio-sharing"
SHARED_NAME: Final = "portfolio-shared"
PATH: Final = "/portfolio/sharing"
_LONGEST: Final = 64
_HERE: Final = ("127.0.0.1", "localhost", "::1")


def show(context: RequestContext) -> Mapping[str, object]:
    """Ask for the links that hold."""
    return {
        "links": context.call("holdings.shared_links").rows,
        "days": DAYS,
        "made": "",
        "may_write": context.caller.may("write"),
        "is_ended": context.query.get("done", "") == "ended",
        "errors": [],
    }


def make(context: RequestContext, form: Mapping[str, str]) -> Response:
    """Make a link and show it this once."""

    def work() -> Response:
        made = context.call("holdings.share")
        return render_uncached(context, pages()[NAME], {**show(context), **_link_values(made.url)})

    return handle_form(context, pages()[NAME], work, show)


def _link_values(url: str) -> Mapping[str, object]:
    """Return the link as it is handed on, and whether only this machine opens it."""
    return {"made": url, "is_here_only": urlsplit(url).hostname in _HERE}


def end(context: RequestContext, form: Mapping[str, str]) -> Response:
    """End a link."""

    def work() -> Response:
        context.call("holdings.revoke_share", holding_link=form.get("link", "")[:_LONGEST])
        return redirect(PATH, done="ended")

    return handle_form(context, pages()[NAME], work, show)


def show_shared(context: RequestContext) -> Mapping[str, object]:
    """Show which coins somebody owns, in per cent, to whoever has the link."""
    return {"rows": context.call("holdings.shared", word=context.params["word"][:_LONGEST]).rows}


SHARING_PAGE: Final = Page(
    name=NAME,
    path=PATH,
    title="Shared portfolio links",
    description="Links that show which coins you own in per cent, and nothing else; each ends after 30 days.",
    show=show,
    template="sharing.html",
    actions={"/portfolio/sharing/make": make, "/portfolio/sharing/end": end},
    is_in_menu=False,
)
SHARED_PAGE: Final = Page(
    name=SHARED_NAME,
    path="/portfolio/shared/{word}",
    title="Shared portfolio",
    description="Which coins somebody owns, in per cent, shared by link.",
    show=show_shared,
    template="shared.html",
    is_public=True,
    is_in_menu=False,
)
