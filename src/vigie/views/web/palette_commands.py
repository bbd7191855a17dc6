"""Commands of the palette: forms that it opens, and the three looks that it changes at once."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final, NamedTuple

from babel import Locale

from vigie.catalogue import spoken_languages
from vigie.views.web.alert_grammar import alert_grammar
from vigie.views.web.page import pages
from vigie.views.web.palette_alerts import find_alert
from vigie.views.web.palette_entries import PaletteEntry, is_called, matches, search_key
from vigie.views.web.request_context import RequestContext

_MOST_COMPARED: Final = 4
_FIRST_LETTERS: Final = 4


class _Command(NamedTuple):
    """A command with what else it is called.

    Attributes
    ----------
    page : str
        Whose form it opens; a command of a page that is not there is not offered.
    """

    title: str
    others: str
    page: str
    href: str


def find_commands(context: RequestContext, typed: str) -> list[PaletteEntry]:
    """Return matching commands: those asked for in a sentence first, then those with a matching name."""
    said = [entry for entry in (find_alert(context, typed), *_comparisons(context, typed)) if entry]
    query = search_key(typed)
    if not query:
        return said
    named = [
        entry
        for others, entry in (*_looks(context), *_forms(context))
        if matches(query, f"{entry.title} {others}")
    ]
    return said + named


def _looks(context: RequestContext) -> Iterator[tuple[str, PaletteEntry]]:
    """Yield what acts at once: theme, language, density."""
    kind = context.text("Command")
    yield (
        context.text("night mode black"),
        PaletteEntry(context.text("Dark theme"), kind, look={"theme": "dark"}),
    )
    yield (
        context.text("day mode white"),
        PaletteEntry(context.text("Light theme"), kind, look={"theme": "light"}),
    )
    yield (
        context.text("automatic"),
        PaletteEntry(context.text("Theme of the system"), kind, look={"theme": "auto"}),
    )
    yield (
        context.text("density dense small"),
        PaletteEntry(context.text("Compact rows"), kind, look={"density": "compact"}),
    )
    yield (
        context.text("density large spacious"),
        PaletteEntry(context.text("Comfortable rows"), kind, look={"density": "comfortable"}),
    )
    for code, language in spoken_languages().items():
        if not language.is_partial and code != context.lang.language:
            title = context.text("Language: %(name)s") % {"name": language.title}
            # A language may be searched in the language of the page or in its own.
            names = {
                Locale.parse(code).get_display_name(other) or "" for other in (context.lang.language, code)
            }
            yield " ".join([code, *sorted(names)]), PaletteEntry(title, kind, look={"language": code})


def _forms(context: RequestContext) -> Iterator[tuple[str, PaletteEntry]]:
    """Yield what opens a form; nothing is sent."""
    for command in (
        _Command(context.text("New alert"), context.text("create add rule notify"), "alerts", "/alerts#rule"),
        _Command(
            context.text("Compare assets on a chart"),
            context.text("compare versus against"),
            "asset-compare",
            "/asset/bitcoin/compare?with=ethereum",
        ),
        _Command(
            context.text("New backtest"),
            context.text("create run test strategy"),
            "backtests",
            "/backtests/new",
        ),
        _Command(
            context.text("New watchlist"), context.text("create add list"), "watchlists", "/watchlists#create"
        ),
        _Command(
            context.text("New board"), context.text("create add studio chart"), "studio", "/studio#presets"
        ),
        _Command(
            context.text("New paper account"), context.text("create add simulate"), "paper", "/trading/paper"
        ),
        _Command(context.text("Import bars"), context.text("upload file csv"), "bar_files", "/jobs/files"),
        _Command(context.text("Keyboard shortcuts"), context.text("keys"), "help", "/help#keys"),
        _Command(
            context.text("Use my own data"), context.text("leave demo real"), "help", "/help#leave-demo"
        ),
    ):
        page = pages().get(command.page)
        if page is not None and context.caller.may(page.scope):
            yield command.others, PaletteEntry(command.title, context.text("Command"), command.href)


def _comparisons(context: RequestContext, typed: str) -> list[PaletteEntry]:
    """Return the way to a comparison: "compare btc eth", "btc vs eth", "compare solana"."""
    grammar = alert_grammar(context.lang.language)
    words = search_key(typed).replace(",", " ").split()
    if not grammar.compare.intersection(words):
        return []
    found: dict[str, str] = {}
    named = [word for word in words if word not in grammar.small | grammar.compare]
    for word in named:
        for row in context.call("assets.search", q=word[:60], limit=1).rows:
            # The first letters of a name are enough between two: "ether" is Ethereum.
            if is_called(row, word) or (
                len(word) >= _FIRST_LETTERS and search_key(row["name"]).startswith(word)
            ):
                found[row["asset"]] = row["name"]
    # One asset and no further word: with what is chosen on the page.
    if len(found) < 2 and (not found or len(named) > 1):
        return []
    first, *others = list(found)[:_MOST_COMPARED]
    title = context.text("Compare %(names)s") % {"names": ", ".join(list(found.values())[:_MOST_COMPARED])}
    href = context.url(f"/asset/{first}/compare", **{"with": ",".join(others) or None})
    return [PaletteEntry(title, context.text("Command"), href)]
