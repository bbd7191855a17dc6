"""A paper account prepared on a page: the file that the command reads, what is said of it, refusals, roles."""

from __future__ import annotations

import html
import json
import os
import re
import shlex
from decimal import Decimal
from pathlib import Path

import pytest

from tests.clocks import StandingClock
from tests.houses import DAYS, START, Browser, house, market
from tests.refusals import refused
from vigie.config import resolve_paths
from vigie.domain.order import TradeRun
from vigie.domain.person import OWNER
from vigie.domain.quote import Quote
from vigie.domain.refusal import REFUSAL_LINE, to_stored
from vigie.domain.time import DAY_MS, MINUTE_MS, parse_time
from vigie.services.needs import bound
from vigie.services.operations.paper_accounts import MAX_STARTED
from vigie.services.people.accounts import account_removal, users
from vigie.services.running.process_tree import PARENT
from vigie.services.runs import request_builder
from vigie.services.trading.account_plans import paper_requests, planning

END = parse_time(START) + DAYS * DAY_MS
PLACE = "binance-perp:btc-usdt-perp"
FORM = {"name": "first", "place": PLACE, "strategy": "ema_cross", "timeframe": "4h", "capital": "2 500,50"}


@pytest.fixture
def built(tmp_path):
    made = house(tmp_path / "home", clock=StandingClock(END + MINUTE_MS))
    made.quotes.put([Quote("binance-perp", market().bars("BTC", "1h").instrument, END, END, 50_000.0)])
    return made


def test_the_file_is_the_one_that_the_command_trades(built):
    browser = Browser(built)
    assert PLACE in browser.get("/trading/paper").text
    told = browser.post("/trading/paper", FORM).text
    around, *command = shlex.split(
        html.unescape(re.findall(r"<code[^>]*>([^<]+ trade run [^<]+)</code>", told)[0])
    )
    # Another terminal would open the usual home.
    assert around == f"VIGIE_HOME={built.home}"
    assert command[:3] == ["vigie", "trade", "run"]
    assert command[4:] == ["--account", "first"]
    asked = request_builder.build_request(
        built.data, config=Path(command[3]), own_strategies=built.results.strategies
    )
    planning.check_request(asked)
    assert [str(one) for one in planning.series_of(asked)] == ["binance-perp:btc-usdt-perp/4h"]
    assert (asked.account.sizing.capital, asked.account.mode) == (2_500.5, "portfolio")
    # It is said to be begun by nobody yet, and is not.
    assert "Nothing trades yet" in told
    assert "no bars yet" not in told
    assert built.trades.accounts() == []


@pytest.mark.parametrize(
    ("more", "why"),
    [
        ({"name": "../x"}, "that starts with a letter: a-z, 0-9"),
        ({"place": "binance-spot:btc-usdt-spot"}, "perpetuals"),
        ({"place": "nowhere"}, "venue must look like"),
        ({"strategy": 'x"]'}, "there is no strategy"),
        ({"capital": "much"}, "capital"),
        ({"capital": "1"}, "must be at least 10, was"),
    ],
)
def test_what_cannot_be_traded_is_refused_beside_what_was_given(built, more, why):
    answer = Browser(built).post("/trading/paper", {**FORM, **more})
    assert (answer.status_code, why in html.unescape(answer.text)) == (400, True)
    assert 'name="capital"' in answer.text
    assert not (built.home / "accounts").exists()


def test_what_was_written_by_hand_is_not_written_over_and_what_a_page_wrote_is(built):
    browser = Browser(built)
    assert browser.post("/trading/paper", FORM).status_code == 200
    assert browser.post("/trading/paper", {**FORM, "timeframe": "1h"}).status_code == 200
    (file,) = (built.home / "accounts").rglob("first.toml")
    assert 'timeframe = "1h"' in file.read_text("utf-8")
    broken = browser.order(
        "trading.prepare_paper", **{**FORM, "capital": 50, "place": PLACE.replace(":", "\n:")}
    )
    assert broken.status_code == 200
    assert f'id = "{PLACE.partition(":")[0]}"' in file.read_text("utf-8")
    file.write_text(file.read_text("utf-8") + "[costs]\ntaker = 0.001\n", "utf-8")
    answer = browser.post("/trading/paper", FORM)
    assert (answer.status_code, "changed by hand" in answer.text) == (409, True)
    assert "[costs]" in file.read_text("utf-8")


def test_the_usual_home_needs_no_name(built, monkeypatch):
    usual = resolve_paths(built.home)
    monkeypatch.setattr("vigie.services.operations.paper_accounts.resolve_paths", lambda **_: usual)
    assert ">vigie trade run" in Browser(built).post("/trading/paper", FORM).text


def test_an_account_that_is_there_is_not_prepared_again(built):
    built.trades.begin(TradeRun("r", "first", OWNER.user, "binance-perp", "paper", "f", Decimal(1), END))
    answer = Browser(built).post("/trading/paper", FORM)
    assert (answer.status_code, "choose another name" in answer.text) == (409, True)
    assert 'value="2 500,50"' in answer.text


