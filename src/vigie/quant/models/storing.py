"""What was learned as the bytes of a file and back: numbers alone, nothing in them is ever run."""

from __future__ import annotations

import base64
import io
import zipfile
import zlib
from dataclasses import fields
from functools import lru_cache
from typing import Final, TypeAlias, TypeGuard

import numpy as np
from numpy.typing import NDArray

from vigie.domain.errors import DataError, UsageError
from vigie.quant.models.linear import LinearScorer
from vigie.quant.models.model_kind import FittedModel
from vigie.quant.models.network_weights import NetworkWeights
from vigie.quant.models.trees import FlatTrees

# What scores without a library.
FlatScorer: TypeAlias = LinearScorer | FlatTrees
# What a file may hold.
StoredScorer: TypeAlias = FlatScorer | NetworkWeights
# By the word that stands in a file.
_FORMS: Final = {"linear": LinearScorer, "trees": FlatTrees, "network": NetworkWeights}
_FORM: Final = "form"
# What an attribute of these records is in a file: its numbers, and how many dimensions they have.
_KINDS: Final = {
    "IntArray": (np.dtype(np.int64), 1),
    "FloatArray": (np.dtype(np.float64), 1),
    "int": (np.dtype(np.int64), 0),
    "float": (np.dtype(np.float64), 0),
    "bool": (np.dtype(np.bool_), 0),
}


def is_storable(model: FittedModel) -> TypeGuard[StoredScorer]:
    """Return whether a model is numbers that a file can hold.

    Parameters
    ----------
    model : FittedModel

    Returns
    -------
    bool
    """
    return type(model) in _FORMS.values()


def to_bytes(model: FittedModel) -> bytes:
    """Return a model as the bytes of an ``.npz`` file; the same model is the same bytes.

    Parameters
    ----------
    model : FittedModel

    Returns
    -------
    bytes

    Raises
    ------
    UsageError
        If it is no such numbers.
    """
    form = next((name for name, kind in _FORMS.items() if type(model) is kind), None)
    if form is None:
        raise UsageError("model_needs_its_library", "only its library can score this model: it is not kept")
    arrays = {
        field.name: np.asarray(getattr(model, field.name), _KINDS[str(field.type)][0])
        for field in fields(_FORMS[form])
    }
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as file:
        for name, array in {_FORM: np.array(form), **arrays}.items():
            with file.open(f"{name}.npy", "w") as part:
                np.lib.format.write_array(part, array, allow_pickle=False)
    return buffer.getvalue()


def to_text(model: FittedModel) -> str:
    """Return a model as a text of ASCII characters, for the file of a strategy.

    Parameters
    ----------
    model : FittedModel

    Returns
    -------
    str
        The bytes of `to_bytes` in base 85, without quotes and backslashes.

    Raises
    ------
    UsageError
        If only a library can score it.
    """
    if isinstance(model, NetworkWeights):
        raise _no_strategy()
    return base64.b85encode(to_bytes(model)).decode("ascii")


# A strategy asks for its model at each close.
@lru_cache(maxsize=32)
def from_text(text: str, n_columns: int) -> FlatScorer:
    """Return the model in a text, the same read-only object for the same text.

    Parameters
    ----------
    text : str
        As `to_text` wrote it.
    n_columns : int
        How many columns it must read.

    Returns
    -------
    LinearScorer or FlatTrees

    Raises
    ------
    DataError
        If it is no such model.
    UsageError
        If only a library can score it: what trades loads none.
    """
    try:
        data = base64.b85decode(text)
    except ValueError as error:
        raise DataError(
            "learned_file_not_sound", "this is no file of a learned model: {error}", error=error
        ) from error
    model = from_bytes(data, n_columns)
    if isinstance(model, NetworkWeights):
        raise _no_strategy()
    return model


def from_bytes(data: bytes, n_columns: int) -> StoredScorer:
    """Return the model in the bytes of a file.

    Parameters
    ----------
    data : bytes
    n_columns : int
        How many columns it must read.

    Returns
    -------
    LinearScorer, FlatTrees or NetworkWeights

    Raises
    ------
    DataError
        If they are no such model.
    """
    try:
        with np.load(io.BytesIO(data), allow_pickle=False) as arrays:
            kind = _FORMS[str(arrays[_FORM])]
            parts = {field.name: _checked(arrays[field.name], str(field.type)) for field in fields(kind)}
    except (
        ValueError, KeyError, OSError, EOFError, RuntimeError, OverflowError, MemoryError, zipfile.BadZipFile,
        zlib.error,
    ) as error:  # fmt: skip
        raise DataError(
            "learned_file_not_sound", "this is no file of a learned model: {error}", error=error
        ) from error
    # Single numbers are arrays without a dimension in a file.
    model: StoredScorer = kind(
        **{name: part.item() if part.ndim == 0 else part for name, part in parts.items()}
    )
    read = len(model.weights) if isinstance(model, LinearScorer) else model.n_columns
    if read != n_columns:
        raise DataError(
            "learned_file_not_sound_columns",
            "the file of the model reads {read} columns, its card names {named}: train it anew",
            read=read,
            named=n_columns,
        )
    return model


def _no_strategy() -> UsageError:
    return UsageError(
        "model_is_no_strategy",
        "only its library can score this model, so it is no strategy: nothing that trades loads the library",
    )


def _checked(array: NDArray[np.generic], declared: str) -> NDArray[np.generic]:
    if (array.dtype, array.ndim) != _KINDS[declared]:
        raise DataError(
            "learned_file_not_sound",
            "this is no file of a learned model: {error}",
            error=f"{array.ndim} dimensions of {array.dtype}, {declared} expected",
        )
    return array
