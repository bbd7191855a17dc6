"""A log folded now and then and kept in the home, so that who begins folds what is new and not a whole year.

A kept fold is only ever a shorter way to the same account: it is taken where it was made by the same code, of the same
plan and the same log, and where the decisions in it have the hash that the account said. Anything else is folded anew.
"""

from __future__ import annotations

import hashlib
import io
import json
import pickle
import sys
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any, Final

import numpy as np

from vigie.compiled import source_hash
from vigie.domain.errors import StorageError
from vigie.domain.order import Fill, TradeRun, TradeStep
from vigie.engine.live.book.account_memory import LogReplay
from vigie.ports.home import ResultsHome
from vigie.ports.tradebook import TradeBook
from vigie.services.trading.account_plans.account_plan import AccountPlan, folder_of, load_plan
from vigie.services.trading.log.event_log import EventLog

# Steps, about four days of hourly bars: folding them takes a fraction of what a command needs to begin.
EVERY: Final = 200
# Fills: ids of a venue are its own, two logs do not have the same by chance.
COMPARED: Final = 20
FOLDER: Final = "fold"
FILE: Final = "fold.bin"
# One that numpy restores into arrays of their own, which can be written to.
_PROTOCOL: Final = 4
_DIGEST: Final = type(hashlib.sha256())
_NUMPY: Final = frozenset(
    (place, name)
    for place in ("numpy", "numpy.core.multiarray", "numpy._core.multiarray")
    for name in ("ndarray", "dtype", "_reconstruct", "scalar")
)
_PLAIN: Final = frozenset({("decimal", "Decimal"), ("builtins", "set"), ("builtins", "frozenset")})


def _code_hash() -> str:
    """Return what the code is known by that folds, and that reads what was kept."""
    parts = [source_hash(), np.__version__, sys.version]
    for module in (EventLog.__module__, AccountPlan.__module__, __name__):
        parts.append(Path(str(sys.modules[module].__file__)).read_text(encoding="utf-8"))
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()


# Asked when this is loaded: by the time a fold is kept, the files may be those of a newer program.
_CODE: Final = _code_hash()


class BookedFills:
    """The booked fills of a run, read when a step is made of one that was not met before.

    Attributes
    ----------
    replay : LogReplay or None
        Whose steps are made of them.
    """

    def __init__(self, book: TradeBook, run: str) -> None:
        self._book, self._run = book, run
        self._before: dict[tuple[str, str], Fill] | None = None
        self.replay: LogReplay | None = None

    def fill(self, key: tuple[str, str]) -> Fill | None:
        """Return a fill by its instrument and id; None where none was booked with the step."""
        if self.replay is None:
            return None
        fill = self.replay.fill_cache.find(key)
        if fill is None:
            self.replay.fill_cache.read_new(self._book, self._run)
            fill = self.replay.fill_cache.find(key)
        return self._find_released(key) if fill is None and key in self.replay.used_fills else fill

    def _find_released(self, key: tuple[str, str]) -> Fill | None:
        """Return a fill that nobody was expected to ask for again."""
        if self._before is None:
            self._before = {(fill.instrument, fill.id): fill for fill in self._book.fills(self._run)}
        return self._before.get(key)


def new_event_log(book: TradeBook, run: str, plan: AccountPlan) -> EventLog:
    """Return what nothing of a run's log is told to yet."""
    booked = BookedFills(book, run)
    event_log = EventLog(plan, booked.fill)
    booked.replay = event_log.replay
    return event_log


@dataclass(frozen=True, slots=True)
class _ReplayHeader:
    """What a kept fold must agree with."""

    code: str
    plan: str
    run: str
    number: int
    steps: str
    fills: str
    decisions: str
    body: str


def load_event_log(results: ResultsHome, trades: TradeBook, run: TradeRun) -> EventLog:
    """Return what the log of a run says."""
    plan = load_plan(results, run.id)
    path = folder_of(results, run.id) / FOLDER
    event_log, steps = _resume_event_log(trades, run, plan, path / FILE)
    since = event_log.number
    for step in steps:
        event_log.apply(step)
    if event_log.number - since >= EVERY:
        save_replay(results, trades, run, event_log)
    return event_log


def save_replay(results: ResultsHome, trades: TradeBook, run: TradeRun, event_log: EventLog) -> None:
    """Keep what is folded, so that it need not be folded again."""
    path = folder_of(results, run.id) / FOLDER
    event_log.replay.drop_old_fills()
    # The log is whole all the same, and what is not kept is folded anew; a full disk is told by who must write.
    with suppress(StorageError):
        results.write(path, {FILE: _encode_saved(trades, event_log, run)})


