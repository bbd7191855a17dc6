"""A plan and what is known now make a board. Takes the answers of other operations; stores nothing."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from vigie.domain.errors import NotFound, UsageError
from vigie.domain.person import Caller
from vigie.domain.refusal import Refusal
from vigie.domain.time import parse_time
from vigie.ports.connectors import ConnectorDirectory
from vigie.ports.home import IsSimulated
from vigie.services.market_data.licence_terms import add_licences
from vigie.services.operation import Origin
from vigie.services.operation_calls import OperationRunner
from vigie.services.studio.board import (
    Annotation,
    Board,
    BoardColumn,
    BoardLine,
    BoardPart,
    ChartPart,
    Credit,
    HeatCell,
    HeatPart,
    QuotePart,
    TableCell,
    TablePart,
    WeightedWord,
    WordsPart,
)
from vigie.services.studio.news_marks import publisher_origins, read_news_marks
from vigie.services.studio.odds_table import odds_table
from vigie.services.studio.plan import BoardPlan, PartPlan
from vigie.services.studio.series_charts import derivatives_chart, series_chart
from vigie.services.studio.wording import SPANS, format_word, join_names

# As many points as the asset's page compares with, and all there are where two dates cut them.
POINTS: Final = 400
_ALL_POINTS: Final = 5_000
_COMPARED_SPANS: Final = ("24h", "1w", "1m")
# Spans as the market's operations call them; words have no longer one than a month.
_MARKET_SPANS: Final = {"24h": "24h", "1w": "7d", "1m": "30d", "1y": "1y", "max": "1y", "dates": "24h"}
_WORD_PERIODS: Final = {"24h": "24h", "1w": "1w"}
# So many parts leave room for whole names.
_MAX_PARTS_FOR_NAMES: Final = 2
_ROWS: Final = 10
_VENUES: Final = re.compile(r"[a-z0-9_-]+(?:, [a-z0-9_-]+)+")
# A venue's market, ``binance-perp:btc-usdt-perp``; names of publishers may hold a colon, too.
_SERIES: Final = re.compile(r"([a-z0-9_-]+): ?([a-z0-9_-][^ ]*(?:, [^ ]+)*)")
_CELLS: Final = 40
_WORDS: Final = 40


@dataclass(frozen=True, slots=True)
class BoardSources:
    """What boards are filled from."""

    operations: OperationRunner
    directory: ConnectorDirectory
    is_simulated: IsSimulated


@dataclass(slots=True)
class BoardFiller:
    """One board while it is filled: who asks, and where its numbers were from so far."""

    operations: OperationRunner
    directory: ConnectorDirectory
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
        return self.operations.clock.market_now() if instant is None else instant

    def query(self, name: str, **values: Any) -> Any:
        """Ask an operation in the board's currency, as of its time."""
        if self.plan.instant is not None:
            if name in _NOW_ONLY:
                raise UsageError(
                    "shows_present",
                    "{name} shows the present only; it cannot be on a board with a fixed time",
                    name=name,
                )
            values = values if name in _TIMELESS else {**values, "as_of": self.plan.instant}
        currency_values = (
            {"currency": self.plan.currency} if name in _WITH_CURRENCY and self.plan.currency != "usd" else {}
        )
        return self.operations.run(self.caller, name, {**values, **currency_values})

    def query_with_credits(self, name: str, **values: Any) -> Any:
        """Ask as `query` does, and note where the answer is from."""
        result = self.query(name, **values)
        origins = add_licences(self.directory, _split_origins(getattr(result, "origins", ())))
        self.origins += origins
        self.newest = max([self.newest, *(origin.ts_event for origin in origins if origin.ts_event)])
        return result


_WITH_CURRENCY: Final = (
    "assets.compare", "markets.list", "markets.movers", "markets.heatmap", "onchain.formula",
    "derivatives.history",
)  # fmt: skip
# Of these nothing is known as of a time; an item has its own times, which are looked at where it is quoted.
_NOW_ONLY: Final = ("mood.words", "models.odds")
_TIMELESS: Final = ("news.item",)


@dataclass(frozen=True, slots=True)
class FilledBoard:
    """A board, and which parts of its plan could not be shown, with the reason."""

    board: Board
    missing: tuple[str, ...]


