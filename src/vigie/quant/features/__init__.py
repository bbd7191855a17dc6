"""Columns for models that learn: arrays in, arrays out, NaN until known, no look-ahead.

One file a group; the folder is the registry: a column more is an entry more in `COLUMNS` of its group's file, and its
sentence in the catalogue. What computes many at once is `vigie.quant.feature_table`.
"""

from __future__ import annotations

from functools import cache
from importlib import import_module
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING

from vigie.domain.errors import InvariantBroken

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from vigie.quant.features._spec import FeatureColumn

_FOLDER = Path(__file__).parent


@cache
def registry() -> Mapping[str, FeatureColumn]:
    """Return every column by its full name, ``price.return_24``; imports all of them, and the compiler.

    Returns
    -------
    mapping of str to FeatureColumn
        Groups in alphabetical order, columns in the order of their files.
    """
    names = sorted(path.stem for path in _FOLDER.glob("[!_]*.py"))
    return by_name(column for name in names for column in import_module(f"{__name__}.{name}").COLUMNS)


def by_name(columns: Iterable[FeatureColumn]) -> Mapping[str, FeatureColumn]:
    """Return columns by their full names.

    Parameters
    ----------
    columns : iterable of FeatureColumn
        In any order, which is kept.

    Returns
    -------
    mapping of str to FeatureColumn
        Read-only.

    Raises
    ------
    InvariantBroken
        If two have one name: whoever reads it could mean either.
    """
    found: dict[str, FeatureColumn] = {}
    for column in columns:
        if column.full_name in found:
            raise InvariantBroken(
                "two_columns_of_one_name",
                "two columns are called {name}; rename one of them",
                name=column.full_name,
            )
        found[column.full_name] = column
    return MappingProxyType(found)
