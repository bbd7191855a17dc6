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
from vigie.trading.loaded_strategy import Strategy
from vigie.trading.outside import install_hint, outside_uses

SHIPPED: Final = Path(__file__).parent / "strategies"
CURE: Final = (
    "a strategy reads its bars and parameters only: what else it reads can hold what comes later; it imports what "
    "calculates, and other series come through bars.feature(name)"
)
PLAN: Final = "plan"  # Trades a person's plans: an account names it, and it stands in no list.
_PLAN: Final = SHIPPED / f"{PLAN}.py"
_PACKAGE: Final = "vigie.trading.strategies"
_INSIDE: Final = f"{_PACKAGE}."
_SHIPPED: Final = f"{SHIPPED}{os.sep}"


def available(own: Path | None = None) -> dict[str, Path]:
    """Return the files of all strategies by name, alphabetically; a person's own win over shipped ones.

    Files that begin with an underscore or with ``test_`` are no strategies.

    Parameters
    ----------
    own : Path or None
        A person's folder of strategies; None or a missing folder gives the shipped ones.

    Returns
    -------
    dict of str to Path
        Path by strategy name.
    """
    paths = {path.stem: path for path in SHIPPED.glob("*.py")}
    if own is not None and own.is_dir():
        paths.update({path.stem: path for path in own.glob("*.py") if not path.is_dir()})
    hidden = {name for name in paths if name.startswith(("_", "test_")) or paths[name] == _PLAN}
    return {name: paths[name] for name in sorted(paths.keys() - hidden)}


def load(name: str, own: Path | None = None) -> Strategy:
    """Load a strategy by name.

    Parameters
    ----------
    name : str
        As `available` lists it; or `plan`, which no list has.
    own : Path or None
        A person's folder; its file wins over a shipped one of the same name.

    Returns
    -------
    Strategy
        Its file runs at most once for the same content.

    Raises
    ------
    UsageError
        If there is none of that name, or its file does not keep the contract.
    """
    files = available(own)
    if name == PLAN and name not in files:
        return load_file(_PLAN)
    if name not in files:
        matches = get_close_matches(name, files, n=1)
        hint = f"; did you mean {matches[0]}?" if matches else ""
        raise UsageError(
            "strategy_must_one",
            "strategy must be one of {files}, was {name!r}{hint}",
            files=" ".join(files),
            name=name,
            hint=hint,
        )
    return load_file(files[name])


def load_file(path: Path, *, fresh: bool = False, digest: str = "") -> Strategy:
    """Load a strategy from a file.

    Parameters
    ----------
    path : Path
        The file.
    fresh : bool
        Run the file again, so that nothing its functions remember from earlier calls is left.
    digest : str
        SHA-256 that the content must have; empty where any will do.

    Returns
    -------
    Strategy
        `digest` is empty for shipped files.

    Raises
    ------
    UsageError
        If the file cannot be read or run, or lacks a part of the contract.
    """
    if not path.is_file():
        raise UsageError("strategy_file_must_exist", "strategy file must exist, {path} does not", path=path)
    # Read once: what is checked is what runs.
    is_own = path.parent != SHIPPED
    content = path.read_bytes() if is_own or fresh else b""
    file_digest = hashlib.sha256(content).hexdigest() if is_own else ""
    if digest and file_digest != digest:
        raise UsageError(
            "strategy_changed_while_checked",
            "strategy {name} changed while it was checked; run it again",
            name=path.name,
        )
    module = _load_module(path, content, fresh=fresh)
    for attribute in ("Params", "TIMEFRAME", "warmup", "criteria"):
        if not hasattr(module, attribute):
            raise UsageError(
                "strategy_must_define",
                "strategy {stem} must define {attribute}, {name} does not",
                stem=path.stem,
                attribute=attribute,
                name=path.name,
            )
    _check_params(path.stem, module.Params)
    for attribute in ("warmup", "criteria"):
        if not callable(getattr(module, attribute)):
            raise UsageError(
                "strategy_must_function",
                "{attribute} of strategy {stem} must be a function",
                attribute=attribute,
                stem=path.stem,
            )
    if module.TIMEFRAME not in TIMEFRAME_MS:
        raise UsageError(
            "unknown_strategy_timeframe",
            "TIMEFRAME of {stem} must be one of {timeframe_ms}, was {timeframe!r}",
            stem=path.stem,
            timeframe_ms=" ".join(TIMEFRAME_MS),
            timeframe=module.TIMEFRAME,
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
        digest=file_digest,
    )


