"""What the store of public registers promises, on both databases."""

from __future__ import annotations

from dataclasses import replace

from tests.databases import HandClock
from vigie.adapters.stores.sql.database import Database
from vigie.adapters.stores.sql.registers.store import SqlRegisters
from vigie.domain.register import RegisterEntry
from vigie.ports.registers import RegisterSnapshot, RegisterState

NOW = 1_760_000_000_000
DAY = 86_400_000


def row(key: str, **more: object) -> RegisterEntry:
    fields = {"lei": key, "name": f"Firm {key}", "status": str(more.pop("status", "licensed"))}
    values = {
        "name": f"Firm {key}",
        "lei": key,
        "country": "FR",
        "services": ("a", "b"),
        "countries": ("DE",),
    }
    return RegisterEntry("casps", key, **{**values, **more}, fields=fields)  # type: ignore[arg-type]


def test_a_register_keeps_its_rows_and_what_became_different(database: Database, clock: HandClock):
    registers = SqlRegisters(database, clock)
    first = [row("A"), row("B"), row("C", country="DE"), row("D")]
    assert registers.take(RegisterSnapshot("casps", NOW, first)) == ()
    assert registers.states() == [RegisterState("casps", 4, NOW, None)]
    assert registers.take(RegisterSnapshot("casps", NOW + DAY, first)) == ()

    ended = replace(row("B", status="ended"), ts_until=NOW)
    second = [first[0], ended, row("C", country="DE", status="moved"), row("E")]
    made = registers.take(RegisterSnapshot("casps", NOW + 2 * DAY, second, "doc"))
    assert [(one.kind, one.key) for one in made] == [
        ("ended", "B"), ("changed", "C"), ("added", "E"), ("removed", "D"),
    ]  # fmt: skip
    assert made[0].fields == (("status", "licensed", "ended"),)
    assert made[3].entry == first[3]
    assert registers.changes() == list(reversed(made)) == registers.changes("casps", after_ms=NOW + DAY)
    assert registers.changes(after_ms=NOW + 3 * DAY) == registers.changes("other") == []
    assert [one.key for one in registers.entries("casps")] == ["A", "B", "C", "E"]
    assert registers.entries(country="DE") == registers.entries(lei="C") == [second[2]]
    assert registers.states() == [RegisterState("casps", 4, NOW + 2 * DAY, NOW + 2 * DAY)]
    # Killed before its bookmark moved, it looks once more: nothing is told twice.
    assert registers.take(RegisterSnapshot("casps", NOW + 2 * DAY, second, "doc")) == ()


def test_a_look_that_is_read_once_more_is_known_from_now_on_and_takes_nothing_back(
    database: Database, clock: HandClock
):
    registers = SqlRegisters(database, clock)
    first = [row("A"), row("B")]
    registers.take(RegisterSnapshot("casps", NOW, first))
    # What was published is the same: only what is read from it became another.
    better = [replace(first[0], country="DE", ts_until=NOW), first[1]]
    again = RegisterSnapshot("casps", NOW + DAY, better, "doc", reread_of=NOW)
    (made,) = registers.take(again)
    assert (made.kind, made.ts_seen, made.fields) == (
        "ended", NOW + DAY, (("country", "FR", "DE"), ("ts_until", "", "2025-10-09")),
    )  # fmt: skip
    assert registers.states() == [RegisterState("casps", 2, NOW, NOW + DAY)], "nobody looked at it"
    assert registers.take(replace(again, ts_seen=NOW + 2 * DAY)) == ()
    assert registers.states() == [RegisterState("casps", 2, NOW, NOW + DAY)]
    # Looked at since: what is gone stays gone.
    registers.take(RegisterSnapshot("casps", NOW + 3 * DAY, better[:1]))
    assert registers.take(replace(again, ts_seen=NOW + 4 * DAY, entries=first)) == ()
    assert registers.entries("casps") == better[:1]
    # An ordinary look goes by what was published alone.
    assert registers.take(RegisterSnapshot("casps", NOW + 5 * DAY, first[:1])) == ()