def test_who_may_not_trade_is_told_so_and_a_home_without_prices_too(built, tmp_path):
    shown = Browser(built, is_owner=False).get("/trading/paper").text
    assert "Only users with the right to trade can create an account." in shown
    assert 'action="/trading/paper"' not in shown
    assert Browser(built, is_owner=False).post("/trading/paper", FORM).status_code == 403
    empty = house(tmp_path / "empty", with_bars=False)
    assert (
        "Aucun perpétuel n’a encore de prix. <code>vigie up</code>"
        in Browser(empty, language="fr").get("/trading/paper").text
    )


def marks(built):
    return paper_requests.list_requested_parts(built.home)


@pytest.fixture
def within_a_tree(monkeypatch):
    monkeypatch.setenv(PARENT, str(os.getppid()))


def test_an_account_is_begun_and_ended_from_the_page(built, within_a_tree):
    browser = Browser(built)
    made = browser.post("/trading/paper", FORM).text
    assert 'action="/trading/paper/begin"' in made
    told = browser.post("/trading/paper/begin", {"name": "first"}).text
    assert "It starts within a minute, once its code is" in told
    (part,) = marks(built)
    (file,) = (built.home / "accounts").rglob("first.toml")
    # Whatever a hand writes into the file meanwhile, no page begins anything but paper.
    assert part.arguments == ("trade", "run", str(file), "--mode", "paper", "--account", "first")
    log = built.home / "logs" / f"{part.name}.log"
    log.parent.mkdir(exist_ok=True)
    log.write_text("fetching\nerror: <b>no bars</b>\n\n", "utf-8")
    assert "&lt;b&gt;no bars&lt;/b&gt;" in browser.get("/trading/paper").text
    late = refused("did_not_answer_time", url="venue.example")
    code = f"{REFUSAL_LINE}{json.dumps(to_stored(late))}"
    log.write_text(f"fetching\nerror: {late}\n{code}\n", "utf-8")
    french = Browser(built, language="fr").get("/trading/paper").text
    assert "venue.example n’a pas répondu à temps" in french
    assert "venue.example did not answer in time" in browser.get("/trading/paper").text
    for line in (code[:-9], *(f"{REFUSAL_LINE}{printed}" for printed in ("[1]", "5", "[" * 9_000, "{}"))):
        log.write_text(f"error: {late}\n{line}\n", "utf-8")
        assert "venue.example did not answer in time" in browser.get("/trading/paper").text
    log.write_text(f"error: {late}\n{code[:-9]}\n", "utf-8")
    assert "venue.example did not answer in time" in Browser(built, language="fr").get("/trading/paper").text
    assert (
        "The account is stopping. Its positions stay, and"
        in browser.post("/trading/paper/end", {"name": "first"}).text
    )
    assert marks(built) == []
    assert file.is_file()


def test_what_is_ended_while_the_tree_looks_is_not_wanted_and_ends_no_tree(built):
    browser = Browser(built)
    browser.post("/trading/paper", FORM)
    browser.post("/trading/paper", {**FORM, "name": "second"})
    first, second = sorted((built.home / "accounts").rglob("*.toml"))
    # Seen in the folder, and gone when it is read.
    paper_requests.request_file(first).symlink_to(first.with_name("gone"))
    paper_requests.request_file(second).touch()
    assert [part.arguments[-1] for part in marks(built)] == ["second"]


def test_what_is_not_begun_from_a_page_is_refused_with_the_reason(built, monkeypatch):
    browser = Browser(built)
    made = browser.post("/trading/paper", FORM).text
    assert "Your paper accounts" in made
    assert 'action="/trading/paper/begin"' not in made
    alone = browser.post("/trading/paper/begin", {"name": "first"})
    assert (alone.status_code, "only the pages are running here, so nothing can" in alone.text) == (400, True)
    monkeypatch.setenv(PARENT, str(os.getppid()))
    assert browser.post("/trading/paper/begin", {"name": "second"}).status_code == 404
    assert Browser(built, is_owner=False).post("/trading/paper/begin", {"name": "first"}).status_code == 403
    (file,) = (built.home / "accounts").rglob("first.toml")
    text = file.read_text("utf-8")
    file.write_text(text.replace('mode = "paper"', 'mode = "live"'), "utf-8")
    live = browser.post("/trading/paper/begin", {"name": "first"})
    assert (live.status_code, "pages can start paper accounts only; this" in live.text) == (400, True)
    file.write_text(text, "utf-8")
    for number in range(MAX_STARTED):
        other = file.with_name(f"other{number}.toml")
        other.write_text(text, "utf-8")
        paper_requests.request_file(other).touch()
    many = browser.post("/trading/paper/begin", {"name": "first"})
    assert (many.status_code, "at most" in many.text) == (400, True)
    assert len(marks(built)) == MAX_STARTED


def test_who_leaves_takes_what_was_prepared_along_and_the_first_user_gets_the_owners(built, within_a_tree):
    browser = Browser(built)
    browser.post("/trading/paper", FORM)
    browser.post("/trading/paper/begin", {"name": "first"})
    user = bound(built, users.add_user)(OWNER, "ann", "a long password of hers")
    (part,) = marks(built)
    # Named, since further users may follow before it has begun.
    assert (part.name, part.arguments[-2:]) == (paper_requests.part_name(user.id, "first"), ("--user", "ann"))
    told = bound(built, account_removal.export)(user)
    assert 'strategy = "ema_cross"' in told["prepared"]["first.toml"]
    bound(built, account_removal.delete_account)(OWNER, user)
    assert marks(built) == []
    assert not (built.home / "accounts" / user.id).exists()
