"""What a plan comes to, by hand and in its account with what that holds now."""

from __future__ import annotations

from dataclasses import replace

from vigie.domain.account import MIN_CAPITAL
from vigie.domain.ids import parse_instrument
from vigie.domain.time import timeframe_ms
from vigie.domain.trade_plan import TradePlan
from vigie.services.plans.figures import HORIZON, account_money, odds_of, own_money, reference_price
from vigie.services.plans.plan_funding import funding_terms
from vigie.services.plans.plan_markets import refuse_unknown_market
from vigie.services.plans.plan_room import plan_room
from vigie.services.plans.plan_rows import PlanPreview, PlanRoom, to_funding, to_line, to_setup_odds, to_sum
from vigie.services.plans.plan_sources import PlanSources
from vigie.services.plans.present_price import present_price
from vigie.services.plans.setup_odds import setup_odds
from vigie.services.trading.accounts.account_status import find_run, is_traded
from vigie.services.trading.accounts.present_account import present_account
from vigie.services.trading.gateway.entry_previews import entry_preview


def preview_of(
    sources: PlanSources, plan: TradePlan, capital: float, *, is_armed: bool = False
) -> PlanPreview:
    """Return what a plan comes to, by hand and in its account with what that holds now.

    Parameters
    ----------
    is_armed : bool
        Whether what the account's slot of the plan holds or waits for is the plan's own, and left out.
    """
    currency = parse_instrument(plan.instrument).quote.upper()
    refuse_unknown_market(sources, plan)
    present = present_price(sources.quotes, plan, sources.data.clock.market_now())
    entry = reference_price(plan, None if present is None else present.price, is_armed=is_armed)
    terms = funding_terms(sources, plan, sources.data.clock.market_now())
    in_account = present_standing = None
    room: list[PlanRoom] = []
    if plan.account:
        run = find_run(sources.logs.trades, plan.account, plan.owner)
        held = present_account(sources.logs, sources.home_health, run, sources.data.clock.market_now())
        # Also of one that has decided nothing yet.
        is_running = is_traded(sources.logs.trades, sources.home_health, run.account)
        gateway = entry_preview(sources.gateway, run, held.plan, is_running=is_running)
        held = replace(held, find_vetoes=gateway.find_vetoes, list_rooms=gateway.list_rooms)
        capital = max(held.account.equity, MIN_CAPITAL)
        in_account = account_money(held, plan, entry, terms, is_instead=is_armed)
        if in_account is not None:
            present_standing, refusal = held.standing, in_account.results.refusal
            room = plan_room(held, plan, entry, refusal, is_instead=is_armed)
    by_hand = own_money(sources, plan, capital, entry, terms)
    odds = odds_of(sources, plan, in_account or by_hand)
    return PlanPreview(
        by_hand=to_sum(by_hand, currency),
        in_account=None if in_account is None else to_sum(in_account, currency), room=room,
        standing=present_standing,
        lines=[to_line(line) for line in odds.lines],
        setups=[to_setup_odds(setup) for setup in setup_odds(sources, plan, in_account or by_hand, terms)],
        price=None if present is None else present.price, price_ts=None if present is None else present.ts,
        timeframe=plan.timeframe, until=plan.until,
        horizon_bars=odds.horizon, ts_first=odds.ts_first, ts_last=odds.ts_last, expected=odds.expected,
        funding=None if terms is None else to_funding(plan.venue, terms, HORIZON * timeframe_ms(plan.timeframe)),
    )  # fmt: skip
