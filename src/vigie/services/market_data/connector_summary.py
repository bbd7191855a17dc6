"""How each connector does: the one truth that Today, Sources and Health show, with what people asked of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Literal

from vigie.ports.connectors import ConnectorDirectory
from vigie.ports.quotes import QuoteStore, SourceHealth

State = Literal["waiting", "live", "polled", "retried", "stale", "failing", "paused", "off", "unknown"]
PAUSED: Final = "paused"
# An attempt that fails and then works is a hiccup: what was delivered is fresh all the while.
MAX_RETRIED_ERRORS: Final = 2


@dataclass(frozen=True, slots=True)
class ConnectorSummary:
    """How one connector does.

    Attributes
    ----------
    source : str
        Its id, ``coingecko/markets``.
    state : State
        ``polled``: its stream is silent or cut, and it delivers by being asked instead; ``retried``: the last attempt
        failed, what it delivered before is fresh.
    is_down : bool
        Whether it does not deliver.
    requested : str
        What somebody asked of it: ``paused``, ``now``, or nothing.
    health : SourceHealth or None
        What the collector said of it; None where it never did.
    """

    source: str
    state: State
    is_down: bool
    requested: str
    health: SourceHealth | None


def connector_summaries(quotes: QuoteStore, directory: ConnectorDirectory) -> dict[str, ConnectorSummary]:
    """Return how every connector does that is known or was heard of, by id."""
    health = {entry.source: entry for entry in quotes.health()}
    requests = quotes.requests()
    names = sorted({note.id for note in directory.notes()} | health.keys())
    return {name: _summarize_connector(name, health.get(name), requests) for name in names}


def reported_connectors(
    quotes: QuoteStore, directory: ConnectorDirectory
) -> list[tuple[ConnectorSummary, SourceHealth]]:
    """Return those that the collector has spoken of, with what it said."""
    return [
        (summary, summary.health)
        for summary in connector_summaries(quotes, directory).values()
        if summary.health is not None
    ]


def _summarize_connector(
    name: str, health: SourceHealth | None, requests: Mapping[str, str]
) -> ConnectorSummary:
    requested = requests.get(name) or requests.get(name.partition("/")[0], "")
    state: State = "unknown" if health is None else health.state
    if health is not None and state == "live" and health.mode == "poll":
        state = "polled"
    # What was asked for counts at once; the collector follows within a second, if it runs.
    if requested == PAUSED and state != "off":
        state = "paused"
    if (
        health is not None
        and state == "failing"
        and health.errors <= MAX_RETRIED_ERRORS
        and health.ts_success is not None
    ):
        state = "retried"
    is_down = state in ("stale", "failing")
    return ConnectorSummary(name, state, is_down, requested, health)
