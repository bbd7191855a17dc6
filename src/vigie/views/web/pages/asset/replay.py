"""Bar replay: the page a bar earlier, a bar later, and on by itself; each step is an address."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

from vigie.domain.time import iso
from vigie.views.web.request_context import RequestContext

# Where a replay begins: what came before must be enough to judge by.
BEGIN: Final = 0.6


@dataclass(frozen=True, slots=True)
class Replay:
    """Where a replay can go from here; an empty address is no step.

    Attributes
    ----------
    begin : str
        To its start, from a page of now.
    earlier, later : str
        One bar back, one bar on.
    play, pause : str
        The same instant, going on by itself or standing.
    is_playing : bool
    """

    begin: str = ""
    earlier: str = ""
    later: str = ""
    play: str = ""
    pause: str = ""
    is_playing: bool = False


def replay_of(context: RequestContext, chart: Any) -> Replay | None:
    """Return the steps of a chart's replay, None where there are no bars to step through."""
    if not chart.bars or chart.ts_end is None:
        return None
    if not context.is_past:
        start = chart.bars[int(len(chart.bars) * BEGIN)][0]
        return Replay(begin=_at(context, start))
    end, step = chart.ts_end, chart.step_ms
    has_next = end + step < context.now
    is_playing = has_next and context.query.get("play") == "1"
    return Replay(
        earlier=_at(context, end - step),
        later=_at(context, end + step, play="1" if is_playing else None) if has_next else "",
        play=_at(context, end, play="1") if has_next else "",
        pause=_at(context, end),
        is_playing=is_playing,
    )


def _at(context: RequestContext, ts: int, play: str | None = None) -> str:
    return context.url(as_of=iso(ts), play=play, cursor=None)
