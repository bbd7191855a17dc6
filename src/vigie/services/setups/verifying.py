"""Whether the record of setups is what it says: the chain, every seal, every outcome, every rate."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence, Set
from dataclasses import dataclass, field, replace
from itertools import chain
from statistics import fmean
from typing import Final

from vigie.domain.errors import DataError, InvariantBroken, NotFound
from vigie.domain.setup import SetupScope, seal_of
from vigie.intelligence.setups.record import GROUPINGS, LEAST, EndedSetup, RecordCell, record_cells
from vigie.ports.audit import AuditLog
from vigie.ports.setups import SetupStore, StoredChange
from vigie.services.setups.checking import check_setups
from vigie.services.setups.ended import ended_setups, live_changes
from vigie.services.trading.account_plans.trading_stores import TradingStores

SEALED: Final = "setup.sealed"
CHANGED: Final = "setup.changed"
DELETED: Final = "account.delete"
_PAGE: Final = 500
# A change and its record are of one transaction, which may wait for another.
_WRITING_MS: Final = 60_000


@dataclass(frozen=True, slots=True)
class VerifiedRecord:
    """What was found.

    Attributes
    ----------
    records : int
        Of the audit chain.
    sealed, unsealed : int
        Changes with a seal, and those written before there were seals.
    made_anew : int
        Changes that were made anew from the logs, those of `undecided` among them.
    cells : int
        Of the results that were computed anew.
    foreign : int
        Seals in the chain of accounts that are not among those checked: they are gone, say.
    difference : str
        The first one; empty where there is none.
    undecided : mapping of (str, str) to int
        By strategy and SHA-256 of its file as it was, changes of which the decisions were not made anew: the file is
        another one today. All that does not need the file was.
    """

    records: int = 0
    sealed: int = 0
    unsealed: int = 0
    made_anew: int = 0
    cells: int = 0
    foreign: int = 0
    difference: str = ""
    undecided: Mapping[tuple[str, str], int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class _ChainSeals:
    """Chain records by the seals of the accounts that are checked; how many others; a fault."""

    own: Mapping[str, _Sealed]
    foreign: int
    fault: str


@dataclass(frozen=True, slots=True)
class _Sealed:
    """Number and time of the chain record of a seal, and the run that the record of its change names."""

    seq: int
    ts: int
    run: str


def body_text(change: StoredChange) -> str:
    """Return a change as it was written and sealed."""
    return json.dumps(change.body, ensure_ascii=False, allow_nan=False, separators=(",", ":"))


def verify_record(
    audit: AuditLog,
    setups: SetupStore,
    stores: TradingStores,
    accounts: Sequence[str],
    anchors: Mapping[int, str],
) -> VerifiedRecord:
    """Recompute chain, seals, outcomes and rates of some accounts, up to the first difference.

    All of it as far as the chain goes when it is read first: what a worker writes meanwhile is left out.

    Parameters
    ----------
    audit : AuditLog
        The chain.
    setups : SetupStore
        The changes.
    stores : TradingStores
        Where logs, plans and bars are.
    accounts : sequence of str
        Whose live setups.
    anchors : mapping of int to str
        Heads by number, as mails carried them.

    Returns
    -------
    VerifiedRecord
        Counts as far as it came.
    """
    try:
        records = audit.verify()
    except InvariantBroken as fault:
        return VerifiedRecord(difference=str(fault))
    kept = live_changes(setups, accounts)
    changes = [change for change in kept if _is_within(change, records)]
    later = [change for change in kept if not _is_within(change, records)]
    runs = {run.id for run in stores.trades.runs_of()}
    seals, sealed = _seals(audit, accounts, records, runs), sum(bool(change.seal) for change in changes)
    found = VerifiedRecord(records, sealed, len(changes) - sealed, foreign=seals.foreign)
    differences = (
        _anchor_differences(audit, anchors), _seal_differences(seals, changes), _missing_seals(audit, later),
    )  # fmt: skip
    difference = next(chain.from_iterable(differences), "")
    if difference:
        return replace(found, difference=difference)
    undecided: Counter[tuple[str, str]] = Counter()
    made_anew, difference = _made_anew(stores, setups, accounts, changes, records, undecided)
    found = replace(found, made_anew=made_anew, undecided=undecided)
    if difference:
        return replace(found, difference=difference)
    ended = ended_setups(changes)
    cells = record_cells(ended)
    return replace(found, cells=len(cells), difference=next(_rate_differences(ended, cells), ""))


def _is_within(change: StoredChange, records: int) -> bool:
    """Tell whether a change was sealed within the first records of the chain, or has no seal."""
    return not change.seal or change.sealed_at <= records


def _made_anew(
    stores: TradingStores,
    setups: SetupStore,
    accounts: Sequence[str],
    changes: Sequence[StoredChange],
    records: int,
    undecided: Counter[tuple[str, str]],
) -> tuple[int, str]:
    """Return how many changes the logs of all accounts give, also of those that keep none, and the first difference.

    Of which files decisions were not made anew is counted in `undecided`.
    """
    made_anew, kept = 0, {change.account for change in changes}
    for account in sorted(accounts):
        try:
            done = check_setups(stores, setups, SetupScope(account))
        except NotFound as fault:
            if account in kept:
                return made_anew, str(fault)
            continue  # Only its past was replayed.
        except DataError as fault:
            return made_anew, str(fault)
        for file, count in done.other_files(records).items():
            undecided[file] += count
        if done.difference is not None:
            return (
                made_anew + done.changes,
                f"{done.difference.slot}: the log gives another change than the one kept",
            )
        made_anew += sum(_is_within(change, records) for change in done.kept)
    return made_anew, "" if made_anew == len(
        changes
    ) else "the logs give another number of changes than are kept"


def _anchor_differences(audit: AuditLog, anchors: Mapping[int, str]) -> Iterator[str]:
    for number, head in sorted(anchors.items()):
        (found,) = audit.after(number - 1, limit=1)[:1] or (None,)
        if found is None or found.seq != number:
            yield f"record {number} of an anchor is missing from the chain, which ends at {audit.newest()}"
        elif found.hash != head:
            yield f"record {number} of the chain has another head than the anchor"


def _seal_differences(found: _ChainSeals, changes: Sequence[StoredChange]) -> Iterator[str]:
    """Yield changes that are not as they were sealed, and seals of these accounts without their change."""
    if found.fault:
        yield found.fault
    seals = dict(found.own)
    before: dict[str, str] = {}
    for change in changes:
        if not change.seal and not before.get(change.account):
            continue
        if change.seal_before != before.get(change.account, ""):
            yield f"a change is missing before number {change.number} of {change.slot}"
        if change.seal != seal_of(change.salt, change.seal_before, body_text(change)):
            yield f"change {change.number} of {change.slot} is not the one that was sealed"
        sealed = seals.pop(change.seal, None)
        if sealed is None or sealed.seq != change.sealed_at:
            yield f"the chain does not hold the seal of change {change.number} of {change.slot}"
        elif sealed.run != change.run or abs(sealed.ts - change.ts_written) > _WRITING_MS:
            yield f"the chain tells another run or time of change {change.number} of {change.slot}"
        before[change.account] = change.seal
    for number in sorted(sealed.seq for sealed in seals.values()):
        yield f"the change that was sealed by record {number} of the chain is gone"


def _missing_seals(audit: AuditLog, later: Sequence[StoredChange]) -> Iterator[str]:
    """Yield changes written meanwhile whose seal is not in the chain: one whose end is cut off holds none of them."""
    for change in later:
        (found,) = audit.after(change.sealed_at - 1, limit=1)[:1] or (None,)
        if found is None or (found.seq, found.kind, found.subject) != (change.sealed_at, SEALED, change.seal):
            yield f"the chain does not hold the seal of change {change.number} of {change.slot}"


def _seals(audit: AuditLog, accounts: Sequence[str], records: int, runs: Set[str]) -> _ChainSeals:
    """Read the seals of live changes that the first records of the chain hold, and whose they are.

    Of an account that has the name of a deleted person's, seals of runs that are gone belong to that one, up to where
    the chain says that a person was deleted.
    """
    own: dict[str, _Sealed] = {}
    seq, foreign, before = 0, 0, None
    while page := audit.after(seq, limit=_PAGE, kinds=[CHANGED, SEALED, DELETED]):
        for event in page:
            if event.seq > records:
                return _ChainSeals(own, foreign, "")
            if event.kind == DELETED:
                gone = [seal for seal, sealed in own.items() if sealed.run not in runs]
                foreign += len(gone)
                for seal in gone:
                    del own[seal]
            elif event.kind == SEALED:
                # Each stands right after the record of its change, which names the account.
                text = before.text if before is not None and before.seq == event.seq - 1 else None
                if text is None:
                    return _ChainSeals(
                        own, foreign, f"nothing says whose change record {event.seq} of the chain sealed"
                    )
                if not text.get("is_replayed"):
                    if text.get("account") in accounts:
                        own[event.subject] = _Sealed(event.seq, event.ts, str(text.get("run")))
                    else:
                        foreign += 1
            before = event
        seq = page[-1].seq
    return _ChainSeals(own, foreign, "")


def _rate_differences(ended: Sequence[EndedSetup], cells: Sequence[RecordCell]) -> Iterator[str]:
    """Yield cells whose counts, means or shares plain sums do not give."""
    wanted = {
        (name, "" if name == "all" else str(getattr(setup, name))) for name in GROUPINGS for setup in ended
    }
    if wanted != {(cell.grouping, cell.value) for cell in cells}:
        yield "the results have other cells than the changes"
    for cell in cells:
        of = [
            setup for setup in ended if cell.grouping == "all" or getattr(setup, cell.grouping) == cell.value
        ]
        rs = [setup.r for setup in of if setup.kind == "trade" and setup.r is not None]
        unconfirmed = sum(setup.kind == "unconfirmed" for setup in of)
        counted = sum(setup.kind != "void" for setup in of)
        has_mean = len(rs) >= LEAST
        plain = (
            float(len(rs)), float(unconfirmed), float(sum(setup.kind == "void" for setup in of)),
            fmean(rs) if has_mean else None,
            sum(r > 0.0 for r in rs) / len(rs) if has_mean else None,
            unconfirmed / counted if counted >= LEAST else None,
        )  # fmt: skip
        told = (
            float(cell.trades), float(cell.unconfirmed), float(cell.void), cell.mean_r,
            cell.won_share, cell.unconfirmed_share,
        )  # fmt: skip
        if not all(_is_same(one, other) for one, other in zip(plain, told, strict=True)):
            yield f"{cell.grouping} {cell.value}: the results are not what the changes give"


def _is_same(one: float | None, other: float | None) -> bool:
    if one is None or other is None:
        return one is other
    return abs(one - other) <= 1e-9 * max(1.0, abs(one))
