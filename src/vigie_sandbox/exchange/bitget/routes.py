"""The endpoints: method, path, requests a second, counted by address or by key, and what answers."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

from vigie_sandbox.exchange.bitget.accounts import BitgetAccountEndpoints
from vigie_sandbox.exchange.bitget.envelope import BitgetCall
from vigie_sandbox.exchange.bitget.orders import BitgetOrderEndpoints
from vigie_sandbox.exchange.bitget.plans import BitgetPlanEndpoints
from vigie_sandbox.exchange.bitget.positions import BitgetPositionEndpoints
from vigie_sandbox.exchange.bitget.public import BitgetPublicEndpoints
from vigie_sandbox.exchange.bitget.wallets import BitgetWalletEndpoints
from vigie_sandbox.exchange.venue_context import VenueContext

_MIX: Final = "/api/v2/mix/"
EndpointHandler = Callable[[BitgetCall], object]
Endpoints = Mapping[str, tuple[int, EndpointHandler]]
"""Path -> requests a second, and what answers."""


@dataclass(frozen=True, slots=True)
class BitgetRoute:
    """One endpoint.

    Attributes
    ----------
    per_second : int
        Requests that it takes, by address if public, by key if private.
    """

    method: str
    path: str
    per_second: int
    is_public: bool
    answer: EndpointHandler


def make_routes(
    context: VenueContext, public: BitgetPublicEndpoints
) -> Mapping[tuple[str, str], BitgetRoute]:
    """Return every endpoint by method and path."""
    table = [
        ("GET", _public_endpoints(public), True),
        *((method, paths, False) for method, paths in _private_endpoints(context)),
    ]
    return {
        (method, path): BitgetRoute(method, path, per_second, is_public, answer)
        for method, paths, is_public in table
        for path, (per_second, answer) in paths.items()
    }


def _public_endpoints(public: BitgetPublicEndpoints) -> Endpoints:
    return {
        "/api/v2/public/time": (20, public.time),
        "/api/v2/spot/public/coins": (3, public.empty_list),
        "/api/v2/spot/public/symbols": (20, public.empty_list),
        "/api/v2/margin/currencies": (10, public.empty_list),
        _MIX + "market/contracts": (20, public.contracts),
        _MIX + "market/ticker": (20, public.ticker),
        _MIX + "market/tickers": (20, public.tickers),
        _MIX + "market/symbol-price": (20, public.price),
        _MIX + "market/merge-depth": (20, public.depth),
        _MIX + "market/candles": (20, public.candles),
        _MIX + "market/history-candles": (20, public.finished_candles),
        _MIX + "market/history-mark-candles": (20, public.finished_candles),
        _MIX + "market/history-index-candles": (20, public.finished_candles),
        _MIX + "market/current-fund-rate": (20, public.funding),
        _MIX + "market/history-fund-rate": (20, public.funding_history),
        _MIX + "market/open-interest": (20, public.open_interest),
        _MIX + "market/query-position-lever": (10, public.tiers),
        _MIX + "market/fills": (20, public.trades),
        _MIX + "market/fills-history": (10, public.past_trades),
        _MIX + "market/long-short": (1, public.long_short),
        _MIX + "market/account-long-short": (1, public.long_short_accounts),
        _MIX + "market/position-long-short": (1, public.long_short_positions),
    }


def _private_endpoints(context: VenueContext) -> list[tuple[str, Endpoints]]:
    account, order = BitgetAccountEndpoints(context), BitgetOrderEndpoints(context)
    plan, position, wallet = (
        BitgetPlanEndpoints(context),
        BitgetPositionEndpoints(context),
        BitgetWalletEndpoints(context),
    )
    get_endpoints: Endpoints = {
        "/api/v3/account/settings": (20, account.account_settings),
        "/api/v2/spot/account/info": (1, account.key_info),
        "/api/v2/spot/account/assets": (10, wallet.assets),
        "/api/v2/spot/account/transferRecords": (20, wallet.transfers),
        "/api/v2/spot/wallet/deposit-records": (10, wallet.deposits),
        "/api/v2/spot/wallet/withdrawal-records": (10, wallet.withdrawals),
        _MIX + "account/accounts": (10, account.accounts),
        _MIX + "account/account": (10, account.account),
        _MIX + "account/bill": (10, account.bills),
        "/api/v2/common/trade-rate": (10, account.fees),
        _MIX + "position/all-position": (5, position.all),
        _MIX + "position/single-position": (10, position.single),
        _MIX + "position/history-position": (20, position.history),
        _MIX + "order/detail": (10, order.detail),
        _MIX + "order/orders-pending": (10, order.pending),
        _MIX + "order/orders-history": (10, order.history),
        _MIX + "order/fills": (10, order.fills),
        _MIX + "order/fill-history": (10, order.week_of_fills),
        _MIX + "order/orders-plan-pending": (10, plan.pending),
        _MIX + "order/orders-plan-history": (10, plan.history),
    }
    post_endpoints: Endpoints = {
        "/api/v2/spot/wallet/transfer": (10, wallet.transfer),
        _MIX + "account/set-leverage": (5, account.set_leverage),
        _MIX + "account/set-margin-mode": (5, account.set_margin_mode),
        _MIX + "account/set-position-mode": (5, account.set_position_mode),
        _MIX + "order/place-order": (10, order.place),
        _MIX + "order/batch-place-order": (5, order.place_many),
        _MIX + "order/modify-order": (10, order.modify),
        _MIX + "order/cancel-order": (10, order.cancel),
        _MIX + "order/batch-cancel-orders": (10, order.cancel_many),
        _MIX + "order/cancel-all-orders": (10, order.cancel_all),
        _MIX + "order/close-positions": (1, position.close),
        _MIX + "order/place-tpsl-order": (10, plan.place_level),
        _MIX + "order/place-pos-tpsl": (10, plan.place_levels),
        _MIX + "order/modify-tpsl-order": (10, plan.modify),
        _MIX + "order/place-plan-order": (10, plan.place_trigger),
        _MIX + "order/modify-plan-order": (10, plan.modify),
        _MIX + "order/cancel-plan-order": (10, plan.cancel),
    }
    return [("GET", get_endpoints), ("POST", post_endpoints)]
