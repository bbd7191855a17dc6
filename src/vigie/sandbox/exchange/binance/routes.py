"""The endpoints: method, path, weight, who may ask, and what answers."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final, Literal

from vigie.sandbox.exchange.binance.accounts import AccountAnswers
from vigie.sandbox.exchange.binance.algos import AlgoAnswers
from vigie.sandbox.exchange.binance.envelope import Call
from vigie.sandbox.exchange.binance.limits import Pool
from vigie.sandbox.exchange.binance.listening import ListenKeys
from vigie.sandbox.exchange.binance.orders import OrderAnswers
from vigie.sandbox.exchange.binance.public import PublicAnswers
from vigie.sandbox.exchange.binance.wallets import WalletAnswers
from vigie.sandbox.exchange.desk import Desk

_V1: Final = "/fapi/v1/"
_SAPI: Final = "/sapi/v1/"
Answering = Callable[[Call], object]
Door = Literal["public", "key", "signed"]
"""Who may ask: anybody; who names a key; who signs with one."""


@dataclass(frozen=True, slots=True)
class Route:
    """One endpoint.

    Attributes
    ----------
    is_order : bool
        Whether it counts as an order.
    pool : str
        What its weight is counted in.
    """

    weight: int
    answer: Answering
    door: Door = "signed"
    is_order: bool = False
    pool: Pool = "fapi"


Routes = dict[tuple[str, str], Route]


def routes(desk: Desk, public: PublicAnswers, keys: ListenKeys) -> Mapping[tuple[str, str], Route]:
    """Return every endpoint by method and path."""
    return {**_shown(public), **_accounts(desk), **_wallets(desk), **_orders(desk), **_listening(keys)}


def _shown(public: PublicAnswers) -> Routes:
    table: dict[str, tuple[int, Answering]] = {
        _V1 + "ping": (1, public.ping),
        _V1 + "time": (1, public.time),
        _V1 + "exchangeInfo": (1, public.rules),
        _V1 + "klines": (5, public.klines),
        _V1 + "markPriceKlines": (5, public.klines),
        _V1 + "indexPriceKlines": (5, public.klines),
        _V1 + "depth": (5, public.depth),
        _V1 + "ticker/24hr": (40, public.day),
        _V1 + "ticker/price": (2, public.price),
        "/fapi/v2/ticker/price": (2, public.price),
        _V1 + "ticker/bookTicker": (5, public.book),
        _V1 + "premiumIndex": (10, public.premium),
        _V1 + "fundingRate": (1, public.rates),
        _V1 + "fundingInfo": (1, public.intervals),
        _V1 + "openInterest": (1, public.interest),
        _V1 + "aggTrades": (20, public.aggregates),
        _V1 + "trades": (5, public.trades),
    }
    told: Routes = {
        ("GET", path): Route(weight, answer, "public") for path, (weight, answer) in table.items()
    }
    # Counted by themselves: a thousand in five minutes.
    told["GET", "/futures/data/openInterestHist"] = Route(1, public.interests, "public", pool="data")
    return told


def _accounts(desk: Desk) -> Routes:
    account = AccountAnswers(desk)
    return {
        ("GET", "/sapi/v1/account/apiRestrictions"): Route(1, account.rights),
        ("GET", _V1 + "accountConfig"): Route(5, account.config),
        ("GET", _V1 + "symbolConfig"): Route(5, account.symbol_config),
        ("GET", "/fapi/v2/balance"): Route(5, account.balance),
        ("GET", "/fapi/v3/balance"): Route(5, account.balance),
        ("GET", "/fapi/v2/account"): Route(5, account.account_v2),
        ("GET", "/fapi/v3/account"): Route(5, account.account),
        ("GET", "/fapi/v2/positionRisk"): Route(5, account.positions_v2),
        ("GET", "/fapi/v3/positionRisk"): Route(5, account.positions),
        ("GET", _V1 + "positionSide/dual"): Route(30, account.position_mode),
        ("POST", _V1 + "positionSide/dual"): Route(1, account.set_position_mode),
        ("GET", _V1 + "multiAssetsMargin"): Route(30, account.multi_assets),
        ("POST", _V1 + "marginType"): Route(1, account.set_margin_mode),
        ("POST", _V1 + "leverage"): Route(1, account.set_leverage),
        ("GET", _V1 + "leverageBracket"): Route(1, account.tiers),
        ("GET", _V1 + "commissionRate"): Route(20, account.fees),
        ("GET", _V1 + "feeBurn"): Route(30, account.fee_burn),
        ("POST", _V1 + "feeBurn"): Route(1, account.set_fee_burn),
        ("GET", _V1 + "income"): Route(30, account.income),
    }


def _wallets(desk: Desk) -> Routes:
    wallet = WalletAnswers(desk)
    return {
        ("GET", "/api/v3/account"): Route(20, wallet.spot, pool="sapi_ip"),
        ("POST", _SAPI + "asset/transfer"): Route(900, wallet.transfer, pool="sapi_uid"),
        ("GET", _SAPI + "asset/transfer"): Route(1, wallet.transfers, pool="sapi_ip"),
        ("GET", _SAPI + "capital/deposit/hisrec"): Route(1, wallet.deposits, pool="sapi_ip"),
        ("GET", _SAPI + "capital/withdraw/history"): Route(18_000, wallet.withdrawals, pool="sapi_uid"),
    }


def _orders(desk: Desk) -> Routes:
    order, algo = OrderAnswers(desk), AlgoAnswers(desk)
    return {
        ("POST", _V1 + "order"): Route(1, order.place, is_order=True),
        ("POST", _V1 + "batchOrders"): Route(5, order.place_many, is_order=True),
        ("PUT", _V1 + "order"): Route(1, order.modify, is_order=True),
        ("DELETE", _V1 + "order"): Route(1, order.cancel),
        ("DELETE", _V1 + "batchOrders"): Route(1, order.cancel_many),
        ("DELETE", _V1 + "allOpenOrders"): Route(1, order.cancel_all),
        ("POST", _V1 + "countdownCancelAll"): Route(10, order.count_down),
        ("GET", _V1 + "order"): Route(1, order.detail),
        ("GET", _V1 + "openOrder"): Route(1, order.pending_one),
        ("GET", _V1 + "openOrders"): Route(1, order.pending),
        ("GET", _V1 + "allOrders"): Route(5, order.history),
        ("GET", _V1 + "userTrades"): Route(5, order.fills),
        ("POST", _V1 + "algoOrder"): Route(1, algo.place, is_order=True),
        ("DELETE", _V1 + "algoOrder"): Route(1, algo.cancel),
        ("DELETE", _V1 + "algoOpenOrders"): Route(1, algo.cancel_all),
        ("GET", _V1 + "algoOrder"): Route(1, algo.detail),
        ("GET", _V1 + "openAlgoOrders"): Route(1, algo.pending),
        ("GET", _V1 + "allAlgoOrders"): Route(5, algo.history),
    }


def _listening(keys: ListenKeys) -> Routes:
    return {
        ("POST", _V1 + "listenKey"): Route(1, keys.give, "key"),
        ("PUT", _V1 + "listenKey"): Route(1, keys.keep, "key"),
        ("DELETE", _V1 + "listenKey"): Route(1, keys.close, "key"),
    }
