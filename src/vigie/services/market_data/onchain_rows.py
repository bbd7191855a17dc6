"""The rows of tables on on-chain figures."""

from __future__ import annotations

from vigie.services.rows import Row, shown


class OnchainCardRow(Row):
    """One metric at a glance."""

    series: str = shown("Series", definition="Its id, or its formula.")
    title: str = shown("Metric")
    value: float | None = shown("Value", definition="In the unit of its row.")
    unit: str = shown("Unit")
    change_7d: float | None = shown("7 d", unit="change", definition="Change since the week before.")
    definition: str = shown("Definition")
    formula: str = shown("Formula")
    source: str = shown("Source")
    delay: str = shown("Delay", definition="How late the source usually delivers.")
    licence: str = shown("Licence")
    is_non_commercial: bool = shown(
        "Non-commercial", definition="Whether only non-commercial use is allowed."
    )
    ts_event: int | None = shown("Time", unit="ms", definition="Time the value refers to.")
    ts_known: int | None = shown("Known", unit="ms", definition="When Vigie received it.")
    is_stale: bool = shown("Stale", definition="Whether the value is stale.")


class OnchainSeriesRow(Row):
    """One on-chain series of the catalogue."""

    series: str = shown("Series", definition="Its id.")
    title: str = shown("Metric")
    subject: str = shown("Scope")
    unit: str = shown("Unit")
    definition: str = shown("Definition")
    formula: str = shown("Formula")
    source: str = shown("Source")
    delay: str = shown("Delay", definition="How late the source usually delivers.")
    licence: str = shown("Licence")
    value: float = shown("Value", definition="In the unit of its row.")
    ts_event: int = shown("Time", unit="ms", definition="Time the value refers to.")
