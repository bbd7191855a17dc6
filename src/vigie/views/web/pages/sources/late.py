"""What is late or broken: one sentence for all, and of each source since when, what it feeds, what happens next."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from vigie.data.collection.schedule import LONGEST_BACK_OFF_S
from vigie.services.operations.sources import SourceRow
from vigie.views.web.page import pages
from vigie.views.web.request_context import RequestContext
from vigie.views.web.source_counts import BROKEN, count_sources

# What delivers less often than it should.
SLOWER: Final = ("polled",)
_MOST: Final = 8
_MOST_NAMES: Final = 3


@dataclass(frozen=True, slots=True)
class LateSource:
    """One source that needs a look.

    Attributes
    ----------
    row : SourceRow
        As `sources.list` gives it.
    since : str
        Since when nothing came, with how long that is.
    pages : list of tuple
        Title and path of each page that shows what it brings; the path is empty where it needs the id of a thing.
    next_step : str
        What Vigie does about it by itself.
    """

    row: SourceRow
    since: str
    pages: list[tuple[str, str]]
    next_step: str


def late_sources(context: RequestContext, rows: Sequence[SourceRow], now: int) -> list[LateSource]:
    """Return the sources that are late or broken, the worst first."""
    wanted = [row for state in (*BROKEN, *SLOWER) for row in rows if row["state"] == state]
    return [
        LateSource(row, _since_text(context, row, now), shown_on(context, row), _next_text(context, row))
        for row in wanted[:_MOST]
    ]


def hero_text(context: RequestContext, rows: Sequence[SourceRow]) -> str:
    """Return whether all sources answer, in one sentence; empty where none is asked."""
    counts = count_sources(row["state"] for row in rows)
    if not counts.asked:
        return ""
    broken = [row for row in rows if row["state"] in BROKEN]
    if broken:
        names = list(dict.fromkeys(row["title"] for row in broken))
        return context.lang.plural(
            "%(num)s of %(all)s sources is late or broken: %(names)s.",
            "%(num)s of %(all)s sources are late or broken: %(names)s.",
            len(broken),
        ) % {
            "num": len(broken),
            "all": counts.asked,
            "names": ", ".join(names[:_MOST_NAMES]) + (", …" if len(names) > _MOST_NAMES else ""),
        }
    if counts.waiting:
        return context.lang.plural(
            "%(num)s of %(all)s sources has not answered yet.",
            "%(num)s of %(all)s sources have not answered yet.",
            counts.waiting,
        ) % {"num": counts.waiting, "all": counts.asked}
    return context.lang.plural("%(num)s source answers.", "All %(num)s sources answer.", counts.asked) % {
        "num": counts.asked
    }


def shown_on(context: RequestContext, row: SourceRow) -> list[tuple[str, str]]:
    """Return title and path of the pages that show what a source brings."""
    known = pages()
    return [
        (context.text(known[name].title), "" if "{" in known[name].path else known[name].path)
        for name in row["pages"].split(",")
        if name in known
    ]


def _since_text(context: RequestContext, row: SourceRow, now: int) -> str:
    if row["ts_success"] is None:
        return context.text("never answered")
    age = context.lang.age(now - row["ts_success"])
    if row["state"] in SLOWER:
        return context.text("last answer %(age)s ago") % {"age": age}
    return context.text("nothing since %(when)s, for %(age)s") % {
        "when": context.lang.moment(row["ts_success"]),
        "age": age,
    }


def _next_text(context: RequestContext, row: SourceRow) -> str:
    every = context.lang.took(round((row["every_s"] or 0) * 1_000))
    if row["state"] == "polled":
        return context.text("Its stream is down: Vigie asks every %(every)s until it is back.") % {
            "every": every
        }
    if row["state"] == "failing":
        return context.text("Vigie asks again after pauses that double, up to %(most)s.") % {
            "most": context.lang.took(round(LONGEST_BACK_OFF_S * 1_000))
        }
    return context.text("Vigie goes on asking every %(every)s.") % {"every": every}
