"""The record of an account's setups: what it says, and that whatever is altered in it is told."""

from __future__ import annotations

import re
from dataclasses import replace
from types import SimpleNamespace

import pytest
from sqlalchemy import text

from tests import houses
from tests.houses import Browser, person
from tests.traded import DAYS, house_of
from tests.unit.services.trading.material import BEGUN, planned
from vigie.domain.setup import SetupScope, seal_of
from vigie.domain.time import DAY_MS
from vigie.ports.setup_notices import SetupNotice
from vigie.services.needs import bound, provide
from vigie.services.operation_calls import run_operation
from vigie.services.people.accounts.account_removal import PersonalRecords, delete_account
from vigie.services.setups import verifying
from vigie.services.setups.following import SetupFollower
from vigie.services.setups.verifying import body_text, verify_record
from vigie.services.trading.account_plans.trading_stores import TradingStores
from vigie.services.trading.process.trading import begin_run

OWNER = person("owner")


@pytest.fixture(scope="module")
def house(traded_home, tmp_path_factory):
    built, _ = house_of(traded_home, tmp_path_factory.mktemp("verifying") / "home", BEGUN + DAYS * DAY_MS)
    SetupFollower(provide(built, TradingStores), built.setups).follow_once()
    return built


class Altered:
    """The kept changes, one of them otherwise."""

    def __init__(self, setups, alter):
        self.lives, self.reached, self.newest = setups.lives, setups.reached, setups.newest
        self.setups, self.alter = setups, alter

    def changes(self, scope):
        return self.alter(list(self.setups.changes(scope)))

    def of(self, setup, accounts):
        kept = [change for change in self.changes(verifying.SetupScope(accounts[0])) if change.setup == setup]
        return [change for change in kept if not change.is_replayed]


def verify(house, alter=lambda changes: changes, **anchors):
    stores = provide(house, TradingStores)
    return verify_record(
        house.audit, Altered(house.setups, alter), stores, ["main"], anchors.get("anchors", {})
    )


def with_r(change, r):
    altered = replace(change, body={**change.body, "r": r})
    return replace(altered, seal=seal_of(change.salt, change.seal_before, body_text(altered)))


def better(changes):
    """Return the changes with one loss told smaller, and sealed anew as if nothing was."""
    place = next(n for n, change in enumerate(changes) if (change.body["r"] or 0.0) < 0.0)
    changes[place] = with_r(changes[place], -0.01)
    return changes


def test_what_is_kept_verifies(house):
    found = verify(house)
    assert found.difference == ""
    assert found.records == house.audit.newest()
    assert (found.sealed, found.unsealed) == (found.made_anew, 0)
    assert found.sealed > 20
    assert found.cells > 4


def test_a_loss_told_smaller_a_change_left_out_and_one_cut_off_are_told(house):
    assert "does not hold the seal" in verify(house, better).difference
    assert "a change is missing" in verify(house, lambda changes: [*changes[:5], *changes[6:]]).difference
    assert "is gone" in verify(house, lambda changes: changes[:-1]).difference


@pytest.mark.parametrize("altered", [{"run": "x"}, {"ts_written": 1}])
def test_another_run_or_time_than_the_chain_tells_is_told(house, altered):
    def alter(changes):
        return [replace(changes[0], **altered), *changes[1:]]

    assert "another run or time" in verify(house, alter).difference


def test_another_chain_than_the_one_a_mail_came_from_is_told(house):
    last = house.setups.changes(verifying.SetupScope("main"))[-1]
    (record,) = house.audit.after(last.sealed_at - 1, limit=1)
    assert verify(house, anchors={record.seq: record.hash}).difference == ""
    assert "another head" in verify(house, anchors={record.seq: "0" * 64}).difference


@pytest.fixture
def cut(house, tmp_path):
    """Give the copied home of somebody who cut off the last loser and all after it, texts and memory, too."""
    copy = houses.copied(house.home, tmp_path / "cut", clock=house.clock)
    changes = copy.setups.changes(verifying.SetupScope("main"))
    place = max(n for n, change in enumerate(changes) if (change.body["r"] or 0.0) < 0.0)
    (loser,) = copy.audit.after(changes[place].sealed_at - 1, limit=1)
    with copy.trades.database.writing(durable=True) as connection:
        for table in ("setup_reach", "setup_lives"):
            connection.execute(text(f"delete from {table}"))
        connection.execute(text("delete from setup_changes where number >= :n"), {"n": changes[place].number})
        for change in changes[place:]:
            connection.execute(text("delete from audit_texts where seq = :n"), {"n": change.sealed_at - 1})
    return copy, {loser.seq: loser.hash}


