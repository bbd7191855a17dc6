"""Numbers as people type them in forms: decimal digits; other ways to write one are refused and not guessed.

A validating library reads 1_000 and true as numbers; who wrote that meant something else, or made a mistake.
"""

from __future__ import annotations

import math
import re
from typing import Annotated, Final, TypeAlias

from pydantic import AfterValidator, BeforeValidator
from pydantic_core import PydanticKnownError

from vigie.domain.refusal import Refusal

_NUMBER: Final = re.compile(r"\s*[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?\s*", re.ASCII)
# Settings nearer to zero mean nothing; zero itself switches some of them off.
_LEAST: Final = 1e-9
_WHOLE: Final = re.compile(r"\s*[+-]?\d+\s*", re.ASCII)


def _check_number(given: object) -> object:
    if isinstance(given, bool | bytes) or (isinstance(given, str) and not is_number(given)):
        raise PydanticKnownError("float_parsing")
    return given


def is_number(text: str) -> bool:
    """Return whether a text is a number in decimal digits, neither too large nor too small for one."""
    if not _NUMBER.fullmatch(text):
        return False
    # What is too small for a number would be read as 0, which means something else.
    digits = text.lower().partition("e")[0]
    value = float(text)
    return math.isfinite(value) and (value != 0.0 or not any(digit in "123456789" for digit in digits))


def _refuse_tiny(value: float) -> float:
    if 0.0 < abs(value) < _LEAST:
        raise ValueError(
            Refusal(
                "number_near_zero",
                "must be 0 or at least {least:g}, was {given:g}",
                least=_LEAST,
                given=value,
            )
        )
    return value


def _check_whole(given: object) -> object:
    if isinstance(given, bool | bytes) or (isinstance(given, str) and not _WHOLE.fullmatch(given)):
        raise PydanticKnownError("int_parsing")
    return given


TypedNumber: TypeAlias = Annotated[float, BeforeValidator(_check_number)]
"""A number of an operation's input; as text only in decimal digits, such as 1234.5 or 1e3."""

TypedSetting: TypeAlias = Annotated[TypedNumber, AfterValidator(_refuse_tiny)]
"""A number of a strategy or a limit: 0, or large enough to mean something."""

TypedWhole: TypeAlias = Annotated[int, BeforeValidator(_check_whole)]
"""A whole number of an operation's input; as text only in decimal digits."""
