"""What a mail about a setup says: its text, its place in the chain, and the same picture as on its page."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Final

import numpy as np

from vigie.catalogue import NamedTexts
from vigie.data.stores import DataStores
from vigie.domain.alert import AlertEvent
from vigie.domain.bar import Bars, FloatArray
from vigie.drawing.candles import CandleSeries, candles_chart
from vigie.drawing.frame import Frame
from vigie.drawing.points import NumberedMark
from vigie.drawing.raster import render_png
from vigie.ports.alerts import OutgoingDelivery
from vigie.ports.clock import Clock
from vigie.ports.notifier import Attachment
from vigie.ports.setups import SetupStore, StoredChange
from vigie.services.alerting.layout import MailLine, MailQuote, MailSection
from vigie.services.alerting.watching.event_texts import short_title_of, title_of
from vigie.services.alerting.wording import words_of
from vigie.services.setups.chart_patterns import history_until, pattern_boundaries, patterns_at_end
from vigie.services.setups.setup_bars import POINT_NAMES, bars_around, level_lines, numbered_points

# Bars before a level's first one on which its line begins in a mail.
LEAD: Final = 12
_LINES: Final = {
    "entry": "Close price", "stop": "Stop", "target": "Target", "upper": "Upper line", "lower": "Lower line",
}  # fmt: skip
LINE_NAMES: Final = NamedTexts("setup_level", _LINES)


def setup_section(
    event: AlertEvent, language: str, url: str, more: Sequence[MailLine | MailQuote]
) -> MailSection:
    """Return what a mail says of a setup.

    Parameters
    ----------
    event : AlertEvent
        As it was raised.
    language : str
        Of the mail.
    url : str
        Of the setup's page.
    more : sequence of MailLine or MailQuote
        Lines that every alert has.

    Returns
    -------
    MailSection
        With number and head of the chain: whoever has the mail can hold the record to it.
    """
    words, record = words_of(language), event.facts.get("record")
    title = short_title_of(event, language)
    lines = [MailLine(text=title_of(event, language))]
    if isinstance(record, Mapping):
        lines.append(MailLine(text=words["record"].format(number=record["number"], head=record["head"])))
        lines.append(MailLine(text=words["record_why"]))
    else:
        lines.append(MailLine(text=words["no_record"]))
    return MailSection(title, None, url, [*lines, *more])


def setup_pictures(
    setups: SetupStore, data: DataStores, group: Sequence[OutgoingDelivery], language: str, clock: Clock
) -> Iterator[Attachment]:
    """Yield the pictures of the setups that a message is about.

    Parameters
    ----------
    setups : SetupStore
        Where changes are.
    data : DataStores
        Where bars are.
    group : sequence of OutgoingDelivery
        Of the message.
    language : str
        Of the mail.
    clock : Clock
        Says when the picture was made.

    Yields
    ------
    Attachment
        A PNG each; none of a setup that is gone, or has no bars.
    """
    for outgoing in group:
        event = outgoing.alert.happening
        if event.kind != "setup":
            continue
        changes = [
            change
            for change in setups.of(str(event.facts["setup"]), [str(event.facts["account"])])
            if not change.is_replayed and change.number <= int(event.facts["change_number"])
        ]
        bars = bars_around(data, changes) if changes else None
        if bars is not None and len(bars):
            names = LINE_NAMES[language]
            lines = {names[name]: line for name, line in _lines(data, bars, changes)}
            frame = Frame(
                "setup", str(changes[0].slot), title_of(event, language), standalone=True,
                language=language, zone="UTC", source=changes[0].venue,
                ts=clock.market_now(),
            )  # fmt: skip
            drawing = _drawing(bars, lines, numbered_points(bars, changes, POINT_NAMES[language]), frame)
            yield Attachment(f"setup-{changes[0].setup}.png", "image/png", render_png(drawing))


def _lines(data: DataStores, bars: Bars, changes: Sequence[StoredChange]) -> Iterator[tuple[str, FloatArray]]:
    """Yield the levels, and the boundaries of the last pattern that held at the newest change, at each bar."""
    for name, line in level_lines(bars, changes).items():
        yield name, _on_bars(bars, line, lead=LEAD)
    history = history_until(data.bars, changes[-1])
    for living in patterns_at_end(history)[-1:]:
        for name, line in pattern_boundaries(living.pattern, history, bars.ts).items():
            yield name, _on_bars(bars, line)


def _drawing(
    bars: Bars,
    lines: Mapping[str, FloatArray],
    points: Sequence[NumberedMark],
    frame: Frame,
) -> str:
    return candles_chart(
        CandleSeries(bars.ts, bars.open, bars.high, bars.low, bars.close, np.zeros(0), bars.span_ms),
        frame=frame,
        overlays=list(lines.items()),
        points=points,
    )


def _on_bars(bars: Bars, line: Sequence[tuple[int, float]], *, lead: int = 0) -> FloatArray:
    """Return a line at each bar, a level from some bars before: when a setup is mailed, its bar is the last one."""
    if not line:
        return np.full(len(bars), np.nan)
    begins, price = line[0]
    values = {ts: price for ts in bars.ts.tolist() if begins - lead * bars.span_ms <= ts < begins} | dict(
        line
    )
    return np.array([values.get(ts, np.nan) for ts in bars.ts.tolist()])
