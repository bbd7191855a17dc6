"""What a person owns, as they or a file told it: events in batches that can be undone, with their corrections."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

BatchKind = Literal["form", "file", "account", "address", "correction", "transfer", "refusal"]


@dataclass(frozen=True, slots=True)
class HoldingRecord:
    """An event as a batch told it.

    Attributes
    ----------
    event : str
        Its id, one of its person.
    content : str
        What it says, as `holding_content` writes it; empty where a correction took it away.
    batch : str
        Id of the batch that brought it.
    """

    event: str
    content: str
    batch: str = ""


@dataclass(frozen=True, slots=True)
class HoldingBatch:
    """Events that came together.

    Attributes
    ----------
    id : str
        ``h`` and hexadecimal digits.
    kind : str
        How they came: ``form``, ``file``, ``account``, ``address``; ``correction`` of what came before; ``transfer``:
        what left and what arrived, joined; ``refusal``: two that are none.
    name : str
        Of the file, account or place; of a refusal both events.
    ts_added : int
        Epoch milliseconds on the wall.
    n_events : int
        How many it brought or changed.
    ts_undone : int or None
        When it was undone.
    """

    id: str
    kind: BatchKind
    name: str
    ts_added: int
    n_events: int
    ts_undone: int | None = None


@dataclass(frozen=True, slots=True)
class TransferPair:
    """What left and what arrived, and what both say from now on.

    Attributes
    ----------
    left, arrived : HoldingRecord
        As they are to be: a transfer, and its further fee or nothing.
    left_before, arrived_before : str
        What they say now, as the person saw it.
    """

    left: HoldingRecord
    arrived: HoldingRecord
    left_before: str
    arrived_before: str


@dataclass(frozen=True, slots=True)
class SortedRecords:
    """What given events are beside those that are kept.

    Attributes
    ----------
    new, known : sequence of HoldingRecord
        In the order given.
    conflicting : sequence of HoldingRecord
        With the id of a kept event, or of one before it, that says something else.
    """

    new: Sequence[HoldingRecord]
    known: Sequence[HoldingRecord]
    conflicting: Sequence[HoldingRecord]


def holding_content(event: Mapping[str, object]) -> str:
    """Return what an event says, without its id: equal events are equal texts.

    Parameters
    ----------
    event : mapping
        As the contract of holdings writes it: numbers as decimal texts.

    Returns
    -------
    str
        JSON with sorted names.
    """
    said = {name: value for name, value in event.items() if name != "id"}
    return json.dumps(said, sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def holding_event(record: HoldingRecord) -> dict[str, object]:
    """Return a kept event as the contract writes it, with its id.

    Parameters
    ----------
    record : HoldingRecord
        One with content.

    Returns
    -------
    dict of str to object
        Numbers as decimal texts.
    """
    said: dict[str, object] = json.loads(record.content)
    return {"id": record.event, **said}


def named_coins(event: Mapping[str, object]) -> set[str]:
    """Return the coins that an event names.

    Parameters
    ----------
    event : mapping
        As the contract of holdings writes it.

    Returns
    -------
    set of str
        Catalogue ids.
    """
    fee = event.get("fee")
    named = (
        event.get("asset"),
        event.get("to_asset"),
        fee.get("asset") if isinstance(fee, Mapping) else None,
    )
    return {coin for coin in named if isinstance(coin, str) and coin}


def refusal_name(left: str, arrived: str) -> str:
    """Return the name of the batch that keeps two events apart.

    Parameters
    ----------
    left, arrived : str
        Ids of what left and what arrived.

    Returns
    -------
    str
    """
    return f"{left} {arrived}"


def revisions_in_force(
    revisions: Sequence[tuple[HoldingRecord, BatchKind]],
) -> list[tuple[HoldingRecord, BatchKind]]:
    """Leave out corrections of what nothing brings any more; of a joined pair both or none are left out.

    Parameters
    ----------
    revisions : sequence of (HoldingRecord, str)
        Of batches that were not undone, in the order they came, each with the kind of its batch.

    Returns
    -------
    list of (HoldingRecord, str)
    """
    brought: set[str] = set()
    waiting: dict[str, HoldingRecord] = {}
    found: list[tuple[HoldingRecord, BatchKind]] = []
    for record, kind in revisions:
        if kind == "transfer":
            # A batch of transfers has two rows each: what left, then what arrived.
            left = waiting.pop(record.batch, None)
            if left is None:
                waiting[record.batch] = record
            elif {left.event, record.event} <= brought:
                found += [(left, kind), (record, kind)]
        elif kind != "correction":
            brought.add(record.event)
            found.append((record, kind))
        elif record.event in brought:
            found.append((record, kind))
    return found


def current_records(
    revisions: Sequence[tuple[HoldingRecord, BatchKind]],
) -> tuple[dict[str, HoldingRecord], dict[str, set[str]]]:
    """Tell what is in force after all revisions whose batch was not undone.

    Parameters
    ----------
    revisions : sequence of (HoldingRecord, str)
        In the order they came, each with the kind of its batch.

    Returns
    -------
    dict of str to HoldingRecord
        By event. A correction of an event that nothing brings any more is none.
    dict of str to set of str
        What each event of a batch ever said: the same file again changes nothing, also after a correction.
    """
    current: dict[str, HoldingRecord] = {}
    said: dict[str, set[str]] = {}
    for record, _ in revisions_in_force(revisions):
        said.setdefault(record.event, set()).add(record.content)
        if record.content:
            current[record.event] = record
        else:
            current.pop(record.event, None)
    return current, said


def sort_records(said: Mapping[str, set[str]], given: Sequence[HoldingRecord]) -> SortedRecords:
    """Tell which events are new: the same id with the same content is one event, with another it conflicts.

    Parameters
    ----------
    said : mapping of str to set of str
        As `current_records` returns it.
    given : sequence of HoldingRecord
        In the order of their file; the first of an id stays.

    Returns
    -------
    SortedRecords
    """
    new: dict[str, HoldingRecord] = {}
    known: list[HoldingRecord] = []
    conflicting: list[HoldingRecord] = []
    for record in given:
        before = said.get(record.event)
        if before is None and record.event not in new:
            new[record.event] = record
        elif record.content in (before or {new[record.event].content}):
            known.append(record)
        else:
            conflicting.append(record)
    return SortedRecords(list(new.values()), known, conflicting)
