"""What the store of first sightings promises, on both databases: nothing in it is ever changed."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.databases import wipe
from vigie.adapters.stores.sql.first_sightings import SqlFirstSightings
from vigie.domain.first_sighting import FirstSighting, PressReport

NOW = 1_760_000_000_000
SPANS = {"coin": 100, "pool": 10}


@pytest.fixture
def sights(database, clock):
    return SqlFirstSightings(database, clock)


def sight(id_="novum", at=NOW, **more):
    fields = {"kind": "coin", "name": id_.title(), "symbol": id_.upper(), "token": id_}
    return FirstSighting(id=id_, ts_seen=at, **{**fields, **more})


def report(at, newcomer="novum", known=None, **more):
    return PressReport(
        newcomer,
        f"item-{at}",
        "post",
        "The Post",
        f"https://post.example/{at}",
        "Title",
        at,
        known or at,
        **more,
    )


def test_an_empty_store_has_nothing(sights):
    assert sights.get(["novum"]) == sights.first_reports(["novum"]) == {}
    assert sights.since("coin", 0) == sights.namesakes([], SPANS) == []


def test_a_sighting_comes_back_and_a_later_one_changes_nothing(sights):
    first = sight(ts_created=NOW - 5, is_from_before=True, is_generated=True)
    assert sights.put([first]) == 1
    assert sights.put([sight(at=NOW - 1), replace(first, name="Other")]) == 0
    assert sights.get(["novum", "nobody"]) == {"novum": first}


def test_sightings_are_listed_by_kind_from_a_time_on_and_by_shared_names(sights):
    pool = sight("eth_0x1", NOW + 1, kind="pool", name="NOVUM / USDC", symbol="NOVUM", token="eth_0xa")
    twin = sight("novum-2", NOW + 2, name="Novum", symbol="NVM")
    other = sight("alter", NOW + 3)
    sights.put([other, twin, pool, sight()])
    assert sights.since("coin", NOW + 1) == [twin, other]
    assert sights.since("pool", NOW) == [pool]
    assert sights.namesakes([sight()], SPANS) == [sight(), twin]
    assert sights.namesakes([pool], SPANS) == [sight(), pool]


def test_only_namesakes_of_its_time_come_along(sights):
    def pool(at):
        return sight(
            f"eth_{at}", NOW + at, kind="pool", name="NOVUM / USDC", symbol="NOVUM", token=f"eth_0x{at}"
        )

    coins = [sight(f"novum{at}", NOW + at, name="Novum", symbol=f"N{at}") for at in (-101, -100, 0, 100, 101)]
    pools = [pool(at) for at in (-11, -10, 1, 10, 11)]
    tickers = [sight(f"other{at}", NOW + at, symbol="NOVUM") for at in (-100, 102)]
    sights.put([*coins, *pools, *tickers])
    assert set(sights.namesakes([coins[2]], SPANS)) == set(coins[1:4])
    assert set(sights.namesakes([pool(0)], SPANS)) == {pool(0), *pools[1:4], tickers[0]}
    # The ticker of the other coin was first seen a moment too early for this one.
    assert set(sights.namesakes([pools[2], coins[2]], SPANS)) == {*pools[2:], *coins[1:4]}


def test_the_earliest_report_that_was_known_by_a_time_is_the_first(sights):
    # The second outlet wrote before the first one, and was read here later.
    late, early = report(NOW + 100, known=NOW + 110), report(NOW + 50, known=NOW + 200, is_day_only=True)
    assert sights.put([sight()], [late]) == 2
    assert sights.put([], [early]) == 1
    assert sights.first_reports(["novum"]) == {"novum": early}
    assert sights.first_reports(["novum"], as_of=NOW + 199) == {"novum": late}
    assert sights.first_reports(["novum"], as_of=NOW + 109) == {}


def test_a_report_that_is_not_earlier_is_not_stored(sights):
    assert sights.put([], [report(NOW), report(NOW), report(NOW + 1)]) == 1
    assert sights.put([], [report(NOW, known=NOW - 9), report(NOW, "alter")]) == 1


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(batches=st.lists(st.lists(st.integers(0, 30), max_size=4), max_size=5))
def test_in_any_order_the_earliest_report_wins_and_past_answers_stay(sights, database, batches):
    wipe(database)
    known, answers = NOW, []
    sights.put([sight()])
    every: list[int] = []
    for batch in batches:
        known += 1_000
        sights.put([sight(at=known)], [report(NOW + at, known=known) for at in batch])
        every += batch
        now = sights.first_reports(["novum"], as_of=known)
        assert [one.ts_reported for one in now.values()] == [NOW + at for at in sorted(every)[:1]]
        answers.append((known, now))
    assert sights.get(["novum"])["novum"].ts_seen == NOW
    for at, answer in answers:
        assert sights.first_reports(["novum"], as_of=at) == answer
