"""Templates: one environment a language, and what templates may use."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache, lru_cache
from pathlib import Path
from typing import Any, Final

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup, escape

from vigie.domain.time import iso
from vigie.services.market_data.staleness import STALE_MS
from vigie.services.news.item_links import link_of
from vigie.services.operation import Figure
from vigie.version import __version__
from vigie.views.web import assets
from vigie.views.web.citing import anchors, is_cited, named_source, quote_link, source_of
from vigie.views.web.forms import FIELD
from vigie.views.web.language import LANGUAGES, NAMES, Language, texts
from vigie.views.web.menu import entries
from vigie.views.web.naming import caller_of
from vigie.views.web.page import Page, pages
from vigie.views.web.refusals import said
from vigie.views.web.troubles import trouble_of
from vigie.views.web.visit import Visit

HERE: Final = Path(__file__).parent
# Texts of pages kept in a language; some are data.
_SAID: Final = 4_096
# What is typed as it stands: commands, names of settings and folders.
_TYPED: Final = re.compile(r"`([^`<>\"]+)`")


def coded(text: str) -> Markup:
    """Return a text with what stands between backticks as code; what is no markup yet is escaped."""
    return Markup(_TYPED.sub(r"<code>\1</code>", str(escape(text))))  # noqa: S704 - escaped just here


@cache
def environment(language: Language) -> Environment:
    """Return the templates of a language."""
    env = Environment(
        loader=FileSystemLoader([HERE / "templates", HERE / "pages"]),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        extensions=["jinja2.ext.i18n", "jinja2.ext.do"],
        auto_reload=False,
    )
    known, written = texts(language), texts("fr")

    # A page says the same few dozen texts again and again, for each row of a table.
    @lru_cache(maxsize=_SAID)
    def text(english: str) -> str:
        # Jinja takes what this returns for markup: what nobody here has written is data, and escaped.
        # It also puts values in the places that a text names with a per cent sign: data has no such places.
        if english not in written:
            return coded(english.replace("%", "%%"))
        return coded(Markup(known.get(english, english)))  # noqa: S704 - only what the catalogues hold is markup

    def plural(one: str, many: str, number: int) -> str:
        is_one = number in (0, 1) if language == "fr" else number == 1
        return text(one if is_one else many)

    env.install_gettext_callables(text, plural, newstyle=True)  # type: ignore[attr-defined]  # the extension `i18n` brings it
    env.globals.update(asset=assets.address, version=__version__, languages=LANGUAGES, language_names=NAMES)
    return env


def values(visit: Visit, page: Page | None, given: Mapping[str, Any]) -> dict[str, Any]:
    """Return everything a template may use."""

    def csrf_field() -> Markup:
        return Markup('<input type="hidden" name="{}" value="{}">').format(FIELD, visit.csrf)

    def page_path(name: str, **params: str) -> str:
        path = pages()[name].path
        for key, value in params.items():
            path = path.replace("{" + key + "}", str(escape(value)))
        return path

    euro = _euro(visit)

    def permalink(anchor: str = "") -> str:
        # Of a page that knows its past: as it is known now, whenever the link is followed.
        instant = visit.as_of if visit.is_past else visit.now
        dated = {"as_of": iso(instant)} if page is not None and page.is_dated and instant is not None else {}
        return visit.url(cursor=None, lang=None, **dated) + (f"#{anchor}" if anchor else "")

    def outward(address: str) -> str:
        return link_of(address, is_simulated=visit.house.is_simulated)

    return {
        "outward": outward,
        "permalink": permalink,
        # What went wrong, in the visitor's language.
        "reason": lambda told: coded(said(visit.tongue, told)),
        "trouble": lambda error: trouble_of(visit, error),
        "euro": euro,
        "no_live": "" if visit.fragment else _no_live(visit),
        "quote_link": lambda live, figure: quote_link(visit, live, figure),
        "anchors": anchors,
        "source_of": source_of,
        "called": caller_of(visit),
        "named_source": named_source,
        "is_cited": is_cited,
        "visit": visit,
        "tongue": visit.tongue,
        "page": page,
        "menu": () if visit.fragment else entries(visit),
        "csrf_field": csrf_field,
        "page_path": page_path,
        "has_page": lambda name: name in pages(),
        "is_simulated": visit.house.is_simulated,
        **given,
    }


def _euro(visit: Visit) -> Figure | None:
    """Return what a dollar is worth to those who count in euros, None to the others."""
    if visit.currency != "eur":
        return None
    rate: Figure = visit.ask("currencies.euro", as_of=visit.as_of if visit.is_past else None).figure
    return rate


def _no_live(visit: Visit) -> str:
    """Return why nothing in the head may be called live: the newest quote is old, or there is none."""
    newest = visit.house.quotes.newest_ts() or 0
    return visit.text("no live prices") if visit.now - newest > STALE_MS else ""


def render(visit: Visit, template: str, page: Page | None, given: Mapping[str, Any]) -> str:
    """Draw a template; `template` is relative to the templates or to the pages."""
    return environment(visit.tongue.language).get_template(template).render(values(visit, page, given))


def render_page(visit: Visit, page: Page, given: Mapping[str, Any]) -> str:
    """Draw a page."""
    return render(visit, f"{page.folder}/{page.template}", page, given)
