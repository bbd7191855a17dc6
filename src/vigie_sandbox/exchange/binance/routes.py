"""The endpoints: method, path, weight, who may ask, and what answers."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final, Literal

from vigie_sandbox.exchange.binance.accounts import BinanceAccountEndpoints
from vigie_sandbox.exchange.binance.algos import BinanceAlgoEndpoints
from vigie_sandbox.exchange.binance.envelope import BinanceCall
from vigie_sandbox.exchange.binance.limits import Pool
from vigie_sandbox.exchange.binance.listen_keys import ListenKeys
from vigie_sandbox.exchange.binance.orders import BinanceOrderEndpoints
from vigie_sandbox.exchange.binance.public import BinancePublicEndpoints
from vigie_sandbox.exchange.binance.wallets import BinanceWalletEndpoints
from vigie_sandbox.exchange.venue_context import VenueContext

_V1: Final = "/fapi/v1/"
_SAPI: Final = "/sapi/v1/"
EndpointHandler = Callable[[BinanceCall], object]
RouteAccess = Literal["public", "key", "signed"]
"""Who may ask: anybody; who names a key; who signs with one."""


@dataclass(frozen=True, slots=True)
class BinanceRoute:
    """One endpoint.

    Attributes
    ----------
    is_order : bool
        Whether it counts as an order.
    pool : str
        What its weight is counted in.
    """

    weight: int
    answer: EndpointHandler
    access: RouteAccess = "signed"
    is_order: bool = False
    pool: Pool = "fapi"


Routes = dict[tuple[str, str], BinanceRoute]


def make_routes(
    context: VenueContext, public: BinancePublicEndpoints, keys: ListenKeys
) -> Mapping[tuple[str, str], BinanceRoute]:
    """Return every endpoint by method and path."""
    return {
        **_public_routes(public),
        **_account_routes(context),
        **_wallet_routes(context),
        **_order_routes(context),
        **_listen_key_routes(keys),
    }


def _public_routes(public: BinancePublicEndpoints) -> Routes:
    table: dict[str, tuple[int, EndpointHandler]] = {
        _V1 + "ping": (1, public.ping),
        _V1 + "time": (1, public.time),
        _V1 + "exchangeInfo": (1, public.exchange_info),
        _V1 + "klines": (5, public.klines),
        _V1 + "markPriceKlines": (5, public.klines),
        _V1 + "indexPriceKlines": (5, public.klines),
        _V1 + "depth": (5, public.depth),
        _V1 + "ticker/24hr": (40, public.day_ticker),
        _V1 + "ticker/price": (2, public.price),
        "/fapi/v2/ticker/price": (2, public.price),
        _V1 + "ticker/bookTicker": (5, public.best_quotes),
        _V1 + "premiumIndex": (10, public.mark_prices),
        _V1 + "fundingRate": (1, public.funding_rates),
        _V1 + "fundingInfo": (1, public.funding_intervals),
        _V1 + "openInterest": (1, public.open_interest),
        _V1 + "aggTrades": (20, public.aggregate_trades),
        _V1 + "trades": (5, public.trades),
    }
    routes_by_path: Routes = {
        ("GET", path): BinanceRoute(weight, answer, "public") for path, (weight, answer) in table.items()
    }
    # Counted by themselves: a thousand in five minutes.
    routes_by_path["GET", "/futures/data/openInterestHist"] = BinanceRoute(
        1, public.open_interest_history, "public", pool="data"
    )
    return routes_by_path


def _account_routes(context: VenueContext) -> Routes:
    account = BinanceAccountEndpoints(context)
    return {
        ("GET", "/sapi/v1/account/apiRestrictions"): BinanceRoute(1, account.key_restrictions),
        ("GET", _V1 + "accountConfig"): BinanceRoute(5, account.config),
        ("GET", _V1 + "symbolConfig"): BinanceRoute(5, account.symbol_config),
        ("GET", "/fapi/v2/balance"): BinanceRoute(5, account.balance),
        ("GET", "/fapi/v3/balance"): BinanceRoute(5, account.balance),
        ("GET", "/fapi/v2/account"): BinanceRoute(5, account.account_v2),
        ("GET", "/fapi/v3/account"): BinanceRoute(5, account.account),
        ("GET", "/fapi/v2/positionRisk"): BinanceRoute(5, account.positions_v2),
        ("GET", "/fapi/v3/positionRisk"): BinanceRoute(5, account.positions),
        ("GET", _V1 + "positionSide/dual"): BinanceRoute(30, account.position_mode),
        ("POST", _V1 + "positionSide/dual"): BinanceRoute(1, account.set_position_mode),
        ("GET", _V1 + "multiAssetsMargin"): BinanceRoute(30, account.multi_assets),
        ("POST", _V1 + "marginType"): BinanceRoute(1, account.set_margin_mode),
        ("POST", _V1 + "leverage"): BinanceRoute(1, account.set_leverage),
        ("GET", _V1 + "leverageBracket"): BinanceRoute(1, account.tiers),
        ("GET", _V1 + "commissionRate"): BinanceRoute(20, account.fees),
        ("GET", _V1 + "feeBurn"): BinanceRoute(30, account.fee_burn),
        ("POST", _V1 + "feeBurn"): BinanceRoute(1, account.set_fee_burn),
        ("GET", _V1 + "income"): BinanceRoute(30, account.income),
    }


def _wallet_routes(context: VenueContext) -> Routes:
    wallet = BinanceWalletEndpoints(context)
    return {
        ("GET", "/api/v3/account"): BinanceRoute(20, wallet.spot_account, pool="sapi_ip"),
        ("POST", _SAPI + "asset/transfer"): BinanceRoute(900, wallet.transfer, pool="sapi_uid"),
        ("GET", _SAPI + "asset/transfer"): BinanceRoute(1, wallet.transfers, pool="sapi_ip"),
        ("GET", _SAPI + "capital/deposit/hisrec"): BinanceRoute(1, wallet.deposits, pool="sapi_ip"),
        ("GET", _SAPI + "capital/withdraw/history"): BinanceRoute(
            18_000, wallet.withdrawals, pool="sapi_uid"
        ),
    }


def _order_routes(context: VenueContext) -> Routes:
    order, algo = BinanceOrderEndpoints(context), BinanceAlgoEndpoints(context)
    return {
        ("POST", _V1 + "order"): BinanceRoute(1, order.place, is_order=True),
        ("POST", _V1 + "batchOrders"): BinanceRoute(5, order.place_many, is_order=True),
        ("PUT", _V1 + "order"): BinanceRoute(1, order.modify, is_order=True),
        ("DELETE", _V1 + "order"): BinanceRoute(1, order.cancel),
        ("DELETE", _V1 + "batchOrders"): BinanceRoute(1, order.cancel_many),
        ("DELETE", _V1 + "allOpenOrders"): BinanceRoute(1, order.cancel_all),
        ("POST", _V1 + "countdownCancelAll"): BinanceRoute(10, order.set_countdown),
        ("GET", _V1 + "order"): BinanceRoute(1, order.detail),
        ("GET", _V1 + "openOrder"): BinanceRoute(1, order.pending_order),
        ("GET", _V1 + "openOrders"): BinanceRoute(1, order.pending),
        ("GET", _V1 + "allOrders"): BinanceRoute(5, order.history),
        ("GET", _V1 + "userTrades"): BinanceRoute(5, order.fills),
        ("POST", _V1 + "algoOrder"): BinanceRoute(1, algo.place, is_order=True),
        ("DELETE", _V1 + "algoOrder"): BinanceRoute(1, algo.cancel),
        ("DELETE", _V1 + "algoOpenOrders"): BinanceRoute(1, algo.cancel_all),
        ("GET", _V1 + "algoOrder"): BinanceRoute(1, algo.detail),
        ("GET", _V1 + "openAlgoOrders"): BinanceRoute(1, algo.pending),
        ("GET", _V1 + "allAlgoOrders"): BinanceRoute(5, algo.history),
    }


def _listen_key_routes(keys: ListenKeys) -> Routes:
    return {
        ("POST", _V1 + "listenKey"): BinanceRoute(1, keys.create, "key"),
        ("PUT", _V1 + "listenKey"): BinanceRoute(1, keys.keep_alive, "key"),
        ("DELETE", _V1 + "listenKey"): BinanceRoute(1, keys.close, "key"),
    }
