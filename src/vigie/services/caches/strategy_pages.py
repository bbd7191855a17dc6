"""Strategies described beside whoever asks: judging one for the first time compiles for seconds.

What its file declares is known at once: title, parameters, warm-up. Its criteria are known once it judged some bars.
"""

from __future__ import annotations

import hashlib
import threading
from collections import OrderedDict
from dataclasses import dataclass, field
from importlib import import_module
from pathlib import Path
from typing import Any, Final

# The oldest asked for is let go: an edited file is another one.
MAX_PAGES: Final = 64

# Every process has this, only who reads strategies pays for what judges them.
_STRATEGIES_MODULE: Final = "vigie.services.judging.strategies"
# A file and its content.
_Key = tuple[Path, str]


@dataclass(frozen=True, slots=True)
class ParameterLine:
    """One parameter: its type, default, bounds, and what a search walks."""

    name: str
    kind: str
    default: float
    low: float
    high: float
    search: tuple[float, float]
    step: float


@dataclass(frozen=True, slots=True)
class CriterionLine:
    """One criterion: the side it belongs to, whether an entry needs it, its weight in the score."""

    side: str
    name: str
    required: bool
    weight: float
    sense: str


@dataclass(frozen=True, slots=True)
class StrategyLine:
    """One strategy as listed.

    Attributes
    ----------
    is_own : bool
        From the person's own folder, not shipped.
    replaces : bool
        Whether it is own and hides a shipped one of the same name.
    problem : str
        Why every run refuses it (it cannot be loaded, or reads a feature that does not exist); empty where none does.
    """

    name: str
    title: str
    timeframe: str
    parameters: tuple[ParameterLine, ...]
    is_own: bool
    path: str
    replaces: bool = False
    problem: str = ""


@dataclass(frozen=True, slots=True)
class StrategyPage:
    """Everything about one strategy.

    Attributes
    ----------
    warmup_bars : int
        Bars before everything its criteria read is known, with the defaults.
    first_decision : int
        Index of the first bar that may decide, the stop's ATR included.
    source : str
        Text of the file.
    is_judged : bool
        Whether it judged bars: `criteria` and `first_decision` are known from then on.
    """

    line: StrategyLine
    doc: str
    warmup_bars: int
    first_decision: int
    criteria: tuple[CriterionLine, ...]
    source: str
    is_judged: bool = True


@dataclass(slots=True, eq=False)
class _PendingPage:
    """One that is being described; set when there is a page, or why there is none."""

    done: threading.Event = field(default_factory=threading.Event)
    page: StrategyPage | None = None
    fault: Exception | None = None


@dataclass(slots=True, eq=False)
class StrategyPageCache:
    """Pages of strategies, kept while their files stay as they are."""

    _pages: OrderedDict[_Key, _PendingPage] = field(default_factory=OrderedDict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def get_page(self, target: str, own: Path | None, *, timeout_s: float | None = None) -> StrategyPage:
        """Return a strategy; without its criteria where they are not known in time.

        Parameters
        ----------
        target : str
            A name, or a file.
        own : Path, optional
            A person's own folder.
        timeout_s : float, optional
            How long is waited for the criteria; None waits until they are there.

        Raises
        ------
        UsageError
            If there is none, or it cannot be loaded or run.
        """
        strategies: Any = import_module(_STRATEGIES_MODULE)
        path = strategies.find_strategy_file(target, own)
        # Here, before a thread does: a file is loaded by one at a time.
        declared: StrategyPage = strategies.declared_page(path)
        pending = self._get_or_start(path)
        if not pending.done.wait(timeout_s):
            return declared
        if pending.fault is not None:
            raise pending.fault
        assert pending.page is not None
        return pending.page

    def _get_or_start(self, path: Path) -> _PendingPage:
        key = (path, hashlib.sha256(path.read_bytes()).hexdigest())
        with self._lock:
            pending = self._pages.get(key)
            # What failed is tried again: a library may be there by now.
            if pending is None or pending.fault is not None:
                pending = self._pages[key] = _PendingPage()
                threading.Thread(target=_describe, args=(path, pending), name="describe", daemon=True).start()
            self._pages.move_to_end(key)
            while len(self._pages) > MAX_PAGES:
                self._pages.popitem(last=False)
        return pending


def _describe(path: Path, pending: _PendingPage) -> None:
    try:
        pending.page = import_module(_STRATEGIES_MODULE).describe_strategy(str(path))
    except Exception as fault:  # noqa: BLE001 - raised where it was asked for, whatever a person's file raises
        pending.fault = fault
    finally:
        pending.done.set()
