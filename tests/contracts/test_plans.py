"""What the store of plans promises, on both databases: versions and marks are added, each with its audit record."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.unit.services.plans.material import plan_of
from vigie.adapters.stores.sql.audit import SqlAuditLog
from vigie.adapters.stores.sql.plans import SqlPlans
from vigie.domain.errors import Conflict

TS = 1_700_000_000_000
BTC = plan_of(
    "btc-usdt-perp", TS, stop=90.0, target=120.0, low=99.5, high=101.25, further_targets=(130.0, 140.0),
    limit_entries=(98.0,), leverage=None, note="é ' \" \u2028", setup="0123456789abcdef",
)  # fmt: skip


@pytest.fixture
def plans(database, clock):
    return SqlPlans(database, clock, SqlAuditLog(database, clock))


def test_an_empty_store_has_nothing(plans):
    assert plans.versions("owner") == plans.newest("owner") == plans.armed("main") == []
    assert plans.hand_over("owner", "u1") == plans.forget("owner") == 0


def test_a_plan_comes_back_as_it_was(plans):
    kept = plans.add(BTC, "owner")
    assert kept.plan == BTC
    assert plans.versions("owner", BTC.id) == plans.newest("owner") == [kept]
    assert plans.versions("owner", "p" + "0" * 16) == plans.versions("other", BTC.id) == []


def test_versions_are_added_and_one_wins(plans):
    first = plans.add(BTC, "owner")
    second = plans.add(replace(BTC, version=2, stop=91.0), "owner")
    with pytest.raises(Conflict, match="was changed meanwhile"):
        plans.add(replace(BTC, version=2, stop=92.0), "owner")
    assert plans.versions("owner", BTC.id) == [first, second]
    other = plans.add(replace(BTC, id="p" + "1" * 16), "owner")
    assert plans.newest("owner") == [other, second]
    assert first.digest != second.digest


def test_an_id_that_another_chose_too_is_each_ones_own(plans):
    hers, his = (
        plans.add(replace(BTC, owner="u1"), "u1"),
        plans.add(replace(BTC, owner="u2", account=""), "u2"),
    )
    plans.mark(hers.number, "armed", TS, "u1")
    changed = plans.add(replace(BTC, owner="u2", account="", version=2), "u2")
    assert plans.versions("u2", BTC.id) == [his, changed]
    assert [one.number for one in plans.versions("u1", BTC.id)] == [hers.number]
    with pytest.raises(Conflict, match="was changed meanwhile"):
        plans.add(replace(BTC, owner="u1", version=2), "u1")
    # Nor is his changed version one of hers.
    plans.mark(hers.number, "expired", TS + 1, "vigie")
    again = plans.add(replace(BTC, owner="u1", version=2), "u1")
    assert plans.mark(again.number, "armed", TS + 2, "u1").is_traded


def test_each_mark_stands_once_and_a_cancelled_plan_is_not_armed(plans):
    number = plans.add(BTC, "owner").number
    assert plans.mark(number, "armed", TS + 1, "owner").ts_armed == TS + 1
    with pytest.raises(Conflict, match="armed or cancelled already"):
        plans.mark(number, "armed", TS + 2, "owner")
    assert plans.mark(number, "entered", TS + 3, "vigie").marks == {"armed": TS + 1, "entered": TS + 3}
    assert [one.number for one in plans.armed("main")] == [number]
    other = plans.add(replace(BTC, id="p" + "1" * 16), "owner").number
    plans.mark(other, "cancelled", TS + 4, "owner")
    with pytest.raises(Conflict):
        plans.mark(other, "armed", TS + 5, "owner")
    with pytest.raises(Conflict):
        plans.mark(999, "armed", TS, "owner")
    assert [one.number for one in plans.armed("main")] == [number]


def test_of_two_that_arm_at_the_same_moment_one_wins(plans):
    first, second = (plans.add(replace(BTC, id="p" + sign * 16), "owner").number for sign in "12")
    elsewhere = plans.add(replace(BTC, id="p" + "3" * 16, instrument="eth-usdt-perp"), "owner").number
    plans.mark(first, "armed", TS, "owner")
    plans.mark(elsewhere, "armed", TS, "owner")
    with pytest.raises(Conflict, match="one at a time"):
        plans.mark(second, "armed", TS, "owner")
    plans.mark(first, "expired", TS + 1, "vigie")
    assert plans.mark(second, "armed", TS + 2, "owner").is_traded


def test_an_armed_version_is_the_newest(plans):
    first = plans.add(BTC, "owner").number
    second = plans.add(replace(BTC, version=2), "owner").number
    with pytest.raises(Conflict, match="was changed meanwhile"):
        plans.mark(first, "armed", TS, "owner")
    plans.mark(second, "armed", TS, "owner")
    with pytest.raises(Conflict, match="was changed meanwhile"):
        plans.add(replace(BTC, version=3), "owner")


def test_drafts_are_plans_that_may_still_be_armed(plans):
    first = plans.add(BTC, "owner")
    ids = [f"p{sign * 16}" for sign in "1234"]
    armed, cancelled, late, _hers = (
        plans.add(replace(BTC, id=name, until=until, owner=owner), "owner")
        for name, until, owner in zip(
            ids, (BTC.until, BTC.until, BTC.until + 1, BTC.until), ("owner",) * 3 + ("u1",), strict=True
        )
    )
    plans.mark(armed.number, "armed", TS, "owner")
    plans.mark(cancelled.number, "cancelled", TS, "owner")
    assert {one.number for one in plans.newest("owner")} == {
        first.number, armed.number, cancelled.number, late.number
    }  # fmt: skip
    # A close at the last moment is no later one: the plan is over then.
    assert [plans.draft_count("owner", BTC.until + more) for more in (-1, 0, 1)] == [2, 1, 0]
    assert plans.draft_count("u1", BTC.until - 1) == 1
    assert plans.draft_count("nobody", 0) == 0
    # The newest version counts, not one before.
    plans.mark(first.number, "cancelled", TS, "owner")
    plans.add(replace(BTC, version=2, until=BTC.until + 1), "owner")
    assert plans.draft_count("owner", BTC.until) == 2


def test_each_version_and_mark_has_one_audit_record_without_a_persons_words(plans, database, clock):
    kept = plans.add(BTC, "u1")
    plans.mark(kept.number, "armed", TS, "u1")
    made, armed = SqlAuditLog(database, clock).after(0)
    assert (made.kind, made.actor, made.subject) == ("plan.made", "u1", BTC.id)
    assert made.text == {"version": 1, "account": "main", "digest": kept.digest}
    assert (armed.kind, armed.text["digest"], armed.text["ts"]) == ("plan.armed", kept.digest, TS)


def test_plans_go_to_another_and_away(plans):
    kept = plans.add(BTC, "owner")
    plans.mark(kept.number, "armed", TS, "owner")
    assert plans.hand_over("owner", "u1") == 1
    assert plans.versions("owner") == []
    taken = plans.versions("u1")[0]
    assert (taken.plan.owner, taken.digest, taken.ts_armed) == ("u1", kept.digest, TS)
    assert plans.forget("u1") == 1
    assert plans.versions("u1") == plans.armed("main") == []
