"""A log folded now and then and kept in the home, so that a command folds what is new and not a whole year.

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
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Final

import numpy as np

from vigie.compiled import source_hash
from vigie.domain.errors import StorageError
from vigie.domain.order import TradeRun, TradeStep
from vigie.services.house import House
from vigie.services.trading.chronicle import Chronicle
from vigie.services.trading.plan import TradePlan, folder_of, kept_plan

# Steps, about four days of hourly bars: folding them takes a fraction of what a command needs to begin.
EVERY: Final = 200
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


@dataclass(frozen=True, slots=True)
class _Head:
    """What a kept fold must agree with."""

    code: str
    plan: str
    run: str
    number: int
    step: str
    decisions: str
    body: str


def folded(house: House, run: TradeRun) -> Chronicle:
    """Return what the log of a run says."""
    plan = kept_plan(house, run.id)
    path = folder_of(house, run.id) / FOLDER
    chronicle, steps = _begun(house, run, plan, path / FILE)
    since, last = chronicle.number, None
    for last in steps:
        chronicle.take(last)
    if last is not None and chronicle.number - since >= EVERY:
        try:
            house.results.write(path, {FILE: _written(chronicle, run, plan, last)})
        except StorageError:
            # The log is whole all the same, and what is not kept is folded anew; a full disk is told by who must write.
            return chronicle
    return chronicle


def _begun(house: House, run: TradeRun, plan: TradePlan, path: Path) -> tuple[Chronicle, Iterator[TradeStep]]:
    """Return how far the log is folded already, and its steps from there on."""
    kept = _kept(path, run, plan)
    if kept is not None:
        head, chronicle = kept
        steps = house.trades.steps(run.id, head.number - 1)
        if _hash(next(steps, None)) == head.step:
            return chronicle, steps
    return Chronicle(plan), house.trades.steps(run.id)


def _kept(path: Path, run: TradeRun, plan: TradePlan) -> tuple[_Head, Chronicle] | None:
    if not path.exists():
        return None
    first, _, body = path.read_bytes().partition(b"\n")
    try:
        head = _Head(**json.loads(first))
    except (ValueError, TypeError):
        return None
    said = (_code(), plan.fingerprint, run.id, hashlib.sha256(body).hexdigest())
    if (head.code, head.plan, head.run, head.body) != said:
        return None
    chronicle = Chronicle(plan)
    reader = _Reader(io.BytesIO(body))
    chronicle.account, chronicle.number, chronicle.ts, chronicle.refusals = reader.load()
    chronicle.decisions = bytearray(reader.decisions)
    is_whole = chronicle.account is not None and chronicle.account.decision_hash == head.decisions
    return (head, chronicle) if is_whole and chronicle.number == head.number else None


def _written(chronicle: Chronicle, run: TradeRun, plan: TradePlan, last: TradeStep) -> bytes:
    account = chronicle.account
    state = account, chronicle.number, chronicle.ts, chronicle.refusals
    out = io.BytesIO()
    _Writer(out, chronicle.decisions).dump(state)
    body = out.getvalue()
    head = {
        "code": _code(), "plan": plan.fingerprint, "run": run.id, "number": chronicle.number, "step": _hash(last),
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


@cache
def _code() -> str:
    """Return what the code is known by that folds, and that reads what was kept."""
    here = Path(__file__).parent
    parts = [source_hash(), np.__version__, sys.version]
    parts += [
        (here / name).read_text(encoding="utf-8") for name in ("chronicle.py", "plan.py", "kept_folds.py")
    ]
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()


def _hash(step: TradeStep | None) -> str:
    if step is None:
        return ""
    told = f"{step.number}\n{step.kind}\n{step.ts}\n{step.body}"
    return hashlib.sha256(told.encode()).hexdigest()