def verify_cut(copy, anchors):
    return verify_record(copy.audit, copy.setups, provide(copy, TradingStores), ["main"], anchors).difference


def test_a_loser_whose_texts_and_memory_went_too_is_told(cut):
    copy, anchors = cut
    assert "is missing" in verify_cut(copy, anchors)
    # Nobody asks that Vigie itself be forgotten: such a record excuses nothing.
    copy.audit.append("audit.forget", actor="vigie", subject="vigie", text={"texts": 9})
    assert "is missing" in verify_cut(copy, anchors)
    assert copy.audit.forget("vigie") == 0


def test_a_seal_of_which_nothing_says_whose_it_is_is_told(cut, monkeypatch):
    copy, anchors = cut
    monkeypatch.setattr(type(copy.audit), "verify", lambda audit: audit.newest())
    assert "nothing says whose" in verify_cut(copy, anchors)
    # Where the seals are silent, too, the logs tell: changes are kept, and nothing of how far they were followed.
    nothing = verifying._ChainSeals({}, 0, "")
    monkeypatch.setattr(verifying, "_seals", lambda audit, accounts, records, runs: nothing)
    monkeypatch.setattr(verifying, "_seal_differences", lambda seals, changes: iter(()))
    assert "the log gives another" in verify_cut(copy, anchors)


def test_seals_of_accounts_that_are_gone_are_counted(house):
    found = verify_record(house.audit, house.setups, provide(house, TradingStores), [], {})
    assert (found.difference, found.sealed) == ("", 0)
    assert found.foreign > 20


def test_who_takes_the_name_of_a_deleted_persons_account_has_a_record_that_verifies(house, tmp_path):
    copy = houses.copied(house.home, tmp_path / "taken", clock=house.clock)
    records = provide(copy, PersonalRecords)
    sealed = len([change for change in copy.setups.changes(SetupScope("main")) if change.seal])
    delete_account(records, OWNER, SimpleNamespace(id="owner", name="owner", role="admin"))
    bound(copy, begin_run)(planned(copy, tmp_path), "another")
    assert copy.trades.run("main").owner == "another"
    found = verify_record(copy.audit, copy.setups, provide(copy, TradingStores), ["main"], {})
    assert (found.difference, found.foreign) == ("", sealed)


def test_a_deleted_person_excuses_no_change_of_a_run_that_is_there(house, tmp_path):
    copy = houses.copied(house.home, tmp_path / "gone", clock=house.clock)
    copy.audit.append("account.delete", actor="u9", subject="u9", text={"via": "session"})
    stores = provide(copy, TradingStores)
    assert verify_record(copy.audit, copy.setups, stores, ["main"], {}).difference == ""
    # Of a run that is there everything has to be there, whoever was deleted.
    last = copy.setups.changes(SetupScope("main"))[-1]
    with copy.trades.database.writing(durable=True) as connection:
        connection.execute(text("delete from setup_changes where number = :n"), {"n": last.number})
    assert "is gone" in verify_record(copy.audit, copy.setups, stores, ["main"], {}).difference


def test_rates_that_the_changes_do_not_give_are_told(house, monkeypatch):
    def flattered(ended):
        return [replace(cell, trades=cell.trades + 1) for cell in computed(ended)]

    computed = verifying.record_cells
    monkeypatch.setattr(verifying, "record_cells", flattered)
    assert "not what the changes give" in verify(house).difference


