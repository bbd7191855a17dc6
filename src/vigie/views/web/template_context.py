"""How templates call macros and functions: a page does so some three thousand times."""

from __future__ import annotations

from collections.abc import Callable
from types import BuiltinFunctionType, FunctionType, MethodType
from typing import Final

from jinja2.runtime import Context, Macro

_FUNCTIONS: Final = frozenset({BuiltinFunctionType, FunctionType, MethodType})


class TemplateContext(Context):
    """Calls as Jinja's own context does, without its questions to each macro and each plain function.

    Those ask four times by name whether a callable wants the context; most callables are of a few kinds that tell at
    once.
    """

    def call(self, obj: Callable[..., object], /, *args: object, **values: object) -> object:
        """Call something with what a template gives it."""
        if (kind := type(obj)) is Macro:
            args = (self.eval_ctx, *args)
        elif kind not in _FUNCTIONS or hasattr(obj, "jinja_pass_arg"):
            return super().call(obj, *args, **values)
        values.pop("_block_vars", None)
        values.pop("_loop_vars", None)
        return obj(*args, **values)
