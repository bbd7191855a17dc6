"""Trading accounts beside what is owned: a real paper account, included and left out; its cash to the last digit."""

from __future__ import annotations

from decimal import Decimal

import pytest

from tests import houses
from tests.traded import house_of
from tests.unit.services.trading.material import BEGUN
from vigie.domain.errors import NotFound
from vigie.domain.order import Fill, FundingPayment
from vigie.domain.person import OWNER
from vigie.services.holdings.account_money import money_of
from vigie.services.needs import bound
from vigie.services.operation_calls import run_operation
from vigie.services.trading.accounts.account_status import get_account_status
from vigie.views.cli import holding_tables

PERP = "bitget-perp:btc-usdt-perp"


def fill(number: int, side: int, qty: str, price: str, fee: str = "0") -> Fill:
    return Fill(PERP, f"f{number}", "o", "c", side, Decimal(qty), Decimal(price), Decimal(fee), number)


def test_what_is_closed_is_realised_at_the_average_price_also_through_zero():
    fills = [
        fill(1, 1, "2", "100", "0.5"),
        fill(2, 1, "2", "110"),
        # Half is sold, then all and as much short.
        fill(3, -1, "2", "120"),
        fill(4, -1, "4", "100", "-0.1"),
        fill(5, 1, "2", "90"),
    ]
    paid = FundingPayment(PERP, "s1", Decimal("-0.25"), 3)
    told = [(one.id, one.kind, str(one.amount.normalize()), one.currency) for one in money_of(fills, [paid])]
    assert told == [
        ("f1", "fee", "-0.5", "USDT"),
        ("f3", "result", "3E+1", "USDT"),
        ("f4", "result", "-1E+1", "USDT"),
        ("f4", "fee", "0.1", "USDT"),
        ("f5", "result", "2E+1", "USDT"),
        ("s1", "funding", "-0.25", "USDT"),
    ]


@pytest.fixture(scope="module")
def traded(traded_home, tmp_path_factory):
    house, run = house_of(traded_home, tmp_path_factory.mktemp("beside") / "home", BEGUN)

    def ask(name: str, caller=OWNER, **values):
        return run_operation(house, caller, f"holdings.{name}", values)

    return house, run, ask


def test_a_real_paper_account_is_included_once_followed_and_left_out(traded, capsys):
    house, run, ask = traded
    before = {name: ask(name) for name in ("positions", "gains", "list")}
    (row,) = ask("accounts").rows
    assert (row.account, row.mode, row.is_included, row.change) == ("main", "paper", False, None)
    assert ask("account_events").rows == []
    assert ask("include_account").is_included
    assert ask("include_account").is_included
    (row,) = ask("accounts").rows
    events = ask("account_events").rows
    fills, fundings = list(house.trades.fills(run.id)), list(house.trades.fundings(run.id))
    assert fills
    assert sum(one.kind == "fee" for one in events) == sum(bool(one.fee) for one in fills)
    assert sum(one.kind == "funding" for one in events) == len(fundings)
    assert (row.events, row.is_real, row.currency) == (len(events), False, "USDT")
    assert Decimal(row.change) == sum(Decimal(one.amount) for one in events)
    held = bound(house, get_account_status)("main", "owner")
    assert float(run.capital) + float(row.change) == pytest.approx(held["cash"], abs=1e-6)
    assert [one.ts for one in events] == sorted((one.ts for one in events), reverse=True)
    assert len(ask("account_events", limit=3).rows) == 3
    holding_tables.print_accounts(ask("accounts"), "en")
    assert "not real" in capsys.readouterr().out
    # Nothing of it is among what is owned, its gains or its taxes.
    assert {name: ask(name) for name in before} == before
    assert not ask("include_account", on=False).is_included
    assert ask("account_events").rows == []
    assert not ask("accounts").rows[0].is_included


def test_an_account_that_is_not_there_is_not_included(traded):
    *_, ask = traded
    with pytest.raises(NotFound):
        ask("include_account", account="other")


@pytest.mark.parametrize("language", ["en", "fr"])
def test_the_page_says_that_it_is_simulated_and_apart(traded, language):
    house, _, ask = traded
    browser = houses.Browser(house, language=language)
    seen = browser.get("/portfolio/files").text
    assert {"en": "simulated, no real money", "fr": "simulé, aucun argent réel"}[language] in seen
    said = {"en": "Cash changed by", "fr": "Liquidités"}[language]
    assert said not in seen
    assert said in browser.post("/portfolio/files/account", {"account": "main", "on": "1"}).text
    assert said not in browser.post("/portfolio/files/account", {"account": "main", "on": ""}).text
    assert not ask("accounts").rows[0].is_included
