"""A plan and what is known now make a board. Takes the answers of other operations; stores nothing."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Final

from vigie.domain.errors import NotFound, UsageError
from vigie.domain.person import Caller
from vigie.domain.time import parse_time
from vigie.services.asking import ask
from vigie.services.house import House
from vigie.services.measuring.terms import with_terms
from vigie.services.operation import Origin
from vigie.services.studio.board import (
    Annotation,
    Board,
    Cell,
    ChartPart,
    Column,
    Credit,
    HeatCell,
    HeatPart,
    Line,
    Part,
    QuotePart,
    TablePart,
    Word,
    WordsPart,
)
from vigie.services.studio.marks import marked, publishers_told
from vigie.services.studio.plan import BoardPlan, PartPlan
from vigie.services.studio.series import derivatives_chart, series_chart
from vigie.services.studio.wording import SPANS, listed, word

# As many points as the asset's page compares with, and all there are where two dates cut them.
POINTS: Final = 400
_ALL_POINTS: Final = 5_000
_COMPARED: Final = ("24h", "1w", "1m")
# Spans as the market's operations call them; words have no longer one than a month.
_MARKET: Final = {"24h": "24h", "1w": "7d", "1m": "30d", "1y": "1y", "max": "1y", "dates": "24h"}
_HEADLINES: Final = {"24h": "24h", "1w": "1w"}
# So many parts leave room for whole names.
_ROOMY: Final = 2
_ROWS: Final = 10
_VENUES: Final = re.compile(r"[a-z0-9_-]+(?:, [a-z0-9_-]+)+")
# A venue's market, ``binance-perp:btc-usdt-perp``; names of publishers may hold a colon, too.
_SERIES: Final = re.compile(r"([a-z0-9_-]+): ?([a-z0-9_-][^ ]*(?:, [^ ]+)*)")
_CELLS: Final = 40
_WORDS: Final = 40


@dataclass(slots=True)
class Filling:
    """One board while it is filled: who asks, and where its numbers were from so far."""

    house: House
    caller: Caller
    plan: BoardPlan
    origins: list[Origin] = field(default_factory=list)
    newest: int = 0
    missing: list[str] = field(default_factory=list)
    publishers: set[str] = field(default_factory=set)

    @property
    def now(self) -> int:
        """The market's time, or the one that the board is fixed at."""
        instant = self.plan.instant
        return self.house.clock.market_now() if instant is None else instant

    def read(self, name: str, **values: Any) -> Any:
        """Ask an operation in the board's currency, as of its time."""
        if self.plan.instant is not None:
            if name in _UNDATED:
                raise UsageError(f"{name} tells of now only; a board of a fixed time cannot show it")
            values = values if name in _TIMELESS else {**values, "as_of": self.plan.instant}
        money = {"currency": self.plan.currency} if name in _MONEY and self.plan.currency != "usd" else {}
        return ask(self.house, self.caller, name, {**values, **money})

    def ask(self, name: str, **values: Any) -> Any:
        """Ask as `read` does, and note where the answer is from."""
        answer = self.read(name, **values)
        found = with_terms(self.house, _each(getattr(answer, "origins", ())))
        self.origins += found
        self.newest = max([self.newest, *(one.ts_event for one in found if one.ts_event)])
        return answer


_MONEY: Final = (
    "assets.compare", "markets.list", "markets.movers", "markets.heatmap", "onchain.formula",
    "derivatives.history",
)  # fmt: skip
# Of these nothing is known as of a time; an item has its own times, which are looked at where it is quoted.
_UNDATED: Final = ("mood.words",)
_TIMELESS: Final = ("news.item",)


@dataclass(frozen=True, slots=True)
class Filled:
    """A board, and which parts of its plan could not be shown, with the reason."""

    board: Board
    missing: tuple[str, ...]


def filled(house: House, caller: Caller, plan: BoardPlan) -> Filled:
    """Fill a plan with what is known now.

    A part that nothing is known of is left out and named, so that one asset without bars does not take the others'
    board away.
    """
    # One reading of prices for all parts: each asks by itself, and the market goes on meanwhile.
    house = replace(house, gauge=house.gauge.held())
    work = Filling(house, caller, plan)
    parts: list[Part] = []
    named: list[tuple[Credit, ...]] = []
    for number, one in enumerate(plan.parts, start=1):
        before, work.publishers = len(work.origins), set()
        try:
            parts.append(_FILLED[one.kind](work, one))
            work.origins += publishers_told(house, work.publishers)
            named.append(_credits(work.origins[before:]))
        except (NotFound, UsageError) as fault:
            # What was read for it in vain is no source of the board.
            del work.origins[before:]
            work.missing.append(f"{number}: {fault}")
    now, fixed = house.clock.market_now(), plan.instant
    board = Board(
        title=plan.title, subtitle=plan.subtitle, note=plan.note, alt=plan.alt, shape=plan.shape,
        language=plan.language, parts=tuple(parts), credits=_credits(work.origins),
        as_of=min(work.newest or now, now) if fixed is None else fixed, simulated=house.is_simulated,
        zone=plan.zone, is_fixed=fixed is not None, part_credits=tuple(named),
    )  # fmt: skip
    return Filled(board, tuple(work.missing))


