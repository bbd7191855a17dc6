"""Which strategies there are: the shipped folder, and a person's own folder beside it.

Takes names and folders; gives loaded strategies. A file that lacks a part of the contract is refused with the part.
"""

from __future__ import annotations

import hashlib
import importlib
import importlib.util
import os
import sys
from dataclasses import fields, is_dataclass
from difflib import get_close_matches
from functools import lru_cache
from pathlib import Path
from types import CodeType, ModuleType
from typing import Any, Final

import numpy as np

from vigie.domain.errors import Forbidden, UsageError
from vigie.domain.time import TIMEFRAME_MS
from vigie.trading.outside import cure_of, outside_uses
from vigie.trading.strategy import Strategy

SHIPPED: Final = Path(__file__).parent / "strategies"
CURE: Final = (
    "a strategy reads its bars and parameters only: what else it reads can hold what comes later; it imports what "
    "calculates, and other series come through bars.feature(name)"
)
_PACKAGE: Final = "vigie.trading.strategies"
_INSIDE: Final = f"{_PACKAGE}."
_SHIPPED: Final = f"{SHIPPED}{os.sep}"


def available(own: Path | None = None) -> dict[str, Path]:
    """Return the files of all strategies by name, alphabetically; a person's own win over shipped ones.

    Files that begin with an underscore or with ``test_`` are no strategies.
    """
    found = {path.stem: path for path in SHIPPED.glob("*.py")}
    if own is not None and own.is_dir():
        found.update({path.stem: path for path in own.glob("*.py") if not path.is_dir()})
    return {name: found[name] for name in sorted(found) if not name.startswith(("_", "test_"))}


def load(name: str, own: Path | None = None) -> Strategy:
    """Load a strategy by name.

    Raises
    ------
    UsageError
        If there is none of that name, or its file does not keep the contract.
    """
    files = available(own)
    if name not in files:
        near = get_close_matches(name, files, n=1)
        hint = f"; did you mean {near[0]}?" if near else ""
        raise UsageError(f"strategy must be one of {' '.join(files)}, was {name!r}{hint}")
    return load_file(files[name])


def load_file(path: Path, *, anew: bool = False, digest: str = "") -> Strategy:
    """Load a strategy from a file.

    Parameters
    ----------
    path : Path
        The file.
    anew : bool
        Run the file again, so that nothing its functions remember from earlier calls is left.
    digest : str
        SHA-256 that the content must have; empty where any will do.

    Raises
    ------
    UsageError
        If the file cannot be read or run, or lacks a part of the contract.
    """
    if not path.is_file():
        raise UsageError(f"strategy file must exist, {path} does not")
    # Read once: what is checked is what runs.
    is_own = path.parent != SHIPPED
    content = path.read_bytes() if is_own or anew else b""
    found = hashlib.sha256(content).hexdigest() if is_own else ""
    if digest and found != digest:
        raise UsageError(f"strategy {path.name} was changed while it was judged; run it again")
    module = _module(path, content, anew=anew)
    for part in ("Params", "TIMEFRAME", "warmup", "criteria"):
        if not hasattr(module, part):
            raise UsageError(f"strategy {path.stem} must define {part}, {path.name} does not")
    _check_params(path.stem, module.Params)
    for part in ("warmup", "criteria"):
        if not callable(getattr(module, part)):
            raise UsageError(f"{part} of strategy {path.stem} must be a function, is not")
    if module.TIMEFRAME not in TIMEFRAME_MS:
        raise UsageError(
            f"TIMEFRAME of {path.stem} must be one of {' '.join(TIMEFRAME_MS)}, was {module.TIMEFRAME!r}"
        )
    doc = (module.__doc__ or "").strip()
    return Strategy(
        name=path.stem,
        title=doc.splitlines()[0] if doc else path.stem,
        doc=doc,
        timeframe=module.TIMEFRAME,
        params=module.Params,
        warmup=module.warmup,
        criteria=module.criteria,
        path=str(path),
        digest=found,
    )


def is_shipped(strategy: Strategy) -> bool:
    """Return whether what judges is a shipped file, which is read by many and tested for all it promises."""
    # A file of one's own may name its module as it likes; where it lies it cannot.
    made_in = str(getattr(strategy.criteria, "__module__", ""))
    return made_in.startswith(_INSIDE) and strategy.path.startswith(_SHIPPED)


def is_own_file(strategy: Strategy) -> bool:
    """Return whether this is a person's own file, as it was loaded; one that has changed since is not."""
    path = Path(strategy.path)
    if is_shipped(strategy) or path.suffix != ".py" or not path.is_file():
        return False
    return _module_name(path, path.read_bytes()) in sys.modules


