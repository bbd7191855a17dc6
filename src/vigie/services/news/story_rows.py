"""The rows of tables on stories."""

from __future__ import annotations

from vigie.services.rows import Row, shown


class StorySpreadRow(Row):
    """One item of a story."""

    ts: int = shown("Time", unit="ms", definition="When published or, if unknown, first seen.")
    minutes: float = shown("Minutes later", unit="count", definition="Minutes after the first item.")
    publisher: str = shown("Publisher")
    tier: str = shown("Kind of source")
    language: str = shown("Language")
    publishers: int = shown(
        "Publishers",
        unit="count",
        definition="Publishers that had reported it in their own words by then. Those of one owner count once; "
        "forums and copies do not count.",
    )
    items: int = shown("News items", unit="count", definition="Total for the story at that time.")
    title: str = shown("Title")
    url: str = shown("Address")
    id: str = shown("Item")
    is_generated: bool = shown("Generated")
    became: str = shown(
        "Later status",
        definition="confirmed, disputed, corrected, withdrawn or flagged by later news; empty if unchanged.",
    )
    became_by: str = shown("Changed by")


class StoryPriceRow(Row):
    """The price of one asset around a story."""

    asset: str = shown("Asset")
    price: float | None = shown(
        "Price at publication", unit="usd", definition="When the first item was published.", source="venue"
    )
    before_1d: float | None = shown(
        "24 h before", unit="change", definition="Change from then until the first item.", source="venue"
    )
    before_1h: float | None = shown(
        "1 h before", unit="change", definition="Change from then until the first item.", source="venue"
    )
    after_1h: float | None = shown(
        "1 h after", unit="change", definition="Change since the first item.", source="venue"
    )
    after_1d: float | None = shown(
        "24 h after", unit="change", definition="Change since the first item.", source="venue"
    )
    place: str = shown("Instrument", definition="Where the price bars come from.")


class TopStoryRow(Row):
    """One of the stories most publishers tell."""

    story: str = shown("Story")
    title: str = shown("Title")
    language: str = shown("Language")
    publisher: str = shown("Publisher", definition="Publisher of the headline shown.")
    first_publisher: str = shown("Published first by")
    publishers: int = shown("Publishers", unit="count")
    items: int = shown("News items", unit="count")
    status: str = shown("Reliability")
    ts_first: int = shown("Start time", unit="ms")
    ts_last: int = shown("Latest", unit="ms")
    assets: str = shown("Assets")
    tiers: str = shown("Kinds of sources")
