"""`vigie setups replay` as a person meets it."""

from __future__ import annotations

import hashlib
import json
import re
from pathlib import Path

import pytest

from tests.traded import DAYS, house_of
from tests.unit.services.backtest_material import Vigie, command_line, store_bars
from tests.unit.services.strategy_material import with_answer
from tests.unit.services.trading.material import BEGUN
from vigie.domain.setup import SetupCause, SetupState
from vigie.domain.time import DAY_MS
from vigie.services.alerting import mails
from vigie.services.needs import provide
from vigie.services.setups import folding, following
from vigie.services.setups.following import SetupFollower
from vigie.services.trading.account_plans.trading_stores import TradingStores
from vigie.views.cli.setup_tables import CAUSES, STATES

SEER = """
later = np.append(bars.close[1:], 0.0)
return Criteria(long=(is_above("Later", later, bars.close),), short=())"""
ASKED = (
    "setups",
    "replay",
    "--symbols",
    "BTC,ETH",
    "--strategy",
    "ema_cross,donchian_breakout",
    "--tick",
    "0.01",
)


@pytest.fixture
def vigie(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Vigie:
    return command_line(monkeypatch, capsys)


@pytest.fixture
def stored(home: Path) -> Path:
    store_bars(home)
    return home


def test_each_change_is_a_row_and_the_counts_stand_below(vigie: Vigie, stored):
    said = vigie(*ASKED)
    assert said.code == 0, said.err
    record = json.loads(vigie(*ASKED, "--json").out)["changes"]
    rows = [line for line in said.out.splitlines() if "-usdt-perp/" in line]
    assert len(rows) == len(record) > 20
    assert said.out.splitlines()[-1].startswith("4 slots, ")
    for state, name in STATES.items():
        count = sum(change["state"] == state for change in record)
        assert count == 0 or f"{count} {name}" in said.out.splitlines()[-1]


def test_changes_come_by_time_with_all_that_was_judged(vigie: Vigie, stored):
    first, again = (vigie(*ASKED, "--json").out for _ in range(2))
    assert first == again
    changes = json.loads(first)["changes"]
    assert [one["ts_known"] for one in changes] == sorted(one["ts_known"] for one in changes)
    confirmed = next(one for one in changes if one["state"] == "confirmed")
    assert confirmed["horizon_bars"] >= 1
    assert confirmed["nearness"] == 1.0
    assert {"name", "value", "threshold", "weight", "holds", "required", "nearness", "sense"} == set(
        confirmed["criteria"][0]
    )
    assert len(confirmed["bars"]) == 64
    assert re.fullmatch("2:[0-9a-f]{64}", confirmed["strategy"])


def test_a_strategy_that_looks_ahead_ends_with_1_and_the_others_are_shown(vigie: Vigie, stored: Path):
    with_answer(stored / "strategies", SEER, "seer")
    said = vigie("setups", "replay", "--symbols", "BTC", "--strategy", "seer,ema_cross", "--tick", "0.01")
    assert said.code == 1
    assert "btc-usdt-perp/4h/ema_cross" in said.out
    assert "btc-usdt-perp/1h/seer: strategy seer looks ahead or repaints: 'Later' at" in said.err


def test_every_state_and_cause_has_words():
    assert set(STATES) == set(SetupState.__args__)
    assert set(CAUSES) == set(SetupCause.__args__)


@pytest.fixture
def followed(traded_home, tmp_path, monkeypatch):
    """Give the home of an account whose setups were followed, as the one the commands work in."""
    built, _ = house_of(traded_home, tmp_path / "home", BEGUN + DAYS * DAY_MS)
    SetupFollower(provide(built, TradingStores), built.setups).follow_once()
    monkeypatch.setenv("VIGIE_HOME", str(tmp_path / "home"))
    return built


def test_setups_of_accounts_are_listed_shown_and_checked(vigie: Vigie, followed):
    told = vigie("setups", "list", "--state", "ended", "--limit", "5")
    assert told.code == 0, told.err
    rows = json.loads(vigie("setups", "list", "--state", "ended", "--limit", "5", "--json").out)["rows"]
    assert [row["setup"] in told.out for row in rows] == [True] * 5
    # In a pipe a row is one line, and nothing of it is cut.
    assert all(
        any(row["setup"] in line and row["slot"] in line for line in told.out.splitlines()) for row in rows
    )
    assert "…" not in told.out
    assert "5 of " in told.out
    shown = vigie("setups", "show", rows[0]["setup"])
    assert shown.code == 0, shown.err
    assert rows[0]["slot"] in shown.out
    assert "what its entry was in money at its decision is not kept" in shown.out
    assert STATES[rows[0]["state"]] in shown.out
    checked = vigie("setups", "check", "--account", "main")
    assert checked.code == 0, checked.err
    assert "all as they were kept" in checked.out


def test_a_setup_that_was_altered_is_found_by_the_check(vigie: Vigie, followed):
    with followed.setups.database.writing() as connection:
        connection.exec_driver_sql(
            "UPDATE setup_changes SET body = replace(body, 'decided', 'near') WHERE 1 = 1"
        )
    checked = vigie("setups", "check", "--account", "main")
    assert checked.code == 1
    assert "gives another change" in checked.err


@pytest.mark.parametrize("account", ["", "nobody", "x" * 9_000])
def test_an_account_that_is_not_there_is_told_with_those_that_are(vigie: Vigie, followed, account):
    said = vigie("setups", "check", "--account", account)
    assert said.code == 2
    assert "has no run to check (there are: main)" in said.err
    assert len(said.err) < 300


def test_the_record_is_written_for_others(vigie: Vigie, followed, tmp_path):
    said = vigie("alerts", "publish", str(tmp_path / "record"), "--language", "fr")
    assert said.code == 0, said.err
    assert {path.name for path in (tmp_path / "record").iterdir()} == {"index.html", "record.zip"}
    assert "Registre des setups" in (tmp_path / "record" / "index.html").read_text("utf-8")
    digest = hashlib.sha256((tmp_path / "record" / "record.zip").read_bytes()).hexdigest()
    assert digest in said.out


def test_a_record_that_cannot_be_written_is_told_in_a_sentence_and_half_of_none_is(
    vigie: Vigie, followed, tmp_path
):
    (tmp_path / "file").write_text("mine")
    said = vigie("alerts", "publish", str(tmp_path / "file"))
    assert (said.code, "file" in said.err, (tmp_path / "file").read_text()) == (1, True, "mine"), said.err
    assert "Traceback" not in said.err
    (tmp_path / "record" / "record.zip").mkdir(parents=True)
    said = vigie("alerts", "publish", str(tmp_path / "record"))
    assert (said.code, "Traceback" in said.err) == (1, False), said.err


def test_the_record_verifies_and_a_loss_told_smaller_ends_with_1(vigie: Vigie, followed):
    said = vigie("alerts", "verify")
    assert said.code == 0, said.err
    assert "no difference" in said.out
    assert "no outside anchor" in said.out
    assert " changes sealed\n" in said.out
    last = followed.setups.last_number()
    sealed = followed.setups.numbered(last).sealed_at
    (record,) = followed.audit.after(sealed - 1, limit=1)
    assert "1 anchors agree" in vigie("alerts", "verify", "--anchor", f"{record.seq}:{record.hash}").out
    assert vigie("alerts", "verify", "--anchor", f"{record.seq}:{'0' * 64}").code == 1
    assert vigie("alerts", "verify", "--anchor", "x").code == 2
    # Two mails that do not agree: whichever comes last.
    both = ("--anchor", f"{record.seq}:{'0' * 64}", "--anchor", f"{record.seq}:{record.hash}")
    said = vigie("alerts", "verify", *both)
    assert (said.code, f"two anchors name record {record.seq}, with two heads" in said.err) == (1, True)
    beyond = vigie("alerts", "verify", "--anchor", f"{10**14}:{record.hash}")
    newest = followed.audit.newest()
    assert beyond.code == 1
    assert f"record {10**14} of an anchor is missing from the chain, which ends at {newest}" in beyond.err
    with followed.setups.database.writing() as connection:
        connection.exec_driver_sql("""UPDATE setup_changes SET body = replace(body, '"r":-', '"r":')""")
    said = vigie("alerts", "verify")
    assert said.code == 1
    assert "is not the one that was sealed" in said.err


@pytest.mark.parametrize(
    ("language", "words"),
    [("en", "could not be decided anew"), ("fr", "n’ont pas pu être décidés à nouveau")],
)
def test_changes_of_another_file_are_told_and_a_forged_outcome_among_them_ends_with_1(
    vigie: Vigie, followed, monkeypatch, language, words
):
    source = folding.strategy_source

    def todays(strategy):
        return "f" * 64 if strategy.path else source(strategy)

    monkeypatch.setattr(following, "strategy_source", todays)
    monkeypatch.setattr(folding, "strategy_source", todays)
    monkeypatch.setattr(mails, "language_of", lambda accounts, user: language)
    for said in (vigie("alerts", "verify"), vigie("setups", "check")):
        assert said.code == 0, said.err
        (sentence,) = (line for line in said.out.splitlines() if "ema_cross" in line)
        assert words in sentence
        assert "SHA-256" in sentence
    with followed.setups.database.writing() as connection:
        connection.exec_driver_sql("""UPDATE setup_changes SET body = replace(body, '"r":-', '"r":')""")
    said = vigie("setups", "check")
    assert (said.code, words in said.out) == (1, True)


def test_the_criteria_of_a_setup_are_those_of_its_decision_as_on_its_page(vigie: Vigie, followed):
    rows = json.loads(vigie("setups", "list", "--state", "played_out", "--json").out)["rows"]
    n_other = 0
    for row in rows[:12]:
        changes = json.loads(vigie("setups", "show", row["setup"], "--json").out)["changes"]
        deciding = next(change for change in changes if change["state"] == "confirmed")
        _, _, shown = vigie("setups", "show", row["setup"]).out.partition("criteria at the decision, ")
        met = [line.split()[-1] for line in shown.splitlines()[2:] if line.strip()]
        held = ["yes" if one["holds"] else "no" for one in deciding["criteria"]]
        assert met[: len(held)] == held
        n_other += held != ["yes" if one["holds"] else "no" for one in changes[-1]["criteria"]]
    assert n_other


def test_an_account_with_nothing_but_a_replayed_past_is_told_where_it_is(vigie: Vigie, followed):
    assert vigie("setups", "list", "--replayed").out.splitlines()[-1] == "no setups"
    assert "--replayed" not in vigie("setups", "list").out
    with followed.setups.database.writing() as connection:
        connection.exec_driver_sql("UPDATE setup_changes SET is_replayed = true WHERE 1 = 1")
    said = vigie("setups", "list").out.splitlines()[-1]
    assert said == "no live setups; those of a replayed past: vigie setups list --replayed"
    assert "-usdt-perp/" in vigie("setups", "list", "--replayed").out