def fill_plan(sources: BoardSources, caller: Caller, plan: BoardPlan) -> FilledBoard:
    """Fill a plan with what is known now.

    A part that nothing is known of is left out and named, so that one asset without bars does not take the others'
    board away.
    """
    # One reading of prices for all parts: each asks by itself, and the market goes on meanwhile.
    filler = BoardFiller(sources.operations.with_pinned_prices(), sources.directory, caller, plan)
    parts: list[BoardPart] = []
    part_credits: list[tuple[Credit, ...]] = []
    for number, part_plan in enumerate(plan.parts, start=1):
        n_origins, filler.publishers = len(filler.origins), set()
        try:
            parts.append(_PART_FILLERS[part_plan.kind](filler, part_plan))
            filler.origins += publisher_origins(sources.directory, filler.publishers)
            part_credits.append(_unique_credits(filler.origins[n_origins:]))
        except (NotFound, UsageError) as fault:
            # What was read for it in vain is no source of the board.
            del filler.origins[n_origins:]
            filler.missing.append(Refusal("board_part", "{number}: {reason}", number=number, reason=fault))
    market_now, fixed = sources.operations.clock.market_now(), plan.instant
    board = Board(
        title=plan.title, subtitle=plan.subtitle, note=plan.note, alt=plan.alt, shape=plan.shape,
        language=plan.language, parts=tuple(parts), credits=_unique_credits(filler.origins),
        as_of=min(filler.newest or market_now, market_now) if fixed is None else fixed,
        simulated=sources.is_simulated,
        zone=plan.zone, is_fixed=fixed is not None, part_credits=tuple(part_credits),
    )  # fmt: skip
    return FilledBoard(board, tuple(filler.missing))


def _split_origins(origins: Sequence[Origin]) -> list[Origin]:
    """Return origins with venues that one names together apart, so that each has its own terms."""
    return [
        origin.model_copy(update={"source": name})
        for origin in origins
        for name in (origin.source.split(", ") if _VENUES.fullmatch(origin.source) else [origin.source])
    ]


def _unique_credits(origins: Sequence[Origin]) -> tuple[Credit, ...]:
    """Return each publisher once for each licence, with the series that are theirs."""
    series_by_place: dict[tuple[str, str], dict[str, None]] = {}
    for origin in origins:
        match = _SERIES.fullmatch(origin.source)
        place, series = (match[1], match[2]) if match else (origin.source, "")
        if place:
            series_by_place.setdefault((place, origin.licence), {}).update({series: None} if series else {})
    return tuple(
        Credit(place, licence, "non-commercial" in licence, ", ".join(sorted(names)))
        for (place, licence), names in sorted(series_by_place.items())
    )


def _chart_part(filler: BoardFiller, part: PartPlan) -> ChartPart:
    if part.of != "prices":
        return (series_chart if part.of == "series" else derivatives_chart)(filler, part)
    is_dated = part.span == "dates"
    result = filler.query_with_credits(
        "assets.compare", assets=part.assets, mode="absolute" if is_dated else part.mode,
        range="max" if is_dated else part.span, points=_ALL_POINTS if is_dated else POINTS,
        until="close" if is_dated else "now",
    )  # fmt: skip
    if not result.lines:
        raise NotFound("no_bars_yet", "no bars of {assets} yet", assets=part.assets)
    series = {item.name: list(item.values) for item in result.lines}
    if is_dated:
        start, end = part.window
        series = {
            name: [(ts, value) for ts, value in values if start <= ts <= end]
            for name, values in series.items()
        }
    if not any(series.values()):
        raise NotFound(
            "no_closes_between_dates", "no closes of {assets} between these dates", assets=part.assets
        )
    is_rebased = part.mode == "rebased"
    names = join_names(filler.plan.language, list(series))
    # Beside other charts there is no room for long names at the ends of lines; the title says them.
    if len(filler.plan.parts) > _MAX_PARTS_FOR_NAMES and filler.plan.shape != "column":
        symbols = {item.name: item.symbol for item in result.compared}
        series = {symbols.get(name, name): values for name, values in series.items()}
    lines = tuple(
        BoardLine(name, _changes_since_first(values) if is_rebased else tuple(values))
        for name, values in series.items()
    )
    news = None
    if part.news_marks:
        times = [ts for values in series.values() for ts, _ in values]
        assets = [item.asset for item in result.compared]
        # What was seen after the last price is of a later time than the board, unless that has a time of its own.
        last = max(times) if filler.plan.instant is None else filler.plan.instant
        news = read_news_marks(
            filler, assets, max(0, min(times)), (min(last, part.window[1]) if is_dated else last) + 1
        )
    span = SPANS[filler.plan.language][part.span]
    if is_dated:
        span = format_word(filler.plan.language, "from", start=part.start, end=part.end)
    return ChartPart(
        title=part.title or f"{names} {span}", unit=result.unit.upper(), rebased=is_rebased, lines=lines,
        annotations=tuple(Annotation(parse_time(item.at), item.text) for item in part.notes), news=news,
    )  # fmt: skip