def test_the_record_counts_every_ended_setup_once(house):
    record = run_operation(house, OWNER, "setups.record", {})
    rows = run_operation(house, OWNER, "setups.list", {"state": "ended", "limit": 1_000}).rows
    (whole,) = [row for row in record.rows if row.grouping == "all"]
    assert whole.trades + whole.unconfirmed + whole.no_entry + whole.unkept == len(
        {row.setup for row in rows}
    )
    assert whole.unkept == 0
    for grouping in ("strategy", "instrument", "regime", "horizon"):
        assert sum(row.trades for row in record.rows if row.grouping == grouping) == whole.trades
    assert [row.mean_r for row in record.rows if row.trades < 30] == [
        None for row in record.rows if row.trades < 30
    ]
    assert (record.unsealed, record.anchored_to) == (0, 0)
    only = run_operation(house, OWNER, "setups.record", {"by": "strategy"}).rows
    assert {row.grouping for row in only} == {"strategy"}


@pytest.fixture
def noticed(house, tmp_path):
    """Give a copied home whose newest ended trade was told of, and the one before it held back."""
    copy = houses.copied(house.home, tmp_path / "noticed", clock=house.clock)
    rows = run_operation(copy, OWNER, "setups.list", {"state": "ended", "limit": 1_000}).rows
    life = {row.setup: copy.setups.of(row.setup, ["main"]) for row in rows}
    told, held = [one for one in life.values() if one[-1].body["r"] is not None][:2]
    for rank, (changes, why) in enumerate(((told, ""), (held, "below")), start=1):
        change = next(one for one in changes if one.state == "confirmed")
        notice = SetupNotice(
            "main", change.setup, "confirmed", change.slot, change.side, change.number, change.ts_known, BEGUN,
            0.25 / rank, 0.5, 0.2, rank, 2, why, ts_first=0 if why else BEGUN, ts_last=0 if why else BEGUN,
        )  # fmt: skip
        copy.setup_notices.keep(notice, ["main"], [], 5)
    return copy, told[-1], held[-1]


def test_what_was_held_back_is_listed_with_threshold_and_rank_and_scored(noticed):
    copy, told, held = noticed
    (row,) = run_operation(copy, OWNER, "setups.notices", {"held": "yes"}).rows
    assert (row.setup, row.held, row.threshold, row.rank, row.of) == (held.setup, "below", 0.2, 2, 2)
    assert (row.expected_r, row.r) == (0.125, held.body["r"])
    (row,) = run_operation(copy, OWNER, "setups.notices", {"held": "no"}).rows
    assert (row.setup, row.held, row.r) == (told.setup, "", told.body["r"])


def test_the_record_tells_what_was_held_back_and_counts_it(noticed, house):
    copy, *_ = noticed
    cells = run_operation(copy, OWNER, "setups.record", {"by": "notice"}).rows
    assert [(row.value, row.trades, row.mean_r) for row in cells] == [("held", 1, None), ("told", 1, None)]
    whole, before = (run_operation(one, OWNER, "setups.record", {"by": "all"}).rows for one in (copy, house))
    assert whole == before, "what nobody was told of counts like what was"
    assert run_operation(house, OWNER, "setups.record", {"by": "notice"}).rows == []
    found = verify_record(copy.audit, copy.setups, provide(copy, TradingStores), ["main"], {})
    assert found.difference == ""


def test_the_page_shows_what_was_held_back(noticed):
    copy, _, held = noticed
    for language, why, names in (
        ("en", "below the threshold", ("Alerts: all sent", "Alerts: none sent")),
        (
            "fr",
            "sous le seuil",
            ("Alertes\N{NO-BREAK SPACE}: toutes envoyées", "Alertes\N{NO-BREAK SPACE}: aucune envoyée"),
        ),
    ):
        page = Browser(copy, language=language).get("/signals").text
        table = page.partition('id="held-table"')[2].partition("</table>")[0]
        assert f"/setup/{held.setup}?account=main" in table
        cells = [
            re.sub(r"<[^>]*>|\s+", " ", cell).strip() for cell in re.findall(r"<td.*?</td>", table, re.DOTALL)
        ]
        assert why in cells
        assert "2 / 2" in cells
        decimal = "," if language == "fr" else "."
        assert f"0{decimal}20" in " ".join(cells)
        record = " ".join(re.sub(r"<[^>]*>", "", page.partition('id="record"')[2]).split())
        assert [name for name in names if " ".join(name.split()) not in record] == []


def test_nobody_elses_record_is_told(house):
    stranger = person("u2")
    assert run_operation(house, stranger, "setups.record", {}).rows == []
    assert run_operation(house, stranger, "setups.notices", {}).rows == []
