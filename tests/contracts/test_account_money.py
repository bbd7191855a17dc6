"""What an account earned and paid comes from all its runs and nobody else's, on both databases."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

from vigie.adapters.stores.sql.tradebook.book import SqlTradeBook
from vigie.domain.order import Fill, FundingPayment, TradeRun
from vigie.ports.tradebook import TradeChange
from vigie.services.holdings.account_money import account_money, runs_of_account

BEGUN = 1_759_968_000_000
RUN = TradeRun("r1", "main", "u1", "bitget-perp", "demo", "f" * 64, Decimal(10_000), BEGUN)


def fill(name: str, side: int, price: str, ts: int) -> Fill:
    return Fill("btc-usdt-perp", name, "o", "c", side, Decimal("0.5"), Decimal(price), Decimal("0.01"), ts)


def test_money_of_former_runs_counts_and_that_of_replayed_ones_and_of_others_does_not(database, clock):
    book = SqlTradeBook(database, clock)
    changes = {
        "r1": (fill("a", 1, "100.10", BEGUN), fill("b", -1, "100.30", BEGUN + 1)),
        "r2": (fill("c", -1, "90", BEGUN + 2), fill("d", 1, "91", BEGUN + 3)),
        "r3": (fill("e", 1, "1", BEGUN), fill("f", -1, "2", BEGUN)),
        "r4": (fill("g", 1, "1", BEGUN), fill("h", -1, "2", BEGUN)),
    }
    runs = [RUN, replace(RUN, id="r2", ts=BEGUN + 2), replace(RUN, id="r3", account="past", is_replayed=True),
            replace(RUN, id="r4", account="hers", owner="u2")]  # fmt: skip
    for run in runs:
        book.begin(run)
        lease = book.take(run.account, run.id, for_s=10)
        paid = FundingPayment("btc-usdt-perp", f"s{run.id}", Decimal("-0.07"), run.ts)
        book.commit(lease, TradeChange(fills=changes[run.id], fundings=(paid,)))
        book.leave(lease)
    money = account_money(book, runs_of_account(book, "u1", "main"))
    assert [(one.id, one.kind, one.amount) for one in money if one.kind != "fee"] == [
        ("sr1", "funding", Decimal("-0.07")),
        ("b", "result", Decimal("0.10")),
        ("sr2", "funding", Decimal("-0.07")),
        ("d", "result", Decimal("-0.50")),
    ]
    assert sum(one.amount for one in money) == Decimal("-0.58")
    assert account_money(book, runs_of_account(book, "u1", "main")) == money
    for owner, account in (("u1", "past"), ("u1", "hers"), ("u2", "main")):
        assert account_money(book, runs_of_account(book, owner, account)) == []