def _changes_since_first(values: Sequence[tuple[int, float]]) -> tuple[tuple[int, float], ...]:
    """Return changes since the first value, parts of one."""
    first_value = values[0][1] if values else 0.0
    return tuple((ts, value / first_value - 1) for ts, value in values) if first_value else ()


def _table_part(filler: BoardFiller, part: PartPlan) -> TablePart:
    return _TABLE_FILLERS[part.table](filler, part)


def _comparison_table(filler: BoardFiller, part: PartPlan) -> TablePart:
    """The table twin of comparisons over a day, a week, a month: what their charts end with."""
    language = filler.plan.language
    results = [
        filler.query_with_credits(
            "assets.compare", assets=part.assets, range=span, points=POINTS, until="now"
        )
        for span in _COMPARED_SPANS
    ]
    rows_by_asset: dict[str, list[TableCell]] = {}
    names: dict[str, str] = {}
    symbols: dict[str, str] = {}
    for index, result in enumerate(results):
        for compared_asset in result.compared:
            row = rows_by_asset.setdefault(compared_asset.asset, [None, *(None for _ in _COMPARED_SPANS)])
            row[0] = compared_asset.last if row[0] is None else row[0]
            row[index + 1] = compared_asset.change
            names[compared_asset.asset] = compared_asset.name
            symbols[compared_asset.asset] = compared_asset.symbol
    if not rows_by_asset:
        raise NotFound("no_bars_yet", "no bars of {assets} yet", assets=part.assets)
    unit = results[0].unit.upper()
    return TablePart(
        title=part.title or format_word(language, "changes", names=join_names(language, list(names.values()))),
        columns=(
            BoardColumn(format_word(language, "asset")), BoardColumn(format_word(language, "price"), "money", unit),
            *(BoardColumn(format_word(language, span), "share") for span in _COMPARED_SPANS),
        ),
        rows=tuple((f"{names[asset]} ({symbols[asset]})", *cells) for asset, cells in rows_by_asset.items()),
    )  # fmt: skip


def _markets_table(filler: BoardFiller, part: PartPlan) -> TablePart:
    language = filler.plan.language
    result = filler.query_with_credits("markets.list", assets=part.assets.replace(" ", ""), limit=_ROWS)
    unit = _price_unit(result)
    return TablePart(
        title=part.title or format_word(language, "markets"),
        columns=(
            BoardColumn(format_word(language, "asset")), BoardColumn(format_word(language, "price"), "money", unit),
            BoardColumn(format_word(language, "24h"), "share"), BoardColumn(format_word(language, "1w"), "share"),
            BoardColumn(format_word(language, "1m"), "share"), BoardColumn(format_word(language, "cap"), "money", unit),
        ),
        rows=tuple(
            (row["name"], row["price_usd"], row["change_24h"], row["change_7d"], row["change_30d"], row["cap_usd"])
            for row in result.rows
        ),
    )  # fmt: skip


