"""What a person asks a board to show; it is kept, and filled with numbers whenever the board is drawn."""

from __future__ import annotations

import re
from typing import Any, Final, Literal, Self
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import BaseModel, ConfigDict, Field, model_validator

from vigie.catalogue import NamedTexts
from vigie.domain.errors import UsageError
from vigie.domain.refusal import Refusal
from vigie.domain.time import DAY_MS, parse_time
from vigie.services.languages import Language
from vigie.services.studio.board import MOST_PARTS, Shape
from vigie.services.written_text import PARAGRAPHS

PartKind = Literal["chart", "table", "words", "heat", "quote"]
PartSpan = Literal["24h", "1w", "1m", "1y", "max", "dates"]
TableOf = Literal["compared", "markets", "movers", "odds"]
HeatOf = Literal["market", "correlation"]
ChartOf = Literal["prices", "series", "derivatives"]
Measure = Literal["funding", "open_interest", "basis", "long_short", "liquidations", "volatility"]
MOST_NOTES: Final = 5
LONGEST_QUOTE: Final = 400
_DAY: Final = "2026-01-31"
_WHOLE_DAY: Final = re.compile(r"\d{4}-\d{2}-\d{2}")
_ITEM: Final = re.compile(r"[0-9a-f]{20}")
PRESETS: Final = ("two_assets", "one_chart", "movers", "market", "words", "empty")
_TITLES: Final = NamedTexts(
    "board.preset",
    {
        "two_assets": "Bitcoin and Ethereum over 24 h, 1 week, 1 month",
        "one_chart": "Bitcoin over 1 year",
        "movers": "Biggest moves, 24 hours",
        "market": "Crypto market, 24 hours",
        "words": "Headline keywords",
        "empty": "",
    },
)
_PAIR: Final = "bitcoin,ethereum"
_PARTS: Final[dict[str, tuple[dict[str, str], ...]]] = {
    "two_assets": (
        {"kind": "chart", "assets": _PAIR, "span": "24h"},
        {"kind": "chart", "assets": _PAIR, "span": "1w"},
        {"kind": "chart", "assets": _PAIR, "span": "1m"},
        {"kind": "table", "assets": _PAIR, "table": "compared"},
    ),
    "one_chart": ({"kind": "chart", "assets": "bitcoin", "span": "1y", "mode": "absolute"},),
    "movers": ({"kind": "table", "table": "movers", "span": "24h"},),
    "market": ({"kind": "heat", "heat": "market", "span": "24h"},),
    "words": ({"kind": "words", "span": "1w"},),
    "empty": (),
}


class NotePlan(BaseModel):
    """Words at a date of a chart."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    at: str = Field(min_length=4, max_length=30, description="Day, or ISO 8601 time.")
    text: str = Field(min_length=1, max_length=80, pattern=PARAGRAPHS)


class PartPlan(BaseModel):
    """One part; what its kind does not need is left as it is."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    kind: PartKind
    title: str = Field("", max_length=160, pattern=PARAGRAPHS, description="If empty, Vigie writes one.")
    assets: str = Field("", max_length=700, description="Ids or tickers, comma-separated, at most eight.")
    span: PartSpan = Field("1m", description="How far back; `dates` for `start` and `end`.")
    start: str = Field("", max_length=30, description="Day, with `dates`.")
    end: str = Field("", max_length=30, description="Day, with `dates`.")
    mode: Literal["rebased", "absolute"] = Field("rebased", description="Of prices; others are as they are.")
    of: ChartOf = Field("prices", description="Of a chart: what its lines are.")
    series: str = Field(
        "",
        max_length=500,
        pattern=PARAGRAPHS,
        description="Of a chart of series: one formula as `onchain.formula`.",
    )
    measure: Measure = Field("funding", description="Of a chart of derivatives: of its first asset.")
    news_marks: bool = Field(
        False, description="Of a chart of prices: stories about its assets are marked when first seen."
    )
    table: TableOf = "compared"
    heat: HeatOf = "market"
    source: str = Field("", max_length=60, description="Of words: the id of one source.")
    item: str = Field("", max_length=20, description="Of a quote: id of an item of news.")
    text: str = Field(
        "", max_length=LONGEST_QUOTE, pattern=PARAGRAPHS, description="Of a quote: own summary; empty quotes."
    )
    notes: list[NotePlan] = Field(default_factory=list, max_length=MOST_NOTES)

    @model_validator(mode="after")
    def _check_part(self) -> Self:
        if self.kind == "chart" and self.of == "series" and not self.series.strip():
            raise ValueError(
                Refusal(
                    "chart_series_must_name",
                    "a chart of series must name one, such as market/bitcoin/cap_usd",
                )
            )
        if self.kind in ("chart", "table") and self.needs_assets and not self.assets.strip():
            raise ValueError(
                Refusal(
                    "must_name_assets",
                    "a {kind} must name its assets, such as bitcoin,ethereum",
                    kind=self.kind,
                )
            )
        if self.kind == "quote" and not _ITEM.fullmatch(self.item):
            raise ValueError(
                Refusal(
                    "quote_needs_news_item", "a quote needs its news item; use the link on the item's page"
                )
            )
        if self.kind == "chart" and self.span == "dates":
            start, end = self.window
            if end - start < DAY_MS:
                raise ValueError(Refusal("last_day_must_after_first", "the last day must be after the first"))
        for note in self.notes:
            _parse_bounded_time(note.at, Refusal("date_of_annotation", "the date of an annotation"))
        return self

    @property
    def needs_assets(self) -> bool:
        """Whether nothing can be shown without names of assets."""
        if self.kind == "chart":
            return self.of == "prices" or (self.of == "derivatives" and self.measure != "volatility")
        return self.table in ("compared", "odds")

    @property
    def window(self) -> tuple[int, int]:
        """The two dates in epoch ms; the last day counts whole."""
        first = _parse_bounded_time(self.start, Refusal("first_day", "the first day"))
        last = _parse_bounded_time(self.end, Refusal("last_day", "the last day"))
        return first, last + DAY_MS


