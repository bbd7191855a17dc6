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
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from vigie.services.judging.strategies import StrategyPage

# The oldest asked for is let go: an edited file is another one.
KEPT: Final = 64

# Every process has this, only who reads strategies pays for what judges them.
_JUDGING: Final = "vigie.services.judging.strategies"
# A file and its content.
_Key = tuple[Path, str]


@dataclass(slots=True, eq=False)
class _Making:
    """One that is being described; set when there is a page, or why there is none."""

    done: threading.Event = field(default_factory=threading.Event)
    page: StrategyPage | None = None
    fault: Exception | None = None


@dataclass(slots=True, eq=False)
class Descriptions:
    """Pages of strategies, kept while their files stay as they are."""

    _kept: OrderedDict[_Key, _Making] = field(default_factory=OrderedDict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def page(self, target: str, own: Path | None, *, patience_s: float | None = None) -> StrategyPage:
        """Return a strategy; without its criteria where they are not known in time.

        Parameters
        ----------
        target : str
            A name, or a file.
        own : Path, optional
            A person's own folder.
        patience_s : float, optional
            How long is waited for the criteria; None waits until they are there.

        Raises
        ------
        UsageError
            If there is none, or it cannot be loaded or run.
        """
        judging: Any = import_module(_JUDGING)
        path = judging.find(target, own)
        # Here, before a thread does: a file is loaded by one at a time.
        declared: StrategyPage = judging.declared_page(path)
        making = self._making(path)
        if not making.done.wait(patience_s):
            return declared
        if making.fault is not None:
            raise making.fault
        assert making.page is not None
        return making.page

    def _making(self, path: Path) -> _Making:
        key = (path, hashlib.sha256(path.read_bytes()).hexdigest())
        with self._lock:
            making = self._kept.get(key)
            # What failed is tried again: a library may be there by now.
            if making is None or making.fault is not None:
                making = self._kept[key] = _Making()
                threading.Thread(target=_make, args=(path, making), name="describe", daemon=True).start()
            self._kept.move_to_end(key)
            while len(self._kept) > KEPT:
                self._kept.popitem(last=False)
        return making


def _make(path: Path, making: _Making) -> None:
    try:
        making.page = import_module(_JUDGING).describe(str(path))
    except Exception as fault:  # noqa: BLE001 - raised where it was asked for, whatever a person's file raises
        making.fault = fault
    finally:
        making.done.set()
