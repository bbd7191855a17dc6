"""Templates: one environment a language, and what templates may use."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache, lru_cache
from pathlib import Path
from typing import Any, Final

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup, escape

from vigie.catalogue import is_singular, known_texts, spoken_languages
from vigie.domain.time import iso
from vigie.drawing.sparkline import spark_line
from vigie.services.caches.asset_metrics import STALE_MS
from vigie.services.news.news_rows import link_of
from vigie.services.operation import Figure
from vigie.services.reader_texts import split_refusals
from vigie.template_cache import template_cache
from vigie.version import __version__
from vigie.views.web import assets
from vigie.views.web.citations import anchors, common_source, is_cited, quote_link, row_source
from vigie.views.web.error_texts import explain_error
from vigie.views.web.forms import FIELD
from vigie.views.web.language import UserLanguage, texts
from vigie.views.web.menu import read_menu
from vigie.views.web.page import Page, pages
from vigie.views.web.refusals import translate_refusal
from vigie.views.web.request_context import RequestContext
from vigie.views.web.script_texts import script_address
from vigie.views.web.source_names import source_namer
from vigie.views.web.template_context import TemplateContext
from vigie.views.web.tour import current_step

HERE: Final = Path(__file__).parent
# Texts of pages kept in a language; some are data.
_SAID: Final = 4_096
# What is typed as it stands: commands, names of settings and folders.
_TYPED: Final = re.compile(r"`([^`<>\"]+)`")


def mark_code(text: str) -> Markup:
    """Return a text with what stands between backticks as code; what is no markup yet is escaped."""
    return Markup(_TYPED.sub(r"<code>\1</code>", str(escape(text))))  # noqa: S704 - escaped just here


@cache
def environment(language: str) -> Environment:
    """Return the templates of a language."""
    env = Environment(
        loader=FileSystemLoader([HERE / "templates", HERE / "pages"]),
        bytecode_cache=template_cache(),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        extensions=["jinja2.ext.i18n", "jinja2.ext.do"],
        auto_reload=False,
    )
    env.context_class = TemplateContext
    translations, own_texts, reader = texts(language), known_texts(), UserLanguage(language)

    # A page says the same few dozen texts again and again, for each row of a table.
    @lru_cache(maxsize=_SAID)
    def text(english: str) -> Markup:
        # Jinja takes what this returns for markup: what nobody here has written is data, and escaped.
        # It also puts values in the places that a text names with a per cent sign: data has no such places.
        if english not in own_texts:
            return mark_code(english.replace("%", "%%"))
        return mark_code(Markup(translations.get(english, english)))  # noqa: S704 - only what the catalogues hold is markup

    def plural(singular: str, many: str, number: int) -> Markup:
        return text(singular if is_singular(language, number) else many)

    # Most texts hold no values: what they say is the same each time.
    @lru_cache(maxsize=_SAID)
    def without_values(english: str) -> Markup:
        return text(english) % {}

    def gettext(english: str, /, **values: object) -> Markup:
        return text(english) % values if values else without_values(english)

    def ngettext(singular: str, many: str, number: int, /, **values: object) -> Markup:
        # A count is written as every other number: 1,050.
        return plural(singular, many, number) % {"num": reader.number(number, 0), **values}

    env.install_gettext_callables(text, plural, newstyle=True)  # type: ignore[attr-defined]  # the extension `i18n` brings it
    env.globals.update(
        _=gettext,
        gettext=gettext,
        ngettext=ngettext,
        asset=assets.address,
        spark_line=spark_line,
        version=__version__,
        spoken=spoken_languages(),
        script_address=script_address,
        complete_choices=_complete_choices(),
    )
    return env


def _complete_choices() -> list[tuple[str, str]]:
    """Return the languages that boards can be in, with their names."""
    return [(code, one.name) for code, one in spoken_languages().items() if not one.is_partial]


def template_values(
    context: RequestContext, page: Page | None, own_values: Mapping[str, Any]
) -> dict[str, Any]:
    """Return everything a template may use."""

    def csrf_field() -> Markup:
        return Markup('<input type="hidden" name="{}" value="{}">').format(FIELD, context.csrf)

    def page_path(name: str, **params: str) -> str:
        path = pages()[name].path
        for key, value in params.items():
            path = path.replace("{" + key + "}", str(escape(value)))
        return path

    euro = _euro_rate(context)

    # Every figure of a page has one: they differ by the anchor.
    @cache
    def page_permalink() -> str:
        # Of a page that knows its past: as it is known now, whenever the link is followed.
        instant = context.as_of if context.is_past else context.now
        as_of_query = (
            {"as_of": iso(instant)} if page is not None and page.has_as_of and instant is not None else {}
        )
        return context.url(cursor=None, lang=None, **as_of_query)

    def permalink(anchor: str = "") -> str:
        return f"{page_permalink()}#{anchor}" if anchor else page_permalink()

    def outward(address: str) -> str:
        return link_of(address, is_simulated=context.app_context.is_simulated)

    return {
        "outward": outward,
        "permalink": permalink,
        # What went wrong, in the visitor's language.
        "reason": lambda refusal: mark_code(translate_refusal(context.lang, refusal)),
        # Each problem of a form by itself: [(field's name or "", refusal)].
        "problems": lambda errors: [
            (name, part) for name, refusal in errors for part in split_refusals(refusal)
        ],
        "trouble": lambda error: explain_error(context, error),
        "euro": euro,
        "no_live": "" if context.fragment else _stale_prices_text(context),
        "quote_link": lambda live, figure: quote_link(context, live, figure),
        "anchors": anchors,
        "source_of": row_source,
        "called": source_namer(context),
        "named_source": common_source,
        "is_cited": is_cited,
        "context": context,
        "lang": context.lang,
        "page": page,
        "menu": None if context.fragment else read_menu(context, page),
        "tour": None if context.fragment else current_step(context),
        "csrf_field": csrf_field,
        "page_path": page_path,
        "has_page": lambda name: name in pages(),
        "is_simulated": context.app_context.is_simulated,
        **own_values,
    }


def _euro_rate(context: RequestContext) -> Figure | None:
    """Return what a dollar is worth to those who count in euros, None to the others."""
    if context.currency != "eur":
        return None
    rate: Figure = context.call("currencies.euro", as_of=context.as_of if context.is_past else None).figure
    return rate


def _stale_prices_text(context: RequestContext) -> str:
    """Return why nothing in the head may be called live: the newest quote is old, or there is none."""
    newest = context.app_context.quotes.newest_ts() or 0
    return context.text("no live prices") if context.now - newest > STALE_MS else ""


def render(context: RequestContext, template: str, page: Page | None, own_values: Mapping[str, Any]) -> str:
    """Draw a template; `template` is relative to the templates or to the pages."""
    return (
        environment(context.lang.language)
        .get_template(template)
        .render(template_values(context, page, own_values))
    )


def render_page(context: RequestContext, page: Page, own_values: Mapping[str, Any]) -> str:
    """Draw a page."""
    return render(context, f"{page.folder}/{page.template}", page, own_values)
