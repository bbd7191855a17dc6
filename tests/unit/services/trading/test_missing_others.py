"""Bars to compare with that no longer come are told where the owner looks, with what can be done."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests import houses
from tests.traded import hand
from tests.unit.services.trading.material import BEGUN, planned
from tests.unit.services.trading.test_features import NEWS_FILE, write
from tests.unit.services.trading.test_other_closes import LEADS, READS, ada, keep
from tests.unit.services.trading.test_trading import go
from vigie.domain.time import HOUR_MS, iso
from vigie.services.needs import bound
from vigie.services.operations import trading as trading_desk
from vigie.services.trading.accounts import account_status
from vigie.services.trading.accounts.missing_others import find_missing_others
from vigie.views.cli.trade_status import print_status

ENDED = BEGUN + 3 * HOUR_MS
# A bar that never comes is waited for as long as five hours of the fast market take.
NOW = ENDED + 8 * HOUR_MS
NAME = "ada-usdt-perp/1h"


@pytest.fixture(scope="module")
def left(tmp_path_factory):
    """A home whose account traded on after the bars of a coin that it compares with ended."""
    folder = tmp_path_factory.mktemp("left")
    house = houses.house(folder / "home", clock=hand(BEGUN))
    write(house, READS)
    bars = ada(house)
    keep(house, bars.slice(0, int((bars.ts < ENDED).sum())))
    plan = planned(house, folder, text=NEWS_FILE)
    go(house, plan, NOW + HOUR_MS // 2, [])
    return replace(house, clock=hand(NOW)), plan


def test_what_a_strategy_compares_with_is_missing_from_the_close_on_at_which_it_is_due(left, tmp_path):
    house, plan = left

    def missing(ts: int, bars=house.data.bars, results=house.results):
        return find_missing_others(bars, results, plan, ts)

    assert missing(0) == {}
    assert missing(ENDED) == missing(ENDED + HOUR_MS - 1) == {}
    assert missing(ENDED + HOUR_MS) == missing(NOW) == {NAME: ENDED}
    other = houses.house(tmp_path / "home")
    assert missing(NOW, other.data.bars) == {NAME: None}
    keep(other, ada(other))
    assert missing(NOW, other.data.bars) == {}
    # Without its file, or where a name in it is put together, nobody knows what it reads.
    assert missing(NOW, results=other.results) == {}
    write(other, READS.replace(f'"{LEADS}"', '"feature." + "cross"'))
    assert missing(NOW, results=other.results) == {}


@pytest.mark.parametrize(
    ("language", "words", "cure"),
    [
        ("en", "Bars to compare with are missing", "train the model again, or name other"),
        ("fr", "Bougies de comparaison manquantes", "entraînez de nouveau le modèle, ou nommez d’autres"),
    ],
)
def test_the_page_of_the_account_says_it_with_a_cure_while_somebody_trades(
    left, monkeypatch, language, words, cure
):
    browser = houses.Browser(left[0], language=language)
    for is_traded in (True, False):
        monkeypatch.setattr(trading_desk, "is_traded", lambda *_, told=is_traded: told)
        page = browser.get("/trading").text
        assert [text in page for text in (words, cure, NAME)] == [is_traded] * 3
    monkeypatch.setattr(trading_desk, "is_traded", lambda *_: True)
    monkeypatch.setattr(trading_desk, "find_missing_others", lambda *_: {NAME: None})
    assert f"{NAME}." in browser.get("/trading").text
    monkeypatch.setattr(trading_desk, "find_missing_others", lambda *_: {})
    assert words not in browser.get("/trading").text


def test_the_status_of_the_account_says_it_with_a_cure_while_somebody_trades(left, monkeypatch, capsys):
    for is_traded in (True, False):
        monkeypatch.setattr(account_status, "is_traded", lambda *_, told=is_traded: told)
        print_status(bound(left[0], account_status.get_account_status)("main", "owner"))
        told = capsys.readouterr().out
        assert (f"ATTENTION: no bar of {NAME} since {iso(ENDED)}; strategies" in told) == is_traded
        assert ("train the model again, or name other instruments" in told) == is_traded