def _resume_event_log(
    trades: TradeBook, run: TradeRun, plan: AccountPlan, path: Path
) -> tuple[EventLog, Iterator[TradeStep]]:
    """Return how far the log is folded already, and its steps from there on."""
    saved = _read_saved(path, trades, run, plan)
    if saved is not None:
        header, event_log = saved
        digests = (
            _digest_steps(trades, run.id, header.number),
            _digest_fills(trades, run.id, event_log),
        )
        if digests == (header.steps, header.fills):
            return event_log, trades.steps(run.id, header.number)
    return new_event_log(trades, run.id, plan), trades.steps(run.id)


def _read_saved(
    path: Path, book: TradeBook, run: TradeRun, plan: AccountPlan
) -> tuple[_ReplayHeader, EventLog] | None:
    try:
        first, _, body = path.read_bytes().partition(b"\n")
        header = _ReplayHeader(**json.loads(first))
    except (OSError, ValueError, TypeError):
        # Not there, torn, or somebody else's to read: whoever begins or closes everything does so all the same.
        return None
    expected = (_CODE, plan.fingerprint, run.id, hashlib.sha256(body).hexdigest())
    if (header.code, header.plan, header.run, header.body) != expected:
        return None
    booked = BookedFills(book, run.id)
    event_log = EventLog(plan, booked.fill)
    reader = _ReplayUnpickler(io.BytesIO(body))
    try:
        event_log.replay, event_log.ts, event_log.refusals, event_log.unfilled, event_log.curve = (
            reader.load()
        )
    except pickle.UnpicklingError:
        # It holds what is not read from a file: fold the log again.
        return None
    booked.replay = event_log.replay
    event_log.number, event_log.decisions = event_log.replay.number, bytearray(reader.decisions)
    is_whole = event_log.account is not None and event_log.account.decision_hash == header.decisions
    return (header, event_log) if is_whole and event_log.number == header.number else None


def _encode_saved(trades: TradeBook, event_log: EventLog, run: TradeRun) -> bytes:
    account, plan = event_log.account, event_log.plan
    state = event_log.replay, event_log.ts, event_log.refusals, event_log.unfilled, event_log.curve
    out = io.BytesIO()
    _ReplayPickler(out, event_log.decisions).dump(state)
    body = out.getvalue()
    header = {
        "code": _CODE, "plan": plan.fingerprint, "run": run.id, "number": event_log.number,
        "steps": _digest_steps(trades, run.id, event_log.number),
        "fills": _digest_fills(trades, run.id, event_log),
        "decisions": "" if account is None else account.decision_hash, "body": hashlib.sha256(body).hexdigest(),
    }  # fmt: skip
    return json.dumps(header).encode() + b"\n" + body


class _ReplayPickler(pickle.Pickler):
    """Writes a hash under way as the bytes that it has heard: nothing else can be read again."""

    def __init__(self, file: io.BytesIO, decisions: bytearray) -> None:
        super().__init__(file, _PROTOCOL)
        self._decisions = bytes(decisions)

    def persistent_id(self, obj: Any) -> bytes | None:
        """Return what stands for a hash; None for all else."""
        return self._decisions if type(obj) is _DIGEST else None


class _ReplayUnpickler(pickle.Unpickler):
    """Reads records of ours and arrays, and calls nothing else."""

    decisions = b""

    def persistent_load(self, pid: Any) -> Any:
        """Return a hash that has heard these bytes."""
        self.decisions = pid
        return hashlib.sha256(pid)

    def find_class(self, module_name: str, global_name: str, /) -> Any:
        """Return a class of ours, or what arrays are made of.

        Raises
        ------
        pickle.UnpicklingError
            For everything else.
        """
        if (module_name, global_name) in _NUMPY | _PLAIN:
            return super().find_class(module_name, global_name)
        loaded = super().find_class(module_name, global_name) if module_name.startswith("vigie.") else None
        if isinstance(loaded, type) and loaded.__module__ == module_name:
            return loaded
        raise pickle.UnpicklingError(f"a kept fold holds no {module_name}.{global_name}")


def _digest_steps(book: TradeBook, run: str, number: int) -> str:
    """Return what the newest steps up to a number are known by.

    One step alone may stand in another log as well, as where the database was put back from a backup and traded on.
    """
    digest = hashlib.sha256()
    for step in islice(book.steps(run, max(0, number - EVERY)), min(EVERY, number)):
        digest.update(f"{step.number}\n{step.kind}\n{step.ts}\n{step.body}\n".encode())
    return digest.hexdigest()


def _digest_fills(book: TradeBook, run: str, event_log: EventLog) -> str:
    """Return what the newest fills are known by that a fold has met.

    They are booked before the step that tells of them: the same steps do not say that they are the same.
    """
    number = event_log.replay.fill_cache.number
    first = max(0, number - COMPARED)
    digest = hashlib.sha256()
    for fill in book.fills_after(run, first)[: number - first]:
        digest.update(f"{fill.instrument}\n{fill.id}\n{fill.side * fill.qty}\n{fill.price}\n".encode())
    return digest.hexdigest()
