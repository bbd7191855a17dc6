"""The trading process's part of a changed run file: the old run until the account is flat, then the new one.

The new run's id was named when the version was kept, so one write decides: from the moment at which the book has that
run, the new version is in effect; until then the old run goes on. The file itself follows the book, and whoever was
killed in between is made good for by `settle`.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from vigie.domain.errors import Conflict, ConnectorError, NotFound, StorageError, TransientError, VigieError
from vigie.domain.order import TradeRun
from vigie.domain.refusal import Refusal
from vigie.domain.run_file_version import RunFileVersion
from vigie.engine.live.waiting import Deadline
from vigie.ports.clock import PatientClock
from vigie.ports.home import HomeFolder, ResultsHome
from vigie.ports.run_files import RunFileStore
from vigie.ports.tradebook import TradeBook
from vigie.run_file import read_run_file_text
from vigie.services.trading.log.replay_cache import load_event_log
from vigie.services.trading.run_files.account_files import AccountFile, find_account_file
from vigie.services.trading.run_files.versions import (
    StatedVersion,
    is_known_text,
    list_versions,
    note_of,
    waiting_version,
)

_LOOK_S: Final = 2.0
# A version that could not begin, for no reason of its own, is tried again after so long.
_AGAIN_S: Final = 60.0
# The account was not flat after all: no fault of the version.
_NOT_FLAT: Final = frozenset({"account_open_positions_new_run", "previous_run_left_open"})
# Not the version's fault either.
_PASSING: Final = (TransientError, ConnectorError, StorageError)


@dataclass(frozen=True, slots=True)
class RunFileStores:
    """What is read and written of run files."""

    files: RunFileStore
    trades: TradeBook
    results: ResultsHome
    home: HomeFolder


def is_flat(stores: RunFileStores, account: str) -> bool:
    """Tell whether an account holds no position and no order of its run is under way."""
    run = stores.trades.run(account)
    if run is None or run.is_replayed:
        return True
    return not _has_orders(stores, run) and not load_event_log(stores.results, stores.trades, run).open_slots


def _has_orders(stores: RunFileStores, run: TradeRun) -> bool:
    # On paper a target is no order: it ends with its position.
    no_orders = ("target",) if run.mode == "paper" else ()
    intents = stores.trades.intents(run.id, open_only=True)
    return any(known.intent.leg not in no_orders for known in intents)


@dataclass(slots=True)
class ChangeWatch:
    """Watches for a changed run file of the account that a process trades, and lets it take effect.

    Attributes
    ----------
    path : Path
        The run file that the process was started with.
    is_allowed : bool
        False with real money: nothing is changed there.
    has_ended : bool
        Whether the run made room for a change.
    """

    stores: RunFileStores
    account: str
    owner: str
    path: Path
    clock: PatientClock
    is_allowed: bool = True
    has_ended: bool = False
    _rest: Deadline | None = field(default=None, init=False)
    _busy_step: tuple[str, int] = field(default=("", 0), init=False)

    def due(self) -> RunFileVersion | None:
        """Return the version that may take effect now; None where none waits, or the account is not flat."""
        if self._rest is not None and not self._rest.is_over():
            return None
        version = self._waiting()
        return version if version is not None and self._is_flat() else None

    async def until_due(self) -> None:
        """End when a version may take effect."""
        self.has_ended = False
        while self.due() is None:
            await self.clock.pause(_LOOK_S)
        self.has_ended = True

    def take(self, version: RunFileVersion) -> bool:
        """Note that a version takes effect now; False where it was cancelled or replaced meanwhile."""
        try:
            self.stores.files.mark(self.account, version.version, "taken", self.owner)
        except Conflict:
            return False
        return True

    def settle(self) -> None:
        """Let the file say what the present run is: what was killed between the two is made good for.

        What a person changed by hand meanwhile stays, and is refused as ever.
        """
        file, versions = self._known()
        version = next((stated.version for stated in versions if stated.state == "in_effect"), None)
        if file is None or version is None or "written" in version.marks:
            return
        text = read_run_file_text(self.path)
        if text != version.after:
            if not is_known_text(versions, text):
                return
            self.stores.results.write(self.path.parent, {self.path.name: version.after.encode()})
        self.stores.files.mark(self.account, version.version, "written", self.owner)

    def handle_fault(self, version: RunFileVersion, fault: VigieError) -> str:
        """Return what is said of a version that could not begin; one that never can is refused for good."""
        reason = str(fault)
        is_passing = isinstance(fault, _PASSING) or (isinstance(reason, Refusal) and reason.code in _NOT_FLAT)
        if is_passing:
            self._rest = Deadline(self.clock, _AGAIN_S)
            return f"version {version.version} of the run file waits, the run before goes on: {fault}"
        self.stores.files.mark(self.account, version.version, "refused", self.owner, note_of(reason))
        return f"version {version.version} of the run file cannot be traded, the run before goes on: {fault}"

    def _is_flat(self) -> bool:
        """Tell whether the account is flat; a log that did not grow since it was not is not folded again."""
        run = self.stores.trades.run(self.account)
        step = ("", 0) if run is None else (run.id, self.stores.trades.last_step(run.id))
        if step[0] and step == self._busy_step:
            return False
        if run is not None and not run.is_replayed and _has_orders(self.stores, run):
            return False
        if is_flat(self.stores, self.account):
            return True
        self._busy_step = step
        return False

    def _waiting(self) -> RunFileVersion | None:
        file, versions = self._known()
        version = waiting_version(versions)
        if file is None or version is None:
            return None
        # Over a file that somebody changed by hand nothing is written.
        return version if is_known_text(versions, read_run_file_text(self.path)) else None

    def _known(self) -> tuple[AccountFile | None, list[StatedVersion]]:
        """Return the account's file where it may be changed and is the one that is traded, and its versions."""
        if not self.is_allowed:
            return None, []
        versions = list_versions(self.stores.files, self.stores.trades, self.owner, self.account)
        if not versions or not self.path.is_file():
            return None, []
        try:
            file = find_account_file(
                self.stores.home, self.stores.results, self.stores.trades, self.owner, self.account
            )
        except NotFound:
            return None, versions
        is_same = (
            file.refusal is None and file.path is not None and file.path.resolve() == self.path.resolve()
        )
        return (file if is_same else None), versions