class BoardPlan(BaseModel):
    """A board as it is asked for."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    title: str = Field("", max_length=200, pattern=PARAGRAPHS)
    subtitle: str = Field("", max_length=300, pattern=PARAGRAPHS)
    note: str = Field("", max_length=600, pattern=PARAGRAPHS, description="Stands under the parts.")
    alt: str = Field("", max_length=2_000, pattern=PARAGRAPHS, description="Empty: drafted from the numbers.")
    shape: Shape = "wide"
    language: Language = "en"
    zone: str = Field("UTC", max_length=60, pattern=r"^[A-Za-z0-9_+\-/]*$", description="IANA name.")
    currency: Literal["usd", "eur"] = "usd"
    as_of: str = Field("", max_length=30, description="Day or time: what was known then; empty: now.")
    parts: list[PartPlan] = Field(default_factory=list, max_length=MOST_PARTS)

    @model_validator(mode="after")
    def _check_zone(self) -> Self:
        try:
            ZoneInfo(self.zone)
        except (ZoneInfoNotFoundError, ValueError, OSError) as fault:
            raise ValueError(
                Refusal(
                    "zone_must_iana_name_such",
                    "zone must be an IANA name such as Europe/Paris, was {zone!r}",
                    zone=self.zone,
                )
            ) from fault
        _ = self.instant
        return self

    @property
    def instant(self) -> int | None:
        """The time whose knowledge the board shows, epoch ms; a day is its end. None for now."""
        if not self.as_of.strip():
            return None
        start_of_day = _parse_bounded_time(
            self.as_of.strip(), Refusal("time_of_board", "the time of a board")
        )
        return start_of_day + DAY_MS - 1 if _WHOLE_DAY.fullmatch(self.as_of.strip()) else start_of_day


def read_plan(values: Any) -> BoardPlan:
    """Return a plan from plain values as they are kept."""
    return BoardPlan.model_validate(values)


def _parse_bounded_time(text: str, subject: Refusal) -> int:
    try:
        ts = parse_time(text)
    except UsageError as fault:
        raise ValueError(
            Refusal(
                "not_a_day",
                "{subject} must be a day such as {day}, was {text!r}",
                subject=subject,
                day=_DAY,
                text=text,
            )
        ) from fault
    if not 0 <= ts <= 4_102_444_800_000:
        raise ValueError(
            Refusal(
                "must_between",
                "{subject} must be between 1970 and 2100, was {text!r}",
                subject=subject,
                text=text,
            )
        )
    return ts


def preset_titles(language: Language) -> dict[str, str]:
    """Return what each preset is called, in the order in which they are offered."""
    return {name: _TITLES[language][name] for name in PRESETS}


def preset_plan(name: str, *, language: Language, shape: Shape, zone: str, currency: str) -> BoardPlan:
    """Return the plan of a preset."""
    return BoardPlan.model_validate(
        {
            "title": _TITLES[language][name], "language": language, "shape": shape, "zone": zone,
            "currency": currency, "parts": list(_PARTS[name]),
        }
    )  # fmt: skip
