"""Classes of ccxt, one exchange at a time: importing the package itself loads a hundred of them and 130 MB.

The package is put in place as an empty one that loads what is asked of it. It leans on how ccxt lays out its files,
so where that has changed the whole package is imported instead.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from decimal import localcontext
from functools import wraps
from importlib import import_module
from importlib.machinery import PathFinder
from importlib.util import find_spec
from pathlib import Path
from types import ModuleType
from typing import Any, Final

from vigie.adapters.net.trust import web_ssl_context
from vigie.domain.errors import UsageError

_PACKAGES: Final = ("ccxt", "ccxt.async_support", "ccxt.pro")


def exchange_class(name: str, flavour: str = "") -> Any:
    """Return an exchange's class: plain, or of ``async_support`` or ``pro``.

    Raises
    ------
    UsageError
        If ccxt is not installed.
    """
    package = f"ccxt.{flavour}" if flavour else "ccxt"
    ccxt_errors()
    exchange: Any = getattr(import_module(package), name)
    _keep_rounding()
    if flavour:
        # Else every client reads the certificates of all authorities anew before its first request.
        exchange.ssl_context = web_ssl_context()
    return exchange


def ccxt_errors() -> Any:
    """Return the module of ccxt's errors.

    Raises
    ------
    UsageError
        If ccxt is not installed.
    """
    if "ccxt" not in sys.modules:
        if find_spec("ccxt") is None:
            raise UsageError(
                "venue_data_requires_package_ccxt",
                "venue data requires the package ccxt; run `make install` in the checkout, or `pip "
                "install 'vigie[live]'`",
            )
        _install_lazy_packages()
    return import_module("ccxt.base.errors")


def _install_lazy_packages() -> None:
    spec = find_spec("ccxt")
    assert spec is not None
    assert spec.submodule_search_locations is not None
    root = Path(next(iter(spec.submodule_search_locations)))
    try:
        for name in _PACKAGES:
            parent, _, last = name.rpartition(".")
            package = _LazyPackage(name)
            package.__path__ = [str(root / last) if parent else str(root)]
            # Who asks later whether it is installed is answered from here.
            package.__spec__ = PathFinder.find_spec(name, [str(root)]) if parent else spec
            sys.modules[name] = package
            if parent:
                setattr(sys.modules[parent], last, package)
        sys.modules["ccxt"].Exchange = import_module("ccxt.base.exchange").Exchange  # type: ignore[attr-defined]  # a module made here, without types
        async_exchange = import_module("ccxt.async_support.base.exchange").Exchange
        sys.modules["ccxt.async_support"].Exchange = async_exchange  # type: ignore[attr-defined]  # a module made here, without types
    except (ImportError, AttributeError):
        for name in [name for name in sys.modules if name.partition(".")[0] == "ccxt"]:
            del sys.modules[name]
        import_module("ccxt.pro")


def _keep_rounding() -> None:
    """Have ccxt write numbers without changing how the rest of the thread rounds."""
    base = vars(import_module("ccxt.base.exchange"))
    write: Callable[..., str] = base["decimal_to_precision"]
    if hasattr(write, "__wrapped__"):
        return

    @wraps(write)
    def decimal_to_precision(*numbers: object, **ways: object) -> str:
        with localcontext():
            return write(*numbers, **ways)

    base["decimal_to_precision"] = decimal_to_precision


class _LazyPackage(ModuleType):
    """A package whose classes are loaded from the file of their name, and errors from theirs."""

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_"):
            raise AttributeError(name)
        errors = import_module("ccxt.base.errors")
        if hasattr(errors, name):
            return getattr(errors, name)
        try:
            loaded = getattr(import_module(f"{self.__name__}.{name}"), name)
        except ModuleNotFoundError:
            raise AttributeError(f"{self.__name__} has no {name}") from None
        # Importing left files' modules under the names of their classes: this one's, and those it is made from.
        for module_name, module in list(vars(self).items()):
            loaded_class = getattr(module, module_name, None) if isinstance(module, ModuleType) else None
            if isinstance(loaded_class, type):
                setattr(self, module_name, loaded_class)
        return loaded