def is_shipped(strategy: Strategy) -> bool:
    """Return whether what judges is a shipped file, which is read by many and tested for all it promises.

    Parameters
    ----------
    strategy : Strategy
        Loaded, or made by hand.

    Returns
    -------
    bool
        False for a person's file, even one that copies a shipped name.
    """
    # A file of one's own may name its module as it likes; where it lies it cannot.
    module_name = str(getattr(strategy.criteria, "__module__", ""))
    return module_name.startswith(_INSIDE) and strategy.path.startswith(_SHIPPED)


def is_own_file(strategy: Strategy) -> bool:
    """Return whether this is a person's own file, as it was loaded; one that has changed since is not.

    Parameters
    ----------
    strategy : Strategy
        Loaded, or made by hand.

    Returns
    -------
    bool
        False for shipped strategies, missing files and changed ones.
    """
    path = Path(strategy.path)
    if is_shipped(strategy) or path.suffix != ".py" or not path.is_file():
        return False
    return _module_name(path, path.read_bytes()) in sys.modules


def reload_strategy(strategy: Strategy, params: Any) -> tuple[Strategy, Any]:
    """Return a person's own strategy and its parameters from another run of its file, with nothing remembered.

    Shipped ones, ones that were made by hand, and ones whose file has changed since, are returned as they are.

    Parameters
    ----------
    strategy : Strategy
        Loaded, or made by hand.
    params : any
        Its parameters; their values are carried over.

    Returns
    -------
    tuple of Strategy, any
        Strategy and parameters, both of the same run of the file.
    """
    path = Path(strategy.path)
    module_name = getattr(strategy.criteria, "__module__", None)
    if not path.is_file() or module_name != _module_name(path, path.read_bytes()):
        return strategy, params
    reloaded = load_file(path, fresh=True)
    values = {entry.name: getattr(params, entry.name) for entry in fields(params) if entry.init}
    return reloaded.requiring(strategy.require), reloaded.params(**values)


def refuse_outside(strategy: Strategy) -> None:
    """Refuse a person's own file that reads more than bars and parameters, or keeps something between calls.

    Parameters
    ----------
    strategy : Strategy
        Shipped ones pass unread.

    Raises
    ------
    UsageError
        With the line and the cure.
    """
    path = Path(strategy.path)
    if is_shipped(strategy) or path.suffix != ".py" or not path.is_file():
        return
    uses = outside_uses(path)
    if uses:
        raise UsageError(
            "bad_strategy_reads_keeps_something",
            "strategy {name} reads or keeps something it must not: {uses} ({cure})",
            name=strategy.name,
            uses="; ".join(uses[:3]),
            cure=CURE,
        )


