"""Models that learn from columns: arrays in, arrays out; a library is imported only where it fits one.

One file a kind; the folder is the registry. What a kind has learned is numbers that compiled code scores, without a
library, but for kinds that say so.

model_kind  what a kind of model is, and what it is fitted on
kinds       the kinds, one file each
trees       decision trees as flat arrays: scores, and what each column adds
flattening  what LightGBM and scikit-learn have learned, as flat trees
network_weights  the weights of a small network, which its library scores
linear      weights of columns: scores, and what each column adds
storing     what was learned as the bytes of a file and back
conformal   intervals that hold what comes as often as they say
column_choice  the columns that say most, and a model of them that reads all
calibration  from a score to log-odds that can be believed
"""

from __future__ import annotations

from functools import cache
from importlib import import_module
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from vigie.quant.models.model_kind import ModelKind

_FOLDER = Path(__file__).parent / "kinds"


@cache
def registry() -> Mapping[str, ModelKind]:
    """Return every kind of model by name; imports no library that learns.

    Returns
    -------
    mapping of str to ModelKind
        In alphabetical order.
    """
    names = sorted(path.stem for path in _FOLDER.glob("[!_]*.py"))
    return MappingProxyType({name: import_module(f"{__name__}.kinds.{name}").KIND for name in names})
