"""What a strategy may import: what calculates. Everything else can read what comes later, known here or not.

Takes dotted names as a file writes them (``numpy.lib.npyio.load``); says which leave the list, and which read from
elsewhere although their module is on it.
"""

from __future__ import annotations

import importlib
from types import ModuleType
from typing import Any, Final

# With all that lies below them.
ALLOWED_PACKAGES: Final = ("collections", "numpy.polynomial", "vigie.quant", "vigie.trading.strategies")
# These alone: what lies below them is listed where it calculates.
ALLOWED_MODULES: Final = frozenset({
    "__future__", "abc", "bisect", "cmath", "copy", "dataclasses", "datetime", "decimal", "enum", "fractions",
    "functools", "heapq", "itertools", "json", "math", "numbers", "operator", "re", "statistics", "string", "textwrap",
    "typing", "typing_extensions", "warnings", "zoneinfo",
    "numba", "numba.typed", "numba.types",
    "numpy", "numpy.char", "numpy.dtypes", "numpy.emath", "numpy.exceptions", "numpy.fft", "numpy.lib",
    "numpy.lib.scimath", "numpy.lib.stride_tricks", "numpy.linalg", "numpy.ma", "numpy.rec", "numpy.strings",
    "numpy.typing",
    "pandas", "polars", "polars.datatypes", "polars.exceptions", "polars.selectors",
    "scipy", "scipy.fft", "scipy.interpolate", "scipy.linalg", "scipy.ndimage", "scipy.optimize", "scipy.signal",
    "scipy.spatial", "scipy.special", "scipy.stats",
    "sklearn", "sklearn.cluster", "sklearn.decomposition", "sklearn.ensemble", "sklearn.linear_model",
    "sklearn.metrics", "sklearn.neighbors", "sklearn.pipeline", "sklearn.preprocessing", "sklearn.svm", "sklearn.tree",
    "talib", "talib.abstract", "talib.stream",
    "vigie.domain.bar", "vigie.domain.errors", "vigie.domain.signal", "vigie.domain.time", "vigie.trading.filters",
    "vigie.trading.strategy",
})  # fmt: skip
# Libraries of the list that a plain installation lacks, and what installs each.
INSTALLED_BY: Final = {
    "scipy": "`make install` in the checkout, or `pip install 'vigie[ml]'`",
    "sklearn": "`make install` in the checkout, or `pip install 'vigie[ml]'`",
    "pandas": "`pip install pandas` in Vigie's environment",
    "talib": "`pip install TA-Lib` in Vigie's environment",
}
_IO_PREFIXES: Final = ("read_", "scan_", "sink_", "write_")
_IO_NAMES: Final = frozenset({
    "now", "today", "utcnow", "deserialize", "fromfile", "fromregex", "genfromtxt", "loadtxt", "memmap",
    "open_memmap", "savetxt", "savez", "savez_compressed", "setflags", "sql", "tofile", "to_csv", "to_excel",
    "to_feather", "to_hdf", "to_json", "to_parquet", "to_pickle", "to_sql",
})  # fmt: skip
_IO_NAMES_OF_MODULES: Final = {
    "numpy": frozenset({"load", "save", "random", "DataSource", "ctypeslib"}),
    "pandas": frozenset({"ExcelFile", "ExcelWriter", "HDFStore", "eval"}),
    "polars": frozenset({"Catalog", "Config", "SQLContext", "register_plugin_function"}),
    "typing": frozenset({"ForwardRef", "get_type_hints"}),
    "numba": frozenset({"carray", "farray", "objmode"}),
}


def is_listed(module: str) -> bool:
    """Return whether a strategy may import this module.

    Parameters
    ----------
    module : str
        Dotted name, ``scipy.stats``.

    Returns
    -------
    bool
        True also below a package that is listed whole.
    """
    return module in ALLOWED_MODULES or any(
        module == name or module.startswith(f"{name}.") for name in ALLOWED_PACKAGES
    )


def install_hint(module: str) -> str:
    """Return what installs a library that a strategy may import; empty where it is none of these.

    Parameters
    ----------
    module : str
        Dotted name; its first part counts.

    Returns
    -------
    str
        English, with the command in backquotes.
    """
    return INSTALLED_BY.get(module.partition(".")[0], "")


def does_io(name: str) -> bool:
    """Return whether a function or method of this name reads or writes what is neither bars nor parameters.

    Parameters
    ----------
    name : str
        The last part of a dotted name.

    Returns
    -------
    bool
        By the name alone, whatever object has it.
    """
    return name in _IO_NAMES or name.startswith(_IO_PREFIXES)


def leaves_allowed(dotted: str) -> bool:
    """Return whether the last step of a dotted name leaves the list, or reads although its module is on it.

    Parameters
    ----------
    dotted : str
        ``numpy.load``, with aliases resolved.

    Returns
    -------
    bool
        True for ``numpy.load``, False for ``numpy.mean`` and for bare names.
    """
    head, _, name = dotted.rpartition(".")
    if is_listed(dotted) or is_parent_of_allowed(dotted) or not head:
        return False
    if not is_listed(head):
        module = _resolve_name(head)
        # Of a package that is no more than the way to listed ones, nothing else.
        if not isinstance(module, ModuleType):
            return is_parent_of_allowed(head) or does_io(name)
        head = module.__name__
    if does_io(name) or name in _IO_NAMES_OF_MODULES.get(head, ()):
        return True
    value = _resolve_name(f"{head}.{name}")
    return isinstance(value, ModuleType) and not is_listed(value.__name__)


def is_parent_of_allowed(dotted: str) -> bool:
    """Return whether a package is no more than the way to listed modules.

    Parameters
    ----------
    dotted : str
        ``vigie.domain``.

    Returns
    -------
    bool
        Such a package may be imported as the way to them, but nothing else of it.
    """
    return any(name.startswith(f"{dotted}.") for name in (*ALLOWED_PACKAGES, *ALLOWED_MODULES))


def _resolve_name(dotted: str) -> Any:
    """Return what a dotted name means, None where nobody knows; only listed modules are loaded for it."""
    parts = dotted.split(".")
    for length in range(len(parts), 0, -1):
        module = ".".join(parts[:length])
        if not is_listed(module):
            continue
        try:
            value: Any = importlib.import_module(module)
        except ImportError:  # not installed: the file cannot have it either
            continue
        for part in parts[length:]:
            value = getattr(value, part, None)
        return value
    return None