def _movers_table(filler: BoardFiller, part: PartPlan) -> TablePart:
    language = filler.plan.language
    result = filler.query_with_credits("markets.movers", span=_MARKET_SPANS[part.span], count=_ROWS // 2)
    rows = [row for row in result.rows if row["list"] in ("up", "down")]
    if not rows:
        raise NotFound("no_asset_above_minimum_liquidity", "no asset above the minimum liquidity moved")
    unit = _price_unit(result)
    return TablePart(
        title=part.title or format_word(language, "movers", span=SPANS[language][_market_span(part)]),
        columns=(
            BoardColumn(format_word(language, "list")), BoardColumn(format_word(language, "asset")),
            BoardColumn(format_word(language, "price"), "money", unit),
            BoardColumn(format_word(language, "change"), "share"),
            BoardColumn(format_word(language, "volume"), "money", unit),
        ),
        rows=tuple(
            (format_word(language, row["list"]), row["name"], row["price_usd"], row["change"], row["volume_24h_usd"])
            for row in rows
        ),
    )  # fmt: skip


def _price_unit(table: Any) -> str:
    """Return what prices of a table are in: dollars where no rate is known."""
    return next((str(column.unit) for column in table.columns if column.name == "price_usd"), "usd").upper()


def _market_span(part: PartPlan) -> str:
    """Return the span that the market's operations take in place of one they do not know."""
    return {"max": "1y", "dates": "24h"}.get(part.span, part.span)


def _words_part(filler: BoardFiller, part: PartPlan) -> WordsPart:
    language, period = filler.plan.language, _WORD_PERIODS.get(part.span, "1m")
    asset = part.assets.split(",")[0].strip()
    result = filler.query_with_credits(
        "mood.words", period=period, asset=asset, source=part.source, language=language, limit=_WORDS
    )
    if not result.rows:
        raise NotFound("no_word_stands_out_period", "no word stands out in this period")
    by_count = sorted(result.rows, key=lambda row: -row["count"])
    return WordsPart(
        title=part.title or format_word(language, "words", span=SPANS[language][period]),
        words=tuple(WeightedWord(row["word"], int(row["count"])) for row in by_count),
    )


def _heat_part(filler: BoardFiller, part: PartPlan) -> HeatPart:
    language = filler.plan.language
    if part.heat == "correlation":
        result = filler.query_with_credits("markets.correlation", assets=part.assets.replace(" ", ""))
        if len(result.names) < 2:
            raise NotFound(
                "correlations_need_bars_least_two", "correlations need bars of at least two assets"
            )
        return HeatPart(
            title=part.title or format_word(language, "correlation"),
            names=tuple(result.symbols),
            matrix=_correlation_matrix(result.names, result.rows),
        )
    result = filler.query_with_credits("markets.heatmap", span=_MARKET_SPANS[part.span], limit=_CELLS)
    if not result.rows:
        raise NotFound("no_asset_price", "no asset has a price")
    return HeatPart(
        title=part.title or format_word(language, "heat", span=SPANS[language][_market_span(part)]),
        cells=tuple(HeatCell(row["symbol"], row["weight_usd"], row["change"]) for row in result.rows),
    )


def _correlation_matrix(
    names: Sequence[str], rows: Sequence[dict[str, Any]]
) -> tuple[tuple[float | None, ...], ...]:
    pairs = {frozenset((row["first"], row["second"])): row["correlation"] for row in rows}
    return tuple(
        tuple(1.0 if first == second else pairs.get(frozenset((first, second))) for second in names)
        for first in names
    )


def _quote_part(filler: BoardFiller, part: PartPlan) -> QuotePart:
    result = filler.query_with_credits("news.item", item=part.item)
    row = result.row
    fixed = filler.plan.instant
    if fixed is not None and any(revision.ts_seen > fixed for revision in result.revisions):
        raise NotFound(
            "news_item_not_known_form",
            "the news item {item!r} was not known in this form at the time of this board",
            item=part.item,
        )
    if row["is_withdrawn"]:
        raise NotFound(
            "news_item_withdrawn_source", "the news item {item!r} was withdrawn by its source", item=part.item
        )
    at = row["ts_published"] or row["ts_first_seen"]
    # Where its source may be read here says nothing of the right to print it: the licence goes with it.
    filler.origins.append(Origin(source=row["publisher"], licence=result.licence, ts_event=at))
    filler.newest = max(filler.newest, at)
    return QuotePart(
        title=part.title or row["title"], text=part.text or row["quote"], publisher=row["publisher"],
        link=row["url"], at=at,
    )  # fmt: skip


_TABLE_FILLERS: Final[dict[str, Callable[[BoardFiller, PartPlan], TablePart]]] = {
    "compared": _comparison_table, "markets": _markets_table, "movers": _movers_table,
    "odds": lambda to, part: odds_table(to.query_with_credits("models.odds", assets=part.assets), to.plan, part),
}  # fmt: skip
_PART_FILLERS: Final[dict[str, Callable[[BoardFiller, PartPlan], BoardPart]]] = {
    "chart": _chart_part, "table": _table_part, "words": _words_part, "heat": _heat_part, "quote": _quote_part,
}  # fmt: skip
