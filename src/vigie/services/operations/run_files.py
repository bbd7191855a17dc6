"""Run files of accounts in the desk: what a paper or demo account trades and its limits, changed by their owner.

A change is previewed, kept as a version, and takes effect as a new run once the account is flat.
"""

from __future__ import annotations

from pathlib import Path
from typing import Final, Literal

from pydantic import BaseModel, Field

from vigie.domain.errors import UsageError
from vigie.domain.person import Caller
from vigie.domain.run_file_version import RunFileVersion, VersionState
from vigie.ports.accounts import UserStore
from vigie.ports.health import HomeHealth
from vigie.run_file import parse_run_file
from vigie.services.operation import OperationResult, Origin, Table, operation
from vigie.services.operations.trading import AccountInput
from vigie.services.people.ownership import owner_of
from vigie.services.refusal_text import RefusalText
from vigie.services.rows import Row, shown, table_of
from vigie.services.trading.account_plans.account_plan import load_plan
from vigie.services.trading.accounts.account_status import is_traded
from vigie.services.trading.run_files.editing import RunFileEdit, SlotEdit
from vigie.services.trading.run_files.file_changes import file_difference, list_changes
from vigie.services.trading.run_files.form_fields import (
    SettingField,
    SlotField,
    fields_of_plan,
    setting_fields,
    slot_fields,
)
from vigie.services.trading.run_files.keeping import (
    AccountRunFile,
    ChangeSources,
    cancel_change,
    keep_change,
    open_positions,
    parse_text,
    preview_change,
    read_account_file,
)
from vigie.services.trading.run_files.versions import StatedVersion, reason_of
from vigie.services.typed_numbers import TypedSetting, TypedWhole

_MAX_TEXT: Final = 100_000
_EXAMPLE: Final = {"account": "main", "settings": {"risk_fraction": 0.01}}
WaitsFor = Literal["", "flat", "start", "now"]


class RunFileSlotInput(BaseModel, extra="forbid"):
    """A slot as it is to be."""

    origin: TypedWhole | None = Field(
        None, ge=0, description="Place of the slot in the draft, from 0 on; null for a new one."
    )
    instruments: list[str] = Field(
        min_length=1, max_length=100, description="Such as `BTC` or `btc-usdt-perp`."
    )
    strategy: str = Field(min_length=1, max_length=60)
    timeframe: str = Field("native", description="`native` is what the strategy was made for.")
    enabled: bool = True
    params: dict[str, TypedSetting] = Field(
        default={}, description="Parameters that differ from the strategy's defaults."
    )


class AccountRunFileInput(AccountInput):
    """One of the caller's own accounts."""

    draft: int = Field(0, ge=0, description="The version to show as a draft; 0 for the newest word.")


class PreviewRunFileInput(AccountRunFileInput):
    """A change: the whole new file, or what is to be different in the draft."""

    text: str | None = Field(
        None, max_length=_MAX_TEXT, description="The whole new run file (TOML); the rest is left out then."
    )
    settings: dict[str, TypedSetting | None] = Field(
        default={}, description="Keys of [account], such as `capital`; null leaves the usual value."
    )
    protections: dict[str, TypedSetting | None] = Field(
        default={}, description="Keys of [protections], such as `max_positions`; null leaves the usual value."
    )
    slots: list[RunFileSlotInput] | None = Field(
        None, max_length=400, description="All slots as they are to be; left out, they stay."
    )

    def change(self) -> RunFileEdit | str:
        """Return the change as the services take it."""
        if self.text is not None:
            return self.text
        slots = (
            None
            if self.slots is None
            else [
                SlotEdit(
                    slot.origin,
                    tuple(slot.instruments),
                    slot.strategy,
                    slot.timeframe,
                    slot.enabled,
                    slot.params,
                )
                for slot in self.slots
            ]
        )
        return RunFileEdit(self.settings, self.protections, slots)


class ChangeRunFileInput(PreviewRunFileInput):
    """A change that is confirmed."""

    base: int = Field(
        ge=0,
        description="The newest version that was seen, `base` of `trading.run_file`; refused if there is a newer.",
    )


class AccountRunFileResult(OperationResult):
    """The run file of an account, and whether it may be changed here."""

    account: str
    path: str = Field(description="Where the file is; empty where that is not known.")
    is_editable: bool
    why: RefusalText = Field(description="Why it may not be changed here; empty where it may.")
    text: str = Field(description="The draft: the whole file as a change begins with it.")
    base: int = Field(description="Number of the newest version; 0 before the first.")
    draft: int
    waiting: int | None = Field(description="The version that waits to take effect; null where none does.")
    waits_for: WaitsFor = Field(
        description="What it waits for: the account being flat, the next start of its process, or seconds only."
    )
    positions: int = Field(description="Open positions that it waits for.")
    is_hand_changed: bool = Field(
        description="Whether the file was changed by hand since its last version: no version takes effect over it."
    )
    slots: list[SlotField]
    settings: list[SettingField]


class RunFilePreview(OperationResult):
    """What a change would do; nothing is kept."""

    account: str
    base: int
    text: str
    changes: list[RefusalText]
    difference: list[str]
    notes: list[RefusalText]


class RunFileVersionRow(Row):
    """One version of a run file."""

    version: int = shown("Version", unit="count")
    state: VersionState = shown("State", definition="Where this version stands.")
    ts: int = shown("Date", unit="ms", definition="When it was confirmed.")
    changes: int = shown("Changes", unit="count", definition="How many things it changes.")
    run: str
    digest_before: str = shown("Digest before", definition="SHA-256 of the run file in force at that time.")
    digest_after: str = shown("Digest after", definition="SHA-256 of the run file that it asks for.")