def _each(origins: Sequence[Origin]) -> list[Origin]:
    """Return origins with venues that one names together apart, so that each has its own terms."""
    return [
        one.model_copy(update={"source": name})
        for one in origins
        for name in (one.source.split(", ") if _VENUES.fullmatch(one.source) else [one.source])
    ]


def _credits(origins: Sequence[Origin]) -> tuple[Credit, ...]:
    """Return each publisher once for each licence, with the series that are theirs."""
    told: dict[tuple[str, str], dict[str, None]] = {}
    for one in origins:
        named = _SERIES.fullmatch(one.source)
        place, series = (named[1], named[2]) if named else (one.source, "")
        if place:
            told.setdefault((place, one.licence), {}).update({series: None} if series else {})
    return tuple(
        Credit(place, licence, "non-commercial" in licence, ", ".join(sorted(names)))
        for (place, licence), names in sorted(told.items())
    )


def _chart(work: Filling, part: PartPlan) -> ChartPart:
    if part.of != "prices":
        return (series_chart if part.of == "series" else derivatives_chart)(work, part)
    is_dated = part.span == "dates"
    answer = work.ask(
        "assets.compare", assets=part.assets, mode="absolute" if is_dated else part.mode,
        range="max" if is_dated else part.span, points=_ALL_POINTS if is_dated else POINTS,
        until="close" if is_dated else "now",
    )  # fmt: skip
    if not answer.lines:
        raise NotFound(f"no bars of {part.assets} are known")
    series = {one.name: list(one.values) for one in answer.lines}
    if is_dated:
        start, end = part.window
        series = {
            name: [(ts, value) for ts, value in values if start <= ts <= end]
            for name, values in series.items()
        }
    if not any(series.values()):
        raise NotFound(f"no closes of {part.assets} are known between these dates")
    is_rebased = part.mode == "rebased"
    names = listed(work.plan.language, list(series))
    # Beside other charts there is no room for long names at the ends of lines; the title says them.
    if len(work.plan.parts) > _ROOMY and work.plan.shape != "column":
        symbols = {one.name: one.symbol for one in answer.compared}
        series = {symbols.get(name, name): values for name, values in series.items()}
    lines = tuple(
        Line(name, _since_first(values) if is_rebased else tuple(values)) for name, values in series.items()
    )
    news = None
    if part.news_marks:
        times = [ts for values in series.values() for ts, _ in values]
        assets = [one.asset for one in answer.compared]
        # What was seen after the last price is of a later time than the board, unless that has a time of its own.
        last = max(times) if work.plan.instant is None else work.plan.instant
        news = marked(work, assets, max(0, min(times)), (min(last, part.window[1]) if is_dated else last) + 1)
    span = SPANS[work.plan.language][part.span]
    if is_dated:
        span = word(work.plan.language, "from", start=part.start, end=part.end)
    return ChartPart(
        title=part.title or f"{names} {span}", unit=answer.unit.upper(), rebased=is_rebased, lines=lines,
        annotations=tuple(Annotation(parse_time(one.at), one.text) for one in part.notes), news=news,
    )  # fmt: skip


def _since_first(values: Sequence[tuple[int, float]]) -> tuple[tuple[int, float], ...]:
    """Return changes since the first value, parts of one."""
    base = values[0][1] if values else 0.0
    return tuple((ts, value / base - 1) for ts, value in values) if base else ()


def _table(work: Filling, part: PartPlan) -> TablePart:
    return {"compared": _compared, "markets": _markets, "movers": _movers}[part.table](work, part)


def _compared(work: Filling, part: PartPlan) -> TablePart:
    """The table twin of comparisons over a day, a week, a month: what their charts end with."""
    said = work.plan.language
    answers = [
        work.ask("assets.compare", assets=part.assets, range=span, points=POINTS, until="now")
        for span in _COMPARED
    ]
    found: dict[str, list[Cell]] = {}
    names: dict[str, str] = {}
    symbols: dict[str, str] = {}
    for place, answer in enumerate(answers):
        for one in answer.compared:
            row = found.setdefault(one.asset, [None, *(None for _ in _COMPARED)])
            row[0] = one.last if row[0] is None else row[0]
            row[place + 1] = one.change
            names[one.asset] = one.name
            symbols[one.asset] = one.symbol
    if not found:
        raise NotFound(f"no bars of {part.assets} are known")
    unit = answers[0].unit.upper()
    return TablePart(
        title=part.title or word(said, "changes", names=listed(said, list(names.values()))),
        columns=(
            Column(word(said, "asset")), Column(word(said, "price"), "money", unit),
            *(Column(word(said, span), "share") for span in _COMPARED),
        ),
        rows=tuple((f"{names[asset]} ({symbols[asset]})", *cells) for asset, cells in found.items()),
    )  # fmt: skip


