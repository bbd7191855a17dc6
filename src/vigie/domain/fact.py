"""Facts: numbers that were observed, when they happened and when they could first be read."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Observation:
    """One value of one series.

    Attributes
    ----------
    series : str
        ``sentiment/fear_greed``, ``market/bitcoin/cap_usd``, ``derivatives/bitget-perp:btc-usdt-perp/open_interest``:
        topic, subject where there is one, measure with its unit.
    ts_event, ts_known : int
        Epoch milliseconds; a later `ts_known` for the same `ts_event` is a revision.
    value : float
    """

    series: str
    ts_event: int
    ts_known: int
    value: float


@dataclass(frozen=True, slots=True)
class Measure:
    """What a kind of series is; the subject in its pattern is ``*``.

    Attributes
    ----------
    pattern : str
        ``market/*/cap_usd``.
    title, definition, formula : str
        For people, in English; pages translate them.
    unit : str
        ``usd``, ``fraction``, ``index``, ``count``, ``coins``, ``sat_vb``, ``hashes_s``.
    source : str
        Id of the source that delivers it.
    delay : str
        How late it usually is, in words.
    """

    pattern: str
    title: str
    unit: str
    source: str
    definition: str
    formula: str = ""
    delay: str = ""
