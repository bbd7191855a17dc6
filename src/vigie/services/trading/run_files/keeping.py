"""A change of a run file: checked as a start checks it, previewed, kept as a version, cancelled in time."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from vigie.domain.account import Sizing
from vigie.domain.errors import ConfigError, Conflict, NotFound, UsageError
from vigie.domain.order import TradeMode
from vigie.domain.order_caps import OrderCaps
from vigie.domain.person import Caller
from vigie.domain.refusal import Refusal
from vigie.domain.run_file_version import RunFileVersion, changed_meanwhile
from vigie.domain.time import iso
from vigie.ports.health import HomeHealth
from vigie.ports.home import HomeFolder
from vigie.ports.plans import PlanStore
from vigie.ports.run_files import RunFileStore
from vigie.run_file import RunFile, parse_run_file, read_run_file_text
from vigie.services.random_tokens import random_token
from vigie.services.runs import request_builder
from vigie.services.trading.account_plans.account_plan import AccountPlan, load_plan
from vigie.services.trading.account_plans.planning import check_request, make_plan
from vigie.services.trading.account_plans.trading_stores import TradingStores
from vigie.services.trading.log.event_log import EventLog
from vigie.services.trading.log.replay_cache import load_event_log
from vigie.services.trading.run_files.account_files import AccountFile, find_account_file
from vigie.services.trading.run_files.editing import RunFileEdit, edit_run_file
from vigie.services.trading.run_files.file_changes import check_fixed, file_difference, list_changes
from vigie.services.trading.run_files.halted import halt_notes
from vigie.services.trading.run_files.versions import (
    StatedVersion,
    is_known_text,
    list_versions,
    waiting_version,
)
from vigie.trading import catalogue


@dataclass(frozen=True, slots=True)
class ChangeSources:
    """What a change of a run file is read from and kept in."""

    stores: TradingStores
    files: RunFileStore
    home: HomeFolder
    caps: OrderCaps
    plans: PlanStore
    home_health: HomeHealth


@dataclass(frozen=True, slots=True)
class AccountRunFile:
    """The run file of an account and its versions.

    Attributes
    ----------
    in_force : str
        What the account is traded by now; empty where the file may not be changed here.
    waiting : RunFileVersion or None
        The version that takes effect once the account is flat.
    is_hand_changed : bool
        Whether the file was changed by hand since its last version: nothing takes effect over it.
    """

    file: AccountFile
    in_force: str
    versions: Sequence[StatedVersion]
    waiting: RunFileVersion | None
    is_hand_changed: bool

    @property
    def base(self) -> int:
        """Number of the newest version, 0 before the first: a change must be of it."""
        return self.versions[-1].version.version if self.versions else 0

    def version(self, number: int) -> StatedVersion:
        """Return a version by its number, from 1.

        Raises
        ------
        NotFound
            If there is no such version.
        """
        for stated in self.versions:
            if stated.version.version == number:
                return stated
        raise NotFound(
            "run_file_no_version",
            "account {account} has versions 1 to {count} of its run file, was {version}",
            account=self.file.account,
            count=len(self.versions),
            version=number,
        )

    def draft(self, version: int = 0) -> str:
        """Return the text that a change begins with: that of a version, else the newest word.

        Raises
        ------
        NotFound
            If there is no such version.
        """
        if version:
            return self.version(version).version.after
        return self.in_force if self.waiting is None or self.is_hand_changed else self.waiting.after


@dataclass(frozen=True, slots=True)
class ChangePreview:
    """What a change would do; nothing is kept.

    Attributes
    ----------
    before, after : str
        The file in force, and as it would be.
    changes : sequence of str
        Each a sentence with its code.
    notes : sequence of str
        What to know before it is confirmed: capital, limits that stay.
    """

    before: str
    after: str
    changes: Sequence[str]
    difference: Sequence[str]
    notes: Sequence[str]


def read_account_file(sources: ChangeSources, owner: str, account: str) -> AccountRunFile:
    """Return the run file of an owner's account and its versions.

    Raises
    ------
    NotFound
        If they have no such account.
    """
    stores = sources.stores
    file = find_account_file(sources.home, stores.results, stores.trades, owner, account)
    versions = list_versions(sources.files, stores.trades, owner, account)
    if file.refusal is not None:
        return AccountRunFile(file, "", versions, None, is_hand_changed=False)
    text = read_run_file_text(file.editable_path())
    present = next((stated.version for stated in versions if stated.state == "in_effect"), None)
    is_hand_changed = bool(versions) and not is_known_text(versions, text)
    if present is not None and "written" not in present.marks and not is_hand_changed:
        # The process that began it is about to write the file.
        text = present.after
    return AccountRunFile(file, text, versions, waiting_version(versions), is_hand_changed)


def parse_text(text: str, path: Path) -> RunFile:
    """Return what a run file says that a person gave.

    Raises
    ------
    UsageError
        If it is none; the message names key and file.
    """
    try:
        return parse_run_file(text, path)
    except ConfigError as fault:
        # Of a file that a program starts with it is a reason not to start; here it is what somebody typed.
        raise UsageError(str(fault)) from fault


def preview_change(
    sources: ChangeSources, current: AccountRunFile, change: RunFileEdit | str, *, draft: int = 0
) -> ChangePreview:
    """Return what a change would do, checked as a start of the account checks it.

    Parameters
    ----------
    change : RunFileEdit or str
        What is to be different in the draft, or the whole new file.
    draft : int
        The version that the change begins with; 0 for the newest word.

    Raises
    ------
    VigieError
        With cause and cure, for everything that could not be traded, and where nothing changes.
    """
    path = current.file.editable_path()
    before = parse_text(current.in_force, path)
    if isinstance(change, str):
        after_text = change.replace("\r\n", "\n")
    else:
        text = current.draft(draft)
        parse_text(text, path)
        after_text = edit_run_file(text, change, path)
    after = parse_text(after_text, path)
    changes = list_changes(before, after)
    if not changes:
        raise _nothing_changes(current)
    check_fixed(before, after)
    mode = after.venue.mode if current.file.run is None else current.file.run.mode
    plan = _check_plan(sources, current.file, after_text, path, mode)
    notes = [
        *_notes(sources, current, after),
        *_plan_notes(sources, current.file, plan),
        *halt_notes(sources.stores, sources.home_health, current.file.owner, plan),
    ]
    return ChangePreview(
        current.in_force, after_text, changes, file_difference(current.in_force, after_text, path.name), notes
    )


def keep_change(
    sources: ChangeSources,
    caller: Caller,
    current: AccountRunFile,
    change: RunFileEdit | str,
    *,
    base: int,
    draft: int = 0,
) -> RunFileVersion:
    """Keep a change as the newest version of an account's run file; it takes effect once the account is flat.

    Parameters
    ----------
    base : int
        The newest version that the person saw.

    Raises
    ------
    Conflict
        If there is a newer one.
    VigieError
        As `preview_change` does.
    """
    if base != current.base:
        raise changed_meanwhile(current.file.account)
    preview = preview_change(sources, current, change, draft=draft)
    version = RunFileVersion(
        current.file.account, base + 1, current.file.owner, random_token(),
        preview.before, preview.after, caller.user,
    )  # fmt: skip
    return sources.files.add(version, preview.changes)


def cancel_change(sources: ChangeSources, caller: Caller, current: AccountRunFile) -> RunFileVersion:
    """Cancel the version that waits.

    Raises
    ------
    Conflict
        If none waits, or it is taking effect already.
    """
    if current.waiting is None:
        raise Conflict(
            "run_file_nothing_waits",
            "no change of account {account} waits to take effect",
            account=current.file.account,
        )
    return sources.files.mark(current.file.account, current.waiting.version, "cancelled", caller.user)


def open_positions(sources: ChangeSources, file: AccountFile) -> int:
    """Return how many positions an account holds, for which a change waits."""
    log = _event_log(sources, file)
    return 0 if log is None else len(log.open_slots)


def _nothing_changes(current: AccountRunFile) -> UsageError:
    if current.waiting is not None:
        return UsageError(
            "run_file_same_as_before",
            "this is what account {account} trades already; cancel the change that waits instead",
            account=current.file.account,
        )
    return UsageError(
        "run_file_nothing_changes",
        "this is what account {account} trades already; change a slot or a limit",
        account=current.file.account,
    )


def _check_plan(
    sources: ChangeSources, file: AccountFile, text: str, path: Path, mode: TradeMode
) -> AccountPlan:
    """Return what the account would trade; what a start would refuse is refused by the same code."""
    stores = sources.stores
    request = request_builder.build_request(
        stores.data, config=path, text=text, own_strategies=stores.results.strategies
    )
    check_request(request)
    plan = make_plan(stores, request, account=file.account, mode=mode)
    sources.caps.check(plan_slot.slot for plan_slot in plan.slots)
    return plan


def _plan_notes(sources: ChangeSources, file: AccountFile, plan: AccountPlan) -> list[str]:
    """Return which armed plans the account would trade no more, as they end with the new run, or size otherwise."""
    after, before = _plan_sizes(plan), dict[str, Sizing]()
    if file.run is not None and not file.run.is_replayed:
        before = _plan_sizes(load_plan(sources.stores.results, file.run.id))
    notes: list[str] = []
    for marked in sources.plans.armed(file.account):
        if not marked.is_traded or "entered" in marked.marks:
            continue
        name, instrument = marked.plan.id, marked.plan.instrument
        new, old = after.get(instrument), before.get(instrument)
        if new is None:
            notes.append(
                Refusal(
                    "change_note_plan",
                    "plan {plan} of {instrument} is armed and would be refused: no slot of plan is left for it",
                    plan=name,
                    instrument=instrument,
                )
            )
        elif old is not None and (old.risk_fraction, old.leverage) != (new.risk_fraction, new.leverage):
            notes.append(
                Refusal(
                    "change_note_plan_size",
                    "plan {plan} of {instrument} is armed and would be sized anew: {after:g} % at risk and leverage "
                    "{leverage:g}, now {before:g} % and {leverage_before:g}",
                    plan=name,
                    instrument=instrument,
                    after=new.risk_fraction * 100.0,
                    leverage=new.leverage,
                    before=old.risk_fraction * 100.0,
                    leverage_before=old.leverage,
                )
            )
    return notes


def _plan_sizes(plan: AccountPlan) -> dict[str, Sizing]:
    """Return what entries of plans are sized with, by instrument."""
    return {slot.slot.instrument: slot.sizing for slot in plan.slots if slot.slot.strategy == catalogue.PLAN}


def _event_log(sources: ChangeSources, file: AccountFile) -> EventLog | None:
    if file.run is None or file.run.is_replayed:
        return None
    return load_event_log(sources.stores.results, sources.stores.trades, file.run)


def _notes(sources: ChangeSources, current: AccountRunFile, after: RunFile) -> list[str]:
    """Return what to know before a change is confirmed.

    Raises
    ------
    UsageError
        If a demo account has less than the new run would begin with.
    """
    log = _event_log(sources, current.file)
    if log is None or log.account is None:
        return []
    assert current.file.run is not None
    equity, capital = log.account.equity, after.account.capital
    if current.file.run.mode == "demo" and equity < capital * 0.99:
        raise UsageError(
            "run_file_capital_above_equity",
            "capital must be at most what the account has, {equity:.2f}, was {capital:g}; change the capital too",
            equity=equity,
            capital=capital,
        )
    notes: list[str] = [
        Refusal(
            "change_note_capital",
            "the new run begins with the capital of the file, {capital:,.2f}; the account has {equity:,.2f} now",
            capital=capital,
            equity=equity,
        )
    ]
    now = sources.stores.clock.market_now()
    notes += [
        Refusal(
            "change_note_limit",
            "limit {limit} stays in force until {until}: a change lifts nothing",
            limit=name,
            until=iso(until),
        )
        for name, until in log.account.limits.active_until(now).items()
    ]
    return notes
