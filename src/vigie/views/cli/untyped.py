"""A command that looks only at what was typed.

Typer builds a checker for every option, typed or not; for the forty options of a backtest that takes a tenth of the
whole run. What was not typed has its type already, text is text, and a path is a path.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any, Final

from typer.core import TyperCommand

# What a parameter may ask of a path or text; where one asks for any of it, Typer checks.
_ASKED: Final = ("exists", "writable", "resolve_path", "allow_dash", "parser", "path_type", "click_type")
_UNKNOWN: Final = object()


class QuickCommand(TyperCommand):
    """Reads its parameters as any other command does, and leaves Typer what needs more than a look."""

    def get_params(self, ctx: Any) -> list[Any]:
        """Return the parameters, that for help included."""
        return looking_first(super().get_params(ctx))


def looking_first(params: list[Any]) -> list[Any]:
    """Let the parameters of a command look at a value before they leave it to Typer."""
    for one in params:
        if "process_value" not in vars(one):
            one.process_value = partial(_processed, one, one.process_value)
    return params


def _processed(one: Any, otherwise: Callable[[Any, Any], Any], ctx: Any, value: Any) -> Any:
    known = _known(one, value)
    if known is _UNKNOWN:
        return otherwise(ctx, value)
    return known if one.callback is None else one.callback(ctx, one, known)


def _known(one: Any, value: Any) -> Any:
    """Return what Typer would make of a value, `_UNKNOWN` where only Typer knows."""
    # Earlier versions check without building anything; they have no descriptors.
    told = getattr(one, "type_descriptor", None)
    if told is None or one.required:
        return _UNKNOWN
    has_several = one.multiple or one.nargs == -1
    if value is None:
        return () if has_several else None
    info = told.parameter_info
    if any(getattr(info, name, None) for name in _ASKED) or not (info.file_okay and info.dir_okay):
        return _UNKNOWN
    if not has_several:
        return _plain(told.annotation, value)
    kinds: tuple[Any, ...] = getattr(told.annotation, "__args__", ())
    if not isinstance(value, tuple | list) or len(kinds) != 1:
        return _UNKNOWN
    found = [_plain(kinds[0], part) for part in value]
    return _UNKNOWN if _UNKNOWN in found else found


def _plain(kind: Any, value: Any) -> Any:
    # What is typed is text: a number that is one already is the default.
    if type(value) is kind and kind in (str, int, float, bool):
        return value
    if kind is Path and isinstance(value, str):
        return Path(value) if not os.path.exists(value) or os.access(value, os.R_OK) else _UNKNOWN
    return _UNKNOWN