def afresh(strategy: Strategy, params: Any) -> tuple[Strategy, Any]:
    """Return a person's own strategy and its parameters from another run of its file, with nothing remembered.

    Shipped ones, ones that were made by hand, and ones whose file has changed since, are returned as they are.
    """
    path = Path(strategy.path)
    made_in = getattr(strategy.criteria, "__module__", None)
    if not path.is_file() or made_in != _module_name(path, path.read_bytes()):
        return strategy, params
    fresh = load_file(path, anew=True)
    values = {entry.name: getattr(params, entry.name) for entry in fields(params) if entry.init}
    return fresh.requiring(strategy.require), fresh.params(**values)


def refuse_outside(strategy: Strategy) -> None:
    """Refuse a person's own file that reads more than bars and parameters, or keeps something between calls.

    Raises
    ------
    UsageError
        With the line and the cure.
    """
    path = Path(strategy.path)
    if is_shipped(strategy) or path.suffix != ".py" or not path.is_file():
        return
    found = outside_uses(path)
    if found:
        raise UsageError(
            f"strategy {strategy.name} reads or keeps what it may not: {'; '.join(found[:3])} ({CURE})"
        )


def declared_warmup(strategy: Strategy, params: Any) -> int:
    """Return the bars a strategy says precede its first decision.

    Raises
    ------
    UsageError
        If it raises, or that is no whole number of bars.
    """
    try:
        declared = strategy.warmup(params)
    except (
        Exception,
        SystemExit,
    ) as fault:  # a person's function may raise anything; it is shown with its name
        raise UsageError(f"warmup of {strategy.name} raised {type(fault).__name__}: {fault}") from fault
    if isinstance(declared, bool) or not isinstance(declared, int | np.integer) or declared < 0:
        raise UsageError(f"warmup of {strategy.name} must be a whole number >= 0, was {declared!r}")
    return int(declared)


def _check_params(name: str, params: object) -> None:
    is_frozen = getattr(getattr(params, "__dataclass_params__", None), "frozen", False)
    if not is_dataclass(params) or not isinstance(params, type) or not is_frozen:
        raise UsageError(f"Params of strategy {name} must be a frozen dataclass")
    for entry in fields(params):
        if "low" not in entry.metadata:
            raise UsageError(f"{name}.{entry.name} must be declared with param(default, low=..., high=...)")
    try:
        params()
    except (Exception, SystemExit) as fault:  # a person's file may raise anything; it is shown with its name
        raise UsageError(f"defaults of {name} must be accepted: {type(fault).__name__}: {fault}") from fault


def _module(path: Path, content: bytes, *, anew: bool) -> ModuleType:
    if path.parent == SHIPPED and not anew:
        return importlib.import_module(f"{_PACKAGE}.{path.stem}")
    name = _module_name(path, content)
    former = sys.modules.get(name)
    if former is not None and not anew:
        return former
    spec = importlib.util.spec_from_file_location(name, path)
    if spec is None:
        raise UsageError(f"strategy file must be a Python file, {path} is not")
    module = importlib.util.module_from_spec(spec)
    vars(module)["print"] = _print_aside
    sys.modules[name] = module
    try:
        exec(_compiled(content, str(path)), vars(module))  # noqa: S102 - a person wrote it to be run here
    except (Exception, SystemExit) as fault:  # a person's file may raise anything, even leave; it is shown
        del sys.modules[name]
        if isinstance(fault, Forbidden):
            raise
        if isinstance(fault, ModuleNotFoundError) and (cure := cure_of(fault.name or "")):
            library = (fault.name or "").partition(".")[0]
            raise UsageError(
                f"strategy {path.name} imports {library}, which is not installed; install it: {cure}"
            ) from fault
        raise UsageError(f"strategy {path.name} cannot be loaded: {type(fault).__name__}: {fault}") from fault
    finally:
        # Whoever loaded the file first keeps the name: parameters travel between processes by it.
        if former is not None:
            sys.modules[name] = former
    if former is not None:
        _adopt_compiled(module, former)
    return module


def _module_name(path: Path, content: bytes) -> str:
    # The content is part of the name, so that an edited file is never mistaken for its former self.
    key = hashlib.sha256(content).hexdigest()[:12]
    return f"vigie_own_{path.stem}_{key}"


@lru_cache(maxsize=64)
def _compiled(source: bytes, shown: str) -> CodeType:
    # Not by the loader: its bytecode cache takes an edit of equal length within a second for the old file.
    return compile(source, shown, "exec")


def _adopt_compiled(module: ModuleType, former: ModuleType) -> None:
    # Compiled functions remember nothing (names of their module are constants to them), and take seconds to make.
    for name, value in vars(former).items():
        if hasattr(value, "py_func") and hasattr(value, "signatures"):
            vars(module)[name] = value


def _print_aside(*words: object, **more: Any) -> None:
    """Print as `print` does, to where notes go: standard output belongs to the program, and may be JSON."""
    print(*words, **{"file": sys.stderr, **more})
