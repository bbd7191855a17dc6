"""Where a real trading process can be killed, killing it there, and what must be true afterwards."""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.crash import market
from tests.crash.children import Scene, forked, scene
from tests.crash.invariants import assert_money_adds_up, assert_orders_are_whole, unprotected
from tests.parity.test_trader_on_paper import assert_as_in_the_backtest, begin, trade
from tests.system_calls import Call, traced
from vigie.adapters.stores.sql.database import open_database
from vigie.adapters.stores.sql.tradebook.book import SqlTradeBook

OURS = "account-1"
# What becomes of an order's answer: it comes, comes late, is lost; or the order itself is lost.
FATES: dict[str, dict[str, Any]] = {
    "kept": {},
    "late": {"kind": "late-answer", "seconds": 0.1, "times": 3},
    "lost": {"kind": "reset"},
    "never came": {"kind": "reset-before"},
}
# How late every answer comes, in seconds of the machine, fifty of the market's: within what is waited for, and, one in
# ten, beyond every limit of an order and a stop.
PACES: dict[str, dict[str, Any]] = {
    "quick": {},
    "slow": {"kind": "slow", "seconds": 0.03},
    "beyond": {"kind": "slow", "seconds": 0.4, "probability": 0.1},
}
_NUMBER = re.compile(r"\W*\d+\W*$")


@dataclass(frozen=True, slots=True)
class Point:
    """A place in a process at which it can be killed.

    Attributes
    ----------
    way : str
        ``await`` or ``call``.
    kind : str
        Who waits for what, or a system call and its file.
    number : int
        Which of its kind, from 1.
    """

    way: str
    kind: str
    number: int


def kind_of(call: Call) -> str:
    """Return a system call and its file, without what differs from process to process."""
    return f"{call.name} {_NUMBER.sub('', os.path.basename(call.path))}"


class Killer:
    """Kills traders of fresh accounts.

    Parameters
    ----------
    template : Path
        A migrated database that nobody has open.
    """

    def __init__(self, template: Path, folder: Path) -> None:
        self._template = template
        self._folder = folder
        self._cases = 0
        self.died: Counter[str] = Counter()
        self.lived: Counter[str] = Counter()
        self._warm_up()

    def _warm_up(self) -> None:
        """Load what every child would otherwise load for itself."""
        import ccxt.async_support  # noqa: F401

        path = self._folder / "warm.sqlite"
        path.write_bytes(self._template.read_bytes())
        with closing(open_database(f"sqlite:///{path}")) as database:
            book = SqlTradeBook(database, market.CLOCK)
            trade(book, begin(book, "warm"), market.inputs(), market.PROTECTIONS)

    @contextmanager
    def _scene(self) -> Iterator[Scene]:
        self._cases += 1
        home = self._folder / str(self._cases)
        with scene(self._template, home) as made:
            yield made
        shutil.rmtree(home)

    def points(self) -> list[Point]:
        """Return every place that processes pass which are not killed."""
        with self._scene() as made:
            told = self._folder / "awaits.json"
            assert _ended(lambda: made.live(record=told)) == 0
            assert_whole(made)
            awaits = json.loads(told.read_text())
        with self._scene() as made:
            calls = [kind_of(call) for call in traced(made.live)]
            assert_whole(made)
        return [*_numbered("await", awaits), *_numbered("call", calls)]

    def kill(
        self, points: Sequence[Point], fate: str, after: int = 0, *, pace: str = "quick", seed: int = 0
    ) -> None:
        """Kill one process after the other, let the last one live, and see that everything is whole.

        Parameters
        ----------
        pace : str
            How late the venue answers, by `seed`.
        """
        fault, lag = FATES[fate], PACES[pace]
        with self._scene() as made:
            if fault:
                made.told.ask("POST", "fault", {"path": "place-order", "after": after, **fault})
            if lag:
                made.told.ask("POST", "fault", {"seed": seed, **lag})
            for point in points:
                died = _killed(made, point)
                (self.died if died else self.lived)[f"{point.way:5} {point.kind}"] += 1
                assert_protected(made)
            assert _ended(made.live) == 0, "the last process goes on to the end"
            assert_whole(made)


def _killed(made: Scene, point: Point) -> bool:
    """Let a process live until a point; whether it came there."""
    if point.way == "await":
        code = _ended(lambda: made.live((point.kind, point.number)))
        assert code in (0, -signal.SIGKILL), f"a process ended with {code} by itself"
        return code != 0
    seen = 0

    def is_there(call: Call) -> bool:
        nonlocal seen
        seen += kind_of(call) == point.kind
        return seen == point.number

    traced(made.live, kill_at=is_there)
    return seen == point.number


def _ended(work: Callable[[], object]) -> int:
    _, status = os.waitpid(forked(work), 0)
    return os.waitstatus_to_exitcode(status)


def _numbered(way: str, kinds: Sequence[str]) -> list[Point]:
    seen: Counter[str] = Counter()
    found = []
    for kind in kinds:
        seen[kind] += 1
        found.append(Point(way, kind, seen[kind]))
    return found


def evenly(points: Sequence[Point], count: int) -> list[Point]:
    """Choose so many points that every kind has its share, spread over what it has."""
    by_kind: dict[tuple[str, str], list[Point]] = {}
    for point in points:
        by_kind.setdefault((point.way, point.kind), []).append(point)
    kinds = sorted(by_kind.values(), key=len)
    chosen: list[Point] = []
    for place, many in enumerate(kinds):
        share = max((count - len(chosen)) // (len(kinds) - place), 1)
        wanted = min(share, len(many))
        chosen += [many[(2 * at + 1) * len(many) // (2 * wanted)] for at in range(wanted)]
    return chosen


# What must be true ------------------------------------------------------------------------------------------------


def assert_protected(made: Scene) -> None:
    """Every position has its stop, also while nobody watches it."""
    assert not unprotected(made.told.ask("GET", "state")["accounts"][OURS])


def assert_whole(made: Scene) -> None:
    """Nothing lost, doubled, orphaned; the ledger is the venue's; where every order came, it is the backtest's run."""
    there = made.told.ask("GET", "state")["accounts"][OURS]
    given = market.inputs(), market.PROTECTIONS
    with closing(open_database(f"sqlite:///{made.book}")) as database:
        book = SqlTradeBook(database, made.clock)
        is_filled = assert_orders_are_whole(book, made.run, there)
        assert not [one for one in there["positions"] if float(one["qty"])], "no orphan"
        assert_money_adds_up(book, made.run, there, *given)
        if is_filled:
            assert_as_in_the_backtest(book, made.run, *given)
