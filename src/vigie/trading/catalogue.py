"""Which strategies there are: the shipped folder, and a person's own folder beside it.

Takes names and folders; gives loaded strategies. A file that lacks a part of the contract is refused with the part.
"""

from __future__ import annotations

import hashlib
import importlib
import importlib.util
import sys
from dataclasses import fields, is_dataclass
from difflib import get_close_matches
from pathlib import Path
from types import ModuleType
from typing import Final

from vigie.domain.errors import UsageError
from vigie.domain.time import TIMEFRAME_MS
from vigie.trading.strategy import Strategy

SHIPPED: Final = Path(__file__).parent / "strategies"


def available(own: Path | None = None) -> dict[str, Path]:
    """Return the files of all strategies by name, alphabetically; a person's own win over shipped ones.

    Files that begin with an underscore or with ``test_`` are no strategies.
    """
    found = {path.stem: path for path in SHIPPED.glob("*.py")}
    if own is not None and own.is_dir():
        found.update({path.stem: path for path in own.glob("*.py")})
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


def load_file(path: Path, *, anew: bool = False) -> Strategy:
    """Load a strategy from a file.

    Parameters
    ----------
    path : Path
        The file.
    anew : bool
        Run the file again, so that nothing its functions remember from earlier calls is left.

    Raises
    ------
    UsageError
        If the file cannot be read or run, or lacks a part of the contract.
    """
    if not path.is_file():
        raise UsageError(f"strategy file must exist, {path} does not")
    module = _module(path, anew=anew)
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
    )


def _check_params(name: str, params: object) -> None:
    is_frozen = getattr(getattr(params, "__dataclass_params__", None), "frozen", False)
    if not is_dataclass(params) or not isinstance(params, type) or not is_frozen:
        raise UsageError(f"Params of strategy {name} must be a frozen dataclass")
    for entry in fields(params):
        if "low" not in entry.metadata:
            raise UsageError(f"{name}.{entry.name} must be declared with param(default, low=..., high=...)")
    try:
        params()
    except Exception as fault:  # a person's file may raise anything; it is shown with its name
        raise UsageError(f"defaults of {name} must be accepted: {type(fault).__name__}: {fault}") from fault


def _module(path: Path, *, anew: bool) -> ModuleType:
    if path.parent == SHIPPED and not anew:
        return importlib.import_module(f"vigie.trading.strategies.{path.stem}")
    # The content is part of the name, so that an edited file is never mistaken for its former self.
    source = path.read_bytes()
    key = hashlib.sha256(source).hexdigest()[:12]
    name = f"vigie_own_{path.stem}_{key}"
    if name in sys.modules and not anew:
        return sys.modules[name]
    spec = importlib.util.spec_from_file_location(name, path)
    if spec is None:
        raise UsageError(f"strategy file must be a Python file, {path} is not")
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    try:
        # Not by the loader: its bytecode cache takes an edit of equal length within a second for the old file.
        exec(compile(source, str(path), "exec"), module.__dict__)  # noqa: S102
    # A person's file may raise anything, even leave; it is shown, never swallowed.
    except (Exception, SystemExit) as fault:
        del sys.modules[name]
        raise UsageError(f"strategy {path.name} cannot be loaded: {type(fault).__name__}: {fault}") from fault
    return module
