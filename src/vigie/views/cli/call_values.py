"""Words of `vigie call` as input of an operation: `key=value`, read by the type of the field."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from difflib import get_close_matches
from types import NoneType
from typing import Final, get_args

from pydantic import BaseModel
from pydantic.fields import FieldInfo

from vigie.domain.errors import UsageError
from vigie.services.operation import Operation

_LISTS: Final = (list, tuple, set, frozenset)


def find_operation(operations: Mapping[str, Operation], name: str) -> Operation:
    """Return an operation by name.

    Raises
    ------
    UsageError
        If there is none; the message names those with nearly the same name.
    """
    if name not in operations:
        raise UsageError(
            f"there is no operation {name!r}{_nearest(name, operations) or ';'} see vigie call --list"
        )
    return operations[name]


def read_words(declared: Operation, words: Sequence[str]) -> dict[str, object]:
    """Return the input that the words say; a list is given with commas, or its key several times.

    Raises
    ------
    UsageError
        If a word has no ``=``, a key is not one of the operation's, or a list or record cannot be read.
    """
    fields = declared.input_type.model_fields
    values: dict[str, object] = {}
    for word in words:
        key, sign, text = word.partition("=")
        if not sign:
            raise UsageError(f"input must look like key=value, was {word!r}")
        if key not in fields:
            raise UsageError(
                f"{declared.name} takes no {key!r}{_nearest(key, fields) or ';'} {_takes(fields)}"
            )
        value = _read_value(key, text, fields[key])
        earlier = values.get(key)
        if key not in values:
            values[key] = value
        elif isinstance(value, list) and isinstance(earlier, list):
            values[key] = earlier + value
        else:
            raise UsageError(f"{key} is given twice")
    return values


def write_words(values: Mapping[str, object]) -> list[str]:
    """Return input as words, as in an example."""
    return [f"{key}={_write_value(value)}" for key, value in values.items()]


def type_text(field: FieldInfo) -> str:
    """Return what a field takes, in a word or two."""
    kinds = list(_kinds(field.annotation))
    choices = [str(part) for kind in kinds if isinstance(kind, _Choice) for part in kind.values]
    if choices:
        words = "|".join(choices)
    else:
        words = " or ".join(_KIND_TEXTS.get(kind, "JSON") for kind in kinds if not _is_list(kind)) or "text"
    return f"list of {words}" if any(map(_is_list, kinds)) else words


class _Choice:
    """Values of a Literal."""

    def __init__(self, values: tuple[object, ...]) -> None:
        self.values = values


_KIND_TEXTS: Final[dict[object, str]] = {str: "text", int: "number", float: "number", bool: "true|false"}


def _kinds(annotation: object) -> Iterator[object]:
    """Yield what an annotation allows, without None: types, lists, choices; what lists hold comes after them."""
    origin, parts = getattr(annotation, "__origin__", None), get_args(annotation)
    name = getattr(origin, "__name__", "") or str(origin)
    if annotation is NoneType:
        return
    if origin in _LISTS:
        yield list
        yield from _kinds(parts[0]) if parts else ()
    elif hasattr(annotation, "__metadata__"):
        yield from _kinds(origin)
    elif "Literal" in name:
        yield _Choice(parts)
    elif origin is not None and isinstance(origin, type):
        yield origin
    elif parts:
        for part in parts:
            yield from _kinds(part)
    else:
        yield annotation


def _is_list(kind: object) -> bool:
    return kind in _LISTS


def _is_record(kind: object) -> bool:
    return isinstance(kind, type) and issubclass(kind, BaseModel | Mapping)


def _read_value(key: str, text: str, field: FieldInfo) -> object:
    kinds = list(_kinds(field.annotation))
    has_list, has_record = any(map(_is_list, kinds)), any(map(_is_record, kinds))
    if not text and (has_list or has_record):
        return [] if has_list else None
    if has_record or (has_list and text.startswith("[")):
        try:
            value = json.loads(text)
        except ValueError as fault:
            raise UsageError(f"{key} must be JSON, was {text!r}") from fault
        return value if not has_list or isinstance(value, list) else [value]
    if has_list:
        return [part.strip() for part in text.split(",")]
    is_text = any(kind is str or isinstance(kind, _Choice) for kind in kinds)
    return None if not text and not is_text else text


def _write_value(value: object) -> str:
    if isinstance(value, list | tuple):
        texts = [_write_value(part) for part in value]
        is_plain = not any(isinstance(part, Mapping | list | tuple) or "," in str(part) for part in value)
        return ",".join(texts) if is_plain else json.dumps(value, ensure_ascii=False)
    if isinstance(value, Mapping):
        return json.dumps(value, ensure_ascii=False)
    if isinstance(value, bool):
        return str(value).lower()
    return "" if value is None else str(value)


def _nearest(word: str, known: Iterable[str]) -> str:
    near = get_close_matches(word, list(known), n=3)
    return f", did you mean {' or '.join(near)}?" if near else ""


def _takes(fields: Mapping[str, FieldInfo]) -> str:
    return f"it takes {', '.join(fields)}" if fields else "it takes no input"
