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
        return add_quick_checks(super().get_params(ctx))


def add_quick_checks(params: list[Any]) -> list[Any]:
    """Let the parameters of a command look at a value before they leave it to Typer."""
    for param in params:
        if "process_value" not in vars(param):
            param.process_value = partial(_process_value, param, param.process_value)
    return params


def _process_value(param: Any, otherwise: Callable[[Any, Any], Any], ctx: Any, value: Any) -> Any:
    quick = _quick_value(param, value)
    if quick is _UNKNOWN:
        return otherwise(ctx, value)
    return quick if param.callback is None else param.callback(ctx, param, quick)


def _quick_value(param: Any, value: Any) -> Any:
    """Return what Typer would make of a value, `_UNKNOWN` where only Typer knows."""
    # Earlier versions check without building anything; they have no descriptors.
    descriptor = getattr(param, "type_descriptor", None)
    if descriptor is None or param.required:
        return _UNKNOWN
    has_several = param.multiple or param.nargs == -1
    if value is None:
        return () if has_several else None
    info = descriptor.parameter_info
    if any(getattr(info, name, None) for name in _ASKED) or not (info.file_okay and info.dir_okay):
        return _UNKNOWN
    if not has_several:
        return _plain_value(descriptor.annotation, value)
    kinds: tuple[Any, ...] = getattr(descriptor.annotation, "__args__", ())
    if not isinstance(value, tuple | list) or len(kinds) != 1:
        return _UNKNOWN
    values = [_plain_value(kinds[0], part) for part in value]
    return _UNKNOWN if _UNKNOWN in values else values


def _plain_value(kind: Any, value: Any) -> Any:
    # What is typed is text: a number that is one already is the default.
    if type(value) is kind and kind in (str, int, float, bool):
        return value
    if kind is Path and isinstance(value, str):
        return Path(value) if not os.path.exists(value) or os.access(value, os.R_OK) else _UNKNOWN
    return _UNKNOWN