def declared_warmup(strategy: Strategy, params: Any) -> int:
    """Return the bars a strategy says precede its first decision.

    Parameters
    ----------
    strategy : Strategy
        Its `warmup` is called once.
    params : any
        Of the strategy's own `Params`.

    Returns
    -------
    int
        Bars, >= 0.

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
        raise UsageError(
            "warmup_raised",
            "warmup of {name} raised {name_2}: {fault}",
            name=strategy.name,
            name_2=type(fault).__name__,
            fault=fault,
        ) from fault
    if isinstance(declared, bool) or not isinstance(declared, int | np.integer) or declared < 0:
        raise UsageError(
            "warmup_must_whole_number",
            "warmup of {name} must be a whole number >= 0, was {declared!r}",
            name=strategy.name,
            declared=declared,
        )
    return int(declared)


def _check_params(name: str, params: object) -> None:
    is_frozen = getattr(getattr(params, "__dataclass_params__", None), "frozen", False)
    if not is_dataclass(params) or not isinstance(params, type) or not is_frozen:
        raise UsageError(
            "params_strategy_must_frozen_dataclass",
            "Params of strategy {name} must be a frozen dataclass",
            name=name,
        )
    for entry in fields(params):
        if "low" not in entry.metadata:
            raise UsageError(
                "must_declared_param",
                "{name}.{name_2} must be declared with param(default, low=..., high=...)",
                name=name,
                name_2=entry.name,
            )
    try:
        params()
    except (Exception, SystemExit) as fault:  # a person's file may raise anything; it is shown with its name
        raise UsageError(
            "defaults_must_accepted",
            "defaults of {name} must be accepted: {name_2}: {fault}",
            name=name,
            name_2=type(fault).__name__,
            fault=fault,
        ) from fault


def _load_module(path: Path, content: bytes, *, fresh: bool) -> ModuleType:
    if path.parent == SHIPPED and not fresh:
        return importlib.import_module(f"{_PACKAGE}.{path.stem}")
    name = _module_name(path, content)
    previous = sys.modules.get(name)
    if previous is not None and not fresh:
        return previous
    spec = importlib.util.spec_from_file_location(name, path)
    if spec is None:
        raise UsageError(
            "strategy_file_must_python_file", "strategy file must be a Python file, {path} is not", path=path
        )
    module = importlib.util.module_from_spec(spec)
    vars(module)["print"] = _print_to_stderr
    sys.modules[name] = module
    try:
        exec(_compile_source(content, str(path)), vars(module))  # noqa: S102 - a person wrote it to be run here
    except (Exception, SystemExit) as fault:  # a person's file may raise anything, even leave; it is shown
        del sys.modules[name]
        if isinstance(fault, Forbidden):
            raise
        if isinstance(fault, ModuleNotFoundError) and (cure := install_hint(fault.name or "")):
            library = (fault.name or "").partition(".")[0]
            raise UsageError(
                "strategy_imports",
                "strategy {name} imports {library}, which is not installed; install it: {cure}",
                name=path.name,
                library=library,
                cure=cure,
            ) from fault
        raise UsageError(
            "strategy_cannot_loaded",
            "strategy {name} cannot be loaded: {name_2}: {fault}",
            name=path.name,
            name_2=type(fault).__name__,
            fault=fault,
        ) from fault
    finally:
        # Whoever loaded the file first keeps the name: parameters travel between processes by it.
        if previous is not None:
            sys.modules[name] = previous
    if previous is not None:
        _adopt_compiled(module, previous)
    return module


def _module_name(path: Path, content: bytes) -> str:
    # The content is part of the name, so that an edited file is never mistaken for its former self.
    key = hashlib.sha256(content).hexdigest()[:12]
    return f"vigie_own_{path.stem}_{key}"


@lru_cache(maxsize=64)
def _compile_source(source: bytes, file_name: str) -> CodeType:
    # Not by the loader: its bytecode cache takes an edit of equal length within a second for the old file.
    return compile(source, file_name, "exec")


def _adopt_compiled(module: ModuleType, previous: ModuleType) -> None:
    # Compiled functions remember nothing (names of their module are constants to them), and take seconds to make.
    for name, value in vars(previous).items():
        if hasattr(value, "py_func") and hasattr(value, "signatures"):
            vars(module)[name] = value


def _print_to_stderr(*values: object, **options: Any) -> None:
    """Print as `print` does, to where notes go: standard output belongs to the program, and may be JSON."""
    print(*values, **{"file": sys.stderr, **options})
