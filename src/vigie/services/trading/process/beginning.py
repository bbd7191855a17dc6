"""Whether an account goes on with its run or begins a new one; what a run is made of is written before it begins."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from pathlib import Path

from vigie.domain.errors import Conflict, UsageError
from vigie.domain.order import TradeRun
from vigie.ports.home import HomeFolder
from vigie.ports.tradebook import TradeBook
from vigie.research.fingerprints import strategy_source
from vigie.services.learning.account_models import find_written
from vigie.services.learning.model_files import model_folder
from vigie.services.learning.model_strategy import STRATEGY_FILE
from vigie.services.random_tokens import random_token
from vigie.services.trading.account_plans.account_plan import AccountPlan, load_plan, save_plan
from vigie.services.trading.account_plans.modes import check_detail, check_same_plan
from vigie.services.trading.account_plans.plan_changes import plan_changes
from vigie.services.trading.account_plans.plan_facts import take_back_tried
from vigie.services.trading.account_plans.trading_stores import TradingStores
from vigie.services.trading.gateway.overrides import copy_tightened_limits
from vigie.services.trading.limits.carried_limits import CarriedLimits
from vigie.services.trading.log.holding import find_held
from vigie.services.trading.log.replay_cache import load_event_log
from vigie.trading.catalogue import PLAN, available, load_file


def refuse_other_files(stores: TradingStores, account: str) -> None:
    """Refuse to go on with what an account holds where the file that decides its exit is gone, or another one.

    What is shipped with Vigie is another one after an update, which `check_run` tells.

    Raises
    ------
    UsageError
        With where the file of a model is kept.
    """
    held, own = find_held(stores.results, stores.trades, account), stores.results.strategies
    # What trades a person's plans is shipped, too, and stands in no list; a file of the person's own comes first.
    shipped = {*available(), PLAN} - {path.stem for path in own.glob("*.py")}
    for plan_slot in () if held is None else held.plan.slots:
        name = plan_slot.slot.strategy
        if name not in shipped and _present_source(name, plan_slot.require, own) != plan_slot.source:
            written = find_written(stores.learned_models, plan_slot.source)
            kept = "" if written is None else str(model_folder(HomeFolder(Path()), *written) / STRATEGY_FILE)
            raise _other_file(account, name, own / f"{name}.py", kept)


def _present_source(strategy: str, require: Sequence[str], own: Path) -> str:
    """Return what a plan keeps of the file of a strategy, as the file is now; empty where it is gone."""
    files = available(own)
    return strategy_source(load_file(files[strategy]).requiring(require)) if strategy in files else ""


def _other_file(account: str, strategy: str, path: Path, kept: str) -> UsageError:
    if kept:
        return UsageError(
            "held_model_file_other",
            "account {account} holds a position whose exit {strategy} decides, and {path} is missing or has "
            "changed since its entry: copy {kept} of the home folder there, or close it with `vigie trade "
            "flatten --account {account}`",
            account=account,
            strategy=strategy,
            path=path,
            kept=kept,
        )
    return UsageError(
        "held_strategy_file_other",
        "account {account} holds a position whose exit {strategy} decides, and {path} is missing or has "
        "changed since its entry: restore that file, or close it with `vigie trade flatten --account "
        "{account}`",
        account=account,
        strategy=strategy,
        path=path,
    )


def check_run(
    stores: TradingStores, plan: AccountPlan, owner: str, *, is_new: bool, detail: str | None = None
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
    _refuse_second(stores.trades, plan, owner)
    run = stores.trades.run(plan.account)
    if run is None:
        return None
    if run.owner != owner:
        raise Conflict(
            "account_belongs_another_user_name",
            "account {account} belongs to another user; name another with --account",
            account=plan.account,
        )
    if run.is_replayed:
        return None
    if not is_new:
        identity = plan.fingerprint, plan.mode, plan.venue
        check_same_plan(run, *identity, lambda: plan_changes(load_plan(stores.results, run.id), plan))
        check_detail(run, load_plan(stores.results, run.id).detail, detail)
        return run
    open_numbers = load_event_log(stores.results, stores.trades, run).open_slots
    if open_numbers:
        raise UsageError(
            "account_open_positions_new_run",
            "account {account} has {open_numbers_count} open positions that a new run would lose "
            "track of; close them first: vigie trade flatten --account {account}",
            account=plan.account,
            open_numbers_count=len(open_numbers),
        )
    return None


def _refuse_second(trades: TradeBook, plan: AccountPlan, owner: str) -> None:
    """Refuse to trade an account at a venue under two names: its money and its limits would be counted twice."""
    if plan.mode == "paper":
        return
    # A home has one key for each venue and mode.
    venue_key = plan.venue.rpartition("-")[0], plan.mode
    for other_run in trades.accounts():
        is_same = (
            other_run.venue.rpartition("-")[0],
            other_run.mode,
        ) == venue_key and other_run.account != plan.account
        if is_same and trades.holder(other_run.account) is not None:
            name = f"account {other_run.account}" if other_run.owner == owner else "somebody else's account"
            raise Conflict(
                "trading_mode_same_key",
                "{name} is trading at {venue} in {mode} mode with the same key, so both would "
                "count the same money as theirs; stop it first, or put the slots of both into one run "
                "file",
                name=name,
                venue=plan.venue,
                mode=plan.mode,
            )


def begin_run(
    stores: TradingStores,
    plan: AccountPlan,
    owner: str,
    carried: CarriedLimits | None = None,
    money: str = "",
    run_id: str = "",
) -> TradeRun:
    """Begin a run, or a replay where its plan ends: plan in the home and id in the book before anything is sent.

    Parameters
    ----------
    carried : CarriedLimits or None
        Limits of loss that its log begins with.
    money, run_id : str
        Fingerprint of its key at the venue, empty on paper; the run's id, empty for a random one.

    Raises
    ------
    Conflict
        If another account that trades the same one at the venue began meanwhile.
    """
    run = TradeRun(
        run_id or random_token(), plan.account, owner, plan.venue, plan.mode, plan.fingerprint,
        Decimal(repr(plan.capital)), plan.begun, is_replayed=plan.until > 0,
    )  # fmt: skip
    save_plan(stores.results, run.id, plan)
    if carried and (newest := carried.newest_run) and newest.account != plan.account:
        copy_tightened_limits(stores.accounts, newest, plan.account, owner)
    first, notes = ((), ()) if carried is None else (carried.steps, (carried.note,))
    take_back_tried(stores, plan)
    stores.trades.begin(run, money=money, steps=first, notes=notes)
    # Of two accounts that begin at once neither knew of the other before.
    _refuse_second(stores.trades, plan, owner)
    return run