class RunFileVersionInput(AccountInput):
    """A version of the run file of one of the caller's own accounts."""

    version: int = Field(ge=1)


class RunFileVersionResult(OperationResult):
    """What a version changes."""

    account: str
    version: int
    state: VersionState
    why: RefusalText = Field(description="Why it could not begin; empty where it could.")
    changes: list[RefusalText]
    difference: list[str]


@operation("trading.run_file", example={"account": "main"})
def read_run_file_of(
    caller: Caller,
    params: AccountRunFileInput,
    sources: ChangeSources,
    accounts: UserStore,
    home_health: HomeHealth,
) -> AccountRunFileResult:
    """Show what an account trades and its limits, as its run file says it, with bounds and usual values."""
    current = read_account_file(sources, owner_of(accounts, caller), params.account)
    file, own = current.file, sources.stores.results.strategies
    text, why = "", None if file.refusal is None else str(file.refusal)
    slots, settings = list[SlotField](), list[SettingField]()
    if why is None:
        text = current.draft(params.draft)
        try:
            parsed = parse_text(text, file.editable_path())
            slots, settings = slot_fields(parsed, own), setting_fields(parsed)
        except UsageError as fault:
            why = str(fault)
    if why is not None and file.run is not None:
        slots, settings = fields_of_plan(load_plan(sources.stores.results, file.run.id), own)
    positions = open_positions(sources, file)
    return AccountRunFileResult(
        account=params.account,
        path="" if file.path is None else str(file.path),
        is_editable=why is None,
        why=why or "",
        text=text,
        base=current.base,
        draft=params.draft,
        waiting=None if current.waiting is None else current.waiting.version,
        waits_for=_waits_for(sources, home_health, current, positions),
        positions=positions,
        is_hand_changed=current.is_hand_changed,
        slots=slots,
        settings=settings,
    )


@operation("trading.preview_run_file", scope="trade", example=_EXAMPLE)
def preview_run_file(
    caller: Caller, params: PreviewRunFileInput, sources: ChangeSources, accounts: UserStore
) -> RunFilePreview:
    """Show what a change of a run file would do, checked as a start checks it; nothing is kept."""
    current = read_account_file(sources, owner_of(accounts, caller), params.account)
    told = preview_change(sources, current, params.change(), draft=params.draft)
    return RunFilePreview(
        account=params.account,
        base=current.base,
        text=told.after,
        changes=list(told.changes),
        difference=list(told.difference),
        notes=list(told.notes),
    )


@operation("trading.change_run_file", scope="trade", example={**_EXAMPLE, "base": 0})
def change_run_file(
    caller: Caller,
    params: ChangeRunFileInput,
    sources: ChangeSources,
    accounts: UserStore,
    home_health: HomeHealth,
) -> AccountRunFileResult:
    """Keep a change of a run file as its newest version; it takes effect as a new run once the account is flat."""
    current = read_account_file(sources, owner_of(accounts, caller), params.account)
    keep_change(sources, caller, current, params.change(), base=params.base, draft=params.draft)
    return read_run_file_of(
        caller, AccountRunFileInput(account=params.account, draft=0), sources, accounts, home_health
    )


@operation("trading.cancel_run_file", scope="trade", example={"account": "main"})
def cancel_run_file(
    caller: Caller, params: AccountInput, sources: ChangeSources, accounts: UserStore, home_health: HomeHealth
) -> AccountRunFileResult:
    """Cancel the version of a run file that waits: the account goes on with what it trades now."""
    current = read_account_file(sources, owner_of(accounts, caller), params.account)
    cancel_change(sources, caller, current)
    return read_run_file_of(
        caller, AccountRunFileInput(account=params.account, draft=0), sources, accounts, home_health
    )


@operation("trading.run_file_versions", example={"account": "main"})
def list_run_file_versions(
    caller: Caller, params: AccountInput, sources: ChangeSources, accounts: UserStore
) -> Table[RunFileVersionRow]:
    """List the versions of an account's run file, the newest first."""
    current = read_account_file(sources, owner_of(accounts, caller), params.account)
    rows = [_version_row(stated) for stated in reversed(current.versions)]
    return table_of(RunFileVersionRow, rows, origins=[Origin(source="vigie")], total=len(rows))


@operation("trading.run_file_version", example={"account": "main", "version": 1})
def read_run_file_version(
    caller: Caller, params: RunFileVersionInput, sources: ChangeSources, accounts: UserStore
) -> RunFileVersionResult:
    """Show what a version of a run file changes: sentences, and the difference of the two files."""
    current = read_account_file(sources, owner_of(accounts, caller), params.account)
    stated = current.version(params.version)
    version, path = stated.version, Path(f"{params.account}.toml")
    return RunFileVersionResult(
        account=params.account,
        version=version.version,
        state=stated.state,
        why=reason_of(version.marks["refused"]) if "refused" in version.marks else "",
        changes=_changes_of(version),
        difference=file_difference(version.before, version.after, path.name),
    )


def _version_row(stated: StatedVersion) -> RunFileVersionRow:
    version = stated.version
    return RunFileVersionRow(
        version=version.version,
        state=stated.state,
        ts=version.ts,
        changes=len(_changes_of(version)),
        run=version.run,
        digest_before=version.digest_before,
        digest_after=version.digest_after,
    )


def _changes_of(version: RunFileVersion) -> list[str]:
    path = Path(f"{version.account}.toml")
    return list(list_changes(parse_run_file(version.before, path), parse_run_file(version.after, path)))


def _waits_for(
    sources: ChangeSources, home_health: HomeHealth, current: AccountRunFile, positions: int
) -> WaitsFor:
    if current.waiting is None:
        return ""
    if not is_traded(sources.stores.trades, home_health, current.file.account):
        return "start"
    return "flat" if positions else "now"