def _markets(work: Filling, part: PartPlan) -> TablePart:
    said = work.plan.language
    answer = work.ask("markets.list", assets=part.assets.replace(" ", ""), limit=_ROWS)
    unit = _money_of(answer)
    return TablePart(
        title=part.title or word(said, "markets"),
        columns=(
            Column(word(said, "asset")), Column(word(said, "price"), "money", unit),
            Column(word(said, "24h"), "share"), Column(word(said, "1w"), "share"),
            Column(word(said, "1m"), "share"), Column(word(said, "cap"), "money", unit),
        ),
        rows=tuple(
            (row["name"], row["price_usd"], row["change_24h"], row["change_7d"], row["change_30d"], row["cap_usd"])
            for row in answer.rows
        ),
    )  # fmt: skip


def _movers(work: Filling, part: PartPlan) -> TablePart:
    said = work.plan.language
    answer = work.ask("markets.movers", span=_MARKET[part.span], count=_ROWS // 2)
    rows = [row for row in answer.rows if row["list"] in ("up", "down")]
    if not rows:
        raise NotFound("no asset moved above the floor of liquidity")
    unit = _money_of(answer)
    return TablePart(
        title=part.title or word(said, "movers", span=SPANS[said][_shown(part)]),
        columns=(
            Column(word(said, "list")), Column(word(said, "asset")),
            Column(word(said, "price"), "money", unit), Column(word(said, "change"), "share"),
            Column(word(said, "volume"), "money", unit),
        ),
        rows=tuple(
            (word(said, row["list"]), row["name"], row["price_usd"], row["change"], row["volume_24h_usd"])
            for row in rows
        ),
    )  # fmt: skip


def _money_of(answer: Any) -> str:
    """Return what prices of a table are in: dollars where no rate is known."""
    return next((str(one.unit) for one in answer.columns if one.name == "price_usd"), "usd").upper()


def _shown(part: PartPlan) -> str:
    """Return the span that the market's operations take in place of one they do not know."""
    return {"max": "1y", "dates": "24h"}.get(part.span, part.span)


def _words(work: Filling, part: PartPlan) -> WordsPart:
    said, period = work.plan.language, _HEADLINES.get(part.span, "1m")
    asset = part.assets.split(",")[0].strip()
    answer = work.ask("mood.words", period=period, asset=asset, source=part.source, limit=_WORDS)
    if not answer.rows:
        raise NotFound("no word stands out in that period")
    heaviest = sorted(answer.rows, key=lambda row: -row["count"])
    return WordsPart(
        title=part.title or word(said, "words", span=SPANS[said][period]),
        words=tuple(Word(row["word"], int(row["count"])) for row in heaviest),
    )


def _heat(work: Filling, part: PartPlan) -> HeatPart:
    said = work.plan.language
    if part.heat == "correlation":
        answer = work.ask("markets.correlation", assets=part.assets.replace(" ", ""))
        if len(answer.names) < 2:
            raise NotFound("correlations need bars of two assets")
        return HeatPart(
            title=part.title or word(said, "correlation"),
            names=tuple(answer.symbols),
            matrix=_matrix(answer.names, answer.rows),
        )
    answer = work.ask("markets.heatmap", span=_MARKET[part.span], limit=_CELLS)
    if not answer.rows:
        raise NotFound("no asset has a price")
    return HeatPart(
        title=part.title or word(said, "heat", span=SPANS[said][_shown(part)]),
        cells=tuple(HeatCell(row["symbol"], row["weight_usd"], row["change"]) for row in answer.rows),
    )


def _matrix(names: Sequence[str], rows: Sequence[dict[str, Any]]) -> tuple[tuple[float | None, ...], ...]:
    pairs = {frozenset((row["first"], row["second"])): row["correlation"] for row in rows}
    return tuple(
        tuple(1.0 if first == second else pairs.get(frozenset((first, second))) for second in names)
        for first in names
    )


def _quote(work: Filling, part: PartPlan) -> QuotePart:
    answer = work.ask("news.item", item=part.item)
    row = answer.row
    fixed = work.plan.instant
    if fixed is not None and any(one.ts_seen > fixed for one in answer.revisions):
        raise NotFound(f"the item {part.item!r} was not seen as it is now at the time of this board")
    if row["is_withdrawn"]:
        raise NotFound(f"the item {part.item!r} was withdrawn by its source")
    at = row["ts_published"] or row["ts_first_seen"]
    # Where its source may be read here says nothing of the right to print it: the licence goes with it.
    work.origins.append(Origin(source=row["publisher"], licence=answer.licence, ts_event=at))
    work.newest = max(work.newest, at)
    return QuotePart(
        title=part.title or row["title"], text=part.text or row["quote"], publisher=row["publisher"],
        link=row["url"], at=at,
    )  # fmt: skip


_FILLED: Final[dict[str, Callable[[Filling, PartPlan], Part]]] = {
    "chart": _chart, "table": _table, "words": _words, "heat": _heat, "quote": _quote,
}  # fmt: skip
