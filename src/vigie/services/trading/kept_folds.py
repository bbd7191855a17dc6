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
from vigie.engine.live.account_memory import LogReplay
from vigie.ports.tradebook import TradeBook
from vigie.services.house import House
from vigie.services.trading.chronicle import Chronicle
from vigie.services.trading.plan import TradePlan, folder_of, kept_plan

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


def _code() -> str:
    """Return what the code is known by that folds, and that reads what was kept."""
    parts = [source_hash(), np.__version__, sys.version]
    for module in (Chronicle.__module__, TradePlan.__module__, __name__):
        parts.append(Path(str(sys.modules[module].__file__)).read_text(encoding="utf-8"))
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()


# Asked when this is loaded: by the time a fold is kept, the files may be those of a newer program.
_CODE: Final = _code()


class Booked:
    """The booked fills of a run, read when a step is made of one that was not met before.

    Attributes
    ----------
    fold : LogReplay or None
        Whose steps are made of them.
    """

    def __init__(self, book: TradeBook, run: str) -> None:
        self._book, self._run = book, run
        self._before: dict[tuple[str, str], Fill] | None = None
        self.fold: LogReplay | None = None

    def fill(self, key: tuple[str, str]) -> Fill | None:
        """Return a fill by its instrument and id; None where none was booked with the step."""
        if self.fold is None:
            return None
        found = self.fold.fill_cache.find(key)
        if found is None:
            self.fold.fill_cache.read_new(self._book, self._run)
            found = self.fold.fill_cache.find(key)
        return self._let_go(key) if found is None and key in self.fold.used_fills else found

    def _let_go(self, key: tuple[str, str]) -> Fill | None:
        """Return a fill that nobody was expected to ask for again."""
        if self._before is None:
            self._before = {(one.instrument, one.id): one for one in self._book.fills(self._run)}
        return self._before.get(key)


def begun(book: TradeBook, run: str, plan: TradePlan) -> Chronicle:
    """Return what nothing of a run's log is told to yet."""
    booked = Booked(book, run)
    chronicle = Chronicle(plan, booked.fill)
    booked.fold = chronicle.fold
    return chronicle


@dataclass(frozen=True, slots=True)
class _Head:
    """What a kept fold must agree with."""

    code: str
    plan: str
    run: str
    number: int
    steps: str
    fills: str
    decisions: str
    body: str


def folded(house: House, run: TradeRun) -> Chronicle:
    """Return what the log of a run says."""
    plan = kept_plan(house, run.id)
    path = folder_of(house, run.id) / FOLDER
    chronicle, steps = _begun(house, run, plan, path / FILE)
    since = chronicle.number
    for step in steps:
        chronicle.take(step)
    if chronicle.number - since >= EVERY:
        keep(house, run, chronicle)
    return chronicle


def keep(house: House, run: TradeRun, chronicle: Chronicle) -> None:
    """Keep what is folded, so that it need not be folded again."""
    path = folder_of(house, run.id) / FOLDER
    chronicle.fold.drop_old_fills()
    # The log is whole all the same, and what is not kept is folded anew; a full disk is told by who must write.
    with suppress(StorageError):
        house.results.write(path, {FILE: _written(house, chronicle, run)})


def _begun(house: House, run: TradeRun, plan: TradePlan, path: Path) -> tuple[Chronicle, Iterator[TradeStep]]:
    """Return how far the log is folded already, and its steps from there on."""
    kept = _kept(path, house.trades, run, plan)
    if kept is not None:
        head, chronicle = kept
        told = _newest(house.trades, run.id, head.number), _arrived(house.trades, run.id, chronicle)
        if told == (head.steps, head.fills):
            return chronicle, house.trades.steps(run.id, head.number)
    return begun(house.trades, run.id, plan), house.trades.steps(run.id)


def _kept(path: Path, book: TradeBook, run: TradeRun, plan: TradePlan) -> tuple[_Head, Chronicle] | None:
    try:
        first, _, body = path.read_bytes().partition(b"\n")
        head = _Head(**json.loads(first))
    except (OSError, ValueError, TypeError):
        # Not there, torn, or somebody else's to read: whoever begins or closes everything does so all the same.
        return None
    said = (_CODE, plan.fingerprint, run.id, hashlib.sha256(body).hexdigest())
    if (head.code, head.plan, head.run, head.body) != said:
        return None
    booked = Booked(book, run.id)
    chronicle = Chronicle(plan, booked.fill)
    reader = _Reader(io.BytesIO(body))
    chronicle.fold, chronicle.ts, chronicle.refusals = reader.load()
    booked.fold = chronicle.fold
    chronicle.number, chronicle.decisions = chronicle.fold.number, bytearray(reader.decisions)
    is_whole = chronicle.account is not None and chronicle.account.decision_hash == head.decisions
    return (head, chronicle) if is_whole and chronicle.number == head.number else None


def _written(house: House, chronicle: Chronicle, run: TradeRun) -> bytes:
    account, plan = chronicle.account, chronicle.plan
    state = chronicle.fold, chronicle.ts, chronicle.refusals
    out = io.BytesIO()
    _Writer(out, chronicle.decisions).dump(state)
    body = out.getvalue()
    head = {
        "code": _CODE, "plan": plan.fingerprint, "run": run.id, "number": chronicle.number,
        "steps": _newest(house.trades, run.id, chronicle.number),
        "fills": _arrived(house.trades, run.id, chronicle),
        "decisions": "" if account is None else account.decision_hash, "body": hashlib.sha256(body).hexdigest(),
    }  # fmt: skip
    return json.dumps(head).encode() + b"\n" + body


class _Writer(pickle.Pickler):
    """Writes a hash under way as the bytes that it has heard: nothing else can be read again."""

    def __init__(self, file: io.BytesIO, decisions: bytearray) -> None:
        super().__init__(file, _PROTOCOL)
        self._decisions = bytes(decisions)

    def persistent_id(self, obj: Any) -> bytes | None:
        """Return what stands for a hash; None for all else."""
        return self._decisions if type(obj) is _DIGEST else None


class _Reader(pickle.Unpickler):
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
        found = super().find_class(module_name, global_name) if module_name.startswith("vigie.") else None
        if isinstance(found, type) and found.__module__ == module_name:
            return found
        raise pickle.UnpicklingError(f"a kept fold holds no {module_name}.{global_name}")


def _newest(book: TradeBook, run: str, number: int) -> str:
    """Return what the newest steps up to a number are known by.

    One step alone may stand in another log as well, as where the database was put back from a backup and traded on.
    """
    digest = hashlib.sha256()
    for step in islice(book.steps(run, max(0, number - EVERY)), min(EVERY, number)):
        digest.update(f"{step.number}\n{step.kind}\n{step.ts}\n{step.body}\n".encode())
    return digest.hexdigest()


def _arrived(book: TradeBook, run: str, chronicle: Chronicle) -> str:
    """Return what the newest fills are known by that a fold has met.

    They are booked before the step that tells of them: the same steps do not say that they are the same.
    """
    number = chronicle.fold.fill_cache.number
    first = max(0, number - COMPARED)
    digest = hashlib.sha256()
    for one in book.fills_after(run, first)[: number - first]:
        digest.update(f"{one.instrument}\n{one.id}\n{one.side * one.qty}\n{one.price}\n".encode())
    return digest.hexdigest()
