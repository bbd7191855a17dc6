"""One process that trades one account: its run, its right to trade, its venue, and what it says meanwhile."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from decimal import Decimal
from functools import partial
from typing import Any, Final

from vigie.data.live_feed import MarketStores, StoredFeed
from vigie.data.live_feed_venue import VenueMarket
from vigie.domain.errors import Conflict, StorageError, TransientError, UsageError, VigieError
from vigie.domain.order import Lease, TradeRun
from vigie.engine.live.paper_venue import PaperVenue
from vigie.engine.live.trader import Trader, TraderConfig
from vigie.engine.live.waiting import Deadline, until_one_ends
from vigie.ports.clock import PatientClock
from vigie.ports.feed import FeedBar
from vigie.ports.trading import ListedVenue
from vigie.services.house import House
from vigie.services.people.secret_words import secret_word
from vigie.services.trading.absence import Absence
from vigie.services.trading.caps import OrderCaps
from vigie.services.trading.carried_limits import Carried
from vigie.services.trading.chronicle import Chronicle
from vigie.services.trading.day_counts import cancelled_since, entered_at
from vigie.services.trading.ending import Ending
from vigie.services.trading.fees import Fees
from vigie.services.trading.gateway import Gateway
from vigie.services.trading.happenings import News
from vigie.services.trading.histories import Histories
from vigie.services.trading.kept_folds import EVERY, folded, keep
from vigie.services.trading.listings import Listings
from vigie.services.trading.minutes import Minutes
from vigie.services.trading.modes import check_detail, check_same
from vigie.services.trading.opening import Waiting, judge_of, prepared
from vigie.services.trading.plan import TradePlan, keep_plan, kept_plan
from vigie.services.trading.plan_changes import plan_changes
from vigie.services.trading.sight import ClockSight, MarketSight
from vigie.services.trading.taking import LEASE_S as LEASE_S
from vigie.services.trading.taking import taken_lease as taken_lease
from vigie.services.trading.venue_rules import VenueRules
from vigie.services.trading.wishes import keep_tightened, wishes_of

_TELL_S: Final = 0.5  # between two looks for what is new to be said
# Between two beginnings where each fails at once.
_LONGEST_S: Final = 60.0
Say = Callable[[str], None]
_Work = Callable[[], Coroutine[Any, Any, None]]
Show = Callable[[Callable[[], Mapping[str, int]]], None]


@dataclass(frozen=True, slots=True)
class TradeJob:
    """An account that is about to be traded.

    Attributes
    ----------
    venue : ListedVenue or None
        None on paper.
    market : VenueMarket or None
        Gathers prices meanwhile; None where the collector does.
    speed : callable
        Gives the seconds of the market in one on the wall.
    caps : OrderCaps
        What the settings let accounts order.
    """

    house: House
    run: TradeRun
    plan: TradePlan
    lease: Lease
    clock: PatientClock
    venue: ListedVenue | None = None
    market: VenueMarket | None = None
    speed: Callable[[], float] = lambda: 1.0
    caps: OrderCaps = field(default_factory=OrderCaps)


def open_slots(chronicle: Chronicle) -> list[int]:
    """Return the slots that hold a position."""
    account = chronicle.account
    return [] if account is None else [k for k, _ in enumerate(account.slots) if account.slot(k)["side"] != 0]


def check_run(
    house: House, plan: TradePlan, owner: str, *, is_new: bool, detail: str | None = None
) -> TradeRun | None:
    """Return the run that an account goes on with; None where a new one begins.

    Parameters
    ----------
    detail : str, optional
        Timeframe of finer bars that the run file names.

    Raises
    ------
    Conflict
        If the account is somebody else's, or another one trades the same account at the venue now.
    UsageError
        If the plan is another one, or a new run would forget open positions.
    """
    _refuse_second(house, plan, owner)
    known = house.trades.run(plan.account)
    if known is None:
        return None
    if known.owner != owner:
        raise Conflict(f"account {plan.account} belongs to somebody else; name another with --account")
    if not is_new:
        given = plan.fingerprint, plan.mode, plan.venue
        check_same(known, *given, lambda: plan_changes(kept_plan(house, known.id), plan))
        check_detail(known, kept_plan(house, known.id).detail, detail)
        return known
    held = open_slots(folded(house, known))
    if held:
        raise UsageError(
            f"account {plan.account} holds {len(held)} positions that a new run would forget; close them first: "
            f"vigie trade flatten --account {plan.account}"
        )
    return None


def _refuse_second(house: House, plan: TradePlan, owner: str) -> None:
    """Refuse to trade an account at a venue under two names: its money and its limits would be counted twice."""
    if plan.mode == "paper":
        return
    # A home has one key for each venue and mode.
    here = plan.venue.rpartition("-")[0], plan.mode
    for other in house.trades.accounts():
        is_same = (other.venue.rpartition("-")[0], other.mode) == here and other.account != plan.account
        if is_same and house.trades.holder(other.account) is not None:
            name = f"account {other.account}" if other.owner == owner else "somebody else's account"
            raise Conflict(
                f"{name} trades at {plan.venue} in {plan.mode} mode now, with the same key and so the same money, "
                "which both would count as theirs; stop it first, or put the slots of both into one run file"
            )


def begun_run(
    house: House, plan: TradePlan, owner: str, carried: Carried | None = None, money: str = ""
) -> TradeRun:
    """Begin a run: its plan is in the home and its random id in the book before anything is sent.

    Parameters
    ----------
    carried : Carried or None
        Limits of loss that its log begins with.
    money : str
        Fingerprint of its key at the venue; empty on paper.

    Raises
    ------
    Conflict
        If another account that trades the same one at the venue began meanwhile.
    """
    capital = Decimal(repr(plan.capital))
    run = TradeRun(
        secret_word(), plan.account, owner, plan.venue, plan.mode, plan.fingerprint, capital, plan.begun
    )
    keep_plan(house, run.id, plan)
    if carried is None:
        house.trades.begin(run, money=money)
    else:
        if carried.newest is not None and carried.newest.account != plan.account:
            keep_tightened(house, carried.newest, plan.account, owner)
        house.trades.begin(run, money=money, steps=carried.steps, notes=(carried.note,))
    # Of two accounts that begin at once neither knew of the other before.
    _refuse_second(house, plan, owner)
    return run


async def trade(job: TradeJob, say: Say, stop: asyncio.Event, show: Show = lambda standing: None) -> None:
    """Trade until told to stop; killed at any point, the next process goes on where this one was.

    Where nothing can be written any more, nothing is entered: positions are guarded until it can, and the account is
    taken up from its log, as by a process that comes back. A venue that is too busy for that is waited for as well.

    Parameters
    ----------
    show : callable
        Given what says how the account stands at the venue, before anything is traded.
    """
    try:
        least_s, trader = 0.0, None
        while True:
            soon = Deadline(job.clock, _LONGEST_S + least_s)
            trader = await _held_up(job, say, stop, show, _Before(trader, least_s))
            if trader is None:
                return
            say("the book can be written again: the account is taken up from its log")
            # What fails again and again is tried ever later: each beginning asks the venue.
            least_s = 0.0 if soon.is_over() else min(2 * least_s + 1.0, _LONGEST_S)
    except (Conflict, StorageError):
        # Somebody else trades the account, and says so; or nothing can be written.
        raise
    except VigieError as fault:
        why = {"why": str(fault)}
        with suppress(StorageError):
            job.house.audit.append("trade.ended", actor=job.run.owner, subject=job.run.account, text=why)
        raise
    finally:
        # A right that cannot be given back ends by itself.
        with suppress(Conflict, StorageError):
            job.house.trades.leave(job.lease)


@dataclass(frozen=True, slots=True)
class _Before:
    """What a beginning comes after: who traded until then, and how long is held out at least where it fails."""

    trader: Trader | None
    least_s: float


async def _held_up(
    job: TradeJob, say: Say, stop: asyncio.Event, show: Show, before: _Before
) -> Trader | None:
    """Trade until told to stop, or return who held out until what could not be written for a while could be."""
    trader, least_s = before.trader, before.least_s
    begun = _begun(job, say, stop, is_first=trader is None)
    why: VigieError
    try:
        fresh, works = await (begun if trader is None else trader.guard_while(begun, say))
        trader = fresh
        show(fresh.standing)
        ending = Ending(job.house, job.run, job.venue, job.clock)
        await until_one_ends([*(work() for work in works), fresh.trade(), ending.wait(stop)])
        return None
    except StorageError as fault:
        if trader is None:
            raise
        why, cure = fault, "trading goes on once that is mended"
    except TransientError as fault:
        # What is held was guarded until now; at a first beginning that was stopped nothing is known yet that could be.
        if trader is None or trader is not before.trader:
            raise
        why, cure = fault, "the account is taken up again once the venue answers"
        least_s = max(least_s, fault.after_s or 0.0)
        _told_busy(job, fault)
    say(f"nothing is entered, what is held is guarded, and {cure}: {why}")
    await until_one_ends([trader.guard_until_writable(say, least_s), stop.wait()])
    return None if stop.is_set() else trader


def _told_busy(job: TradeJob, fault: TransientError) -> None:
    """Write down that a venue does not let an account be taken up again."""
    text = {"why": str(fault), "account": job.run.account}
    with suppress(StorageError):
        job.house.audit.append("trade.unanswered", actor=job.run.owner, subject=job.run.account, text=text)


async def _begun(
    job: TradeJob, say: Say, stop: asyncio.Event, *, is_first: bool
) -> tuple[Trader, list[_Work]]:
    """Return who trades an account from its log on, and what is done beside it."""
    house, plan = job.house, job.plan
    stores = MarketStores(house.data.bars, house.quotes, house.facts)
    histories = Histories(house, plan, job.run, say)
    fold = folded(house, job.run).fold
    pushed = None if job.market is None else job.market.pushed
    if job.market is not None:
        histories.prepare()
        job.market.on_bar = histories.confirm
    feed = StoredFeed(
        plan.series, plan.begun, stores, job.clock, on_bars=_hearing(job, histories), settled_until=dict(fold.settled),
        pushed=pushed,
        detail=plan.detail,
    )  # fmt: skip
    slots = plan.live_slots()
    clock_sight = None if job.venue is None else ClockSight(job.venue, job.clock, say)
    listings = _listings(job, say)
    rules = VenueRules(house, plan, job.clock, job.market is not None, job.speed, say)
    rules.read()
    sight, minutes = _sight(job), Minutes(house.data.bars, plan.series, job.clock)
    judge = judge_of(house, plan, histories)
    histories.says = judge.says
    gateway = _gateway(job, feed, clock_sight, listings, sight, minutes)
    given = TraderConfig(
        job.run, slots, plan.protections, judge, gateway.vetoes, lease_s=LEASE_S,
        ending_instruments=frozenset if listings is None else listings.ending, replay=fold, rules=rules.told,
        is_allowed=job.caps.allows, ask_rules=rules.ask, is_revised=histories.is_revised,
    )  # fmt: skip
    if job.venue is None:
        paper = PaperVenue(job.run, slots, feed, house.trades, job.clock, fold)
        given, feed.watched_series = replace(given, on_rules=paper.change_rules), paper.watched_series
        trader = Trader(given, house.trades, paper, paper, job.clock, job.lease)
    else:
        await prepared(job.venue, plan, job.clock, stop, _waiting(job, say) if is_first else None)
        if listings is not None:
            await listings.look()
        await asyncio.to_thread(minutes.look)
        given = replace(given, last_price=sight.price, ledger=job.venue.ledger)
        trader = Trader(given, house.trades, job.venue, feed, job.clock, job.lease)
    works: list[_Work] = [partial(_tell, job, say), partial(histories.watch, job.clock), rules.run]
    works += [one.run for one in (job.market, clock_sight, listings) if one is not None]
    if job.venue is not None:
        works += [minutes.run, Fees(house, job.run, plan, job.venue, job.clock).watch]
    return trader, works


def _waiting(job: TradeJob, say: Say) -> Waiting:
    """Return what is done while a venue lets nobody begin: nothing is known yet that could be guarded."""

    def tell(fault: TransientError) -> None:
        _told_busy(job, fault)
        say(f"nothing is traded until the venue answers: {fault}")

    return Waiting(lambda: job.house.trades.keep(job.lease, for_s=LEASE_S), LEASE_S / 3, tell)


def _hearing(job: TradeJob, histories: Histories) -> Callable[[Sequence[FeedBar]], None]:
    absence = Absence(job.house, job.run, job.plan.series, job.clock)

    def hear(closed: Sequence[FeedBar]) -> None:
        absence.hear(closed)
        histories.hear(closed)

    return hear


def _listings(job: TradeJob, say: Say) -> Listings | None:
    """Return what asks the venue which instruments it trades; a model trades them all."""
    if job.venue is None:
        return None
    spans: dict[str, int] = {}
    for one in job.plan.series:
        spans[one.instrument] = max(one.span_ms, spans.get(one.instrument, 0))
    return Listings(job.venue, spans, job.clock, job.speed, say)


def _sight(job: TradeJob) -> MarketSight:
    is_real = job.venue is not None
    books = job.market.books if job.market is not None and is_real else {}
    return MarketSight(job.plan.venue, job.house.quotes, job.clock, job.speed, books, has_index=is_real)


def _gateway(
    job: TradeJob,
    feed: StoredFeed,
    clock_sight: ClockSight | None,
    listings: Listings | None,
    sight: MarketSight,
    minutes: Minutes,
) -> Gateway:
    house, plan, is_real = job.house, job.plan, job.venue is not None
    return Gateway(
        house.trades,
        plan.account,
        lambda: feed.stale,
        job.clock,
        lambda: wishes_of(house, house.trades.run(plan.account) or job.run),
        sight.seen,
        lambda: None if clock_sight is None else clock_sight.drift_s,
        job.speed,
        is_real,
        entered_at(house, job.run),
        (lambda _: "trading") if listings is None else listings.phase,
        minutes.traded,
        lambda: [one.intent.instrument for one in house.trades.intents(job.run.id, open_only=True)],
        partial(cancelled_since, house, job.run),
        lambda: house.trades.count_intents(job.run.id),
        job.caps,
    )


async def _tell(job: TradeJob, say: Say) -> None:
    """Say what is new in the log, one line an event; what an earlier process did was said by it."""
    news = News(job.house, job.run)
    chronicle = folded(job.house, job.run)
    state = job.house.trades.state(job.plan.account)
    if state != "active":
        cure = f"vigie trade resume --account {job.plan.account}"
        say(f"the account is {state}: entries are refused until {cure}")
    kept = chronicle.number
    while True:
        for step in job.house.trades.steps(job.run.id, chronicle.number):
            for line in chronicle.take(step):
                say(line)
            if chronicle.number - kept >= EVERY:
                # Whoever comes next, to flatten or to go on, folds what is new.
                keep(job.house, job.run, chronicle)
                kept = chronicle.number
        for line in news.lines():
            say(line)
        await job.clock.pause(_TELL_S)
