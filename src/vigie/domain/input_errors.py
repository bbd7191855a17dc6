"""What a validating library finds wrong with a value, as a sentence: what is accepted, and what was given.

Takes the library's name for an error and its values; gives a refusal that any language can say. The library's own
English is for programmers: it names types and regular expressions.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from typing import Final

from vigie.domain.pasted_secrets import is_untold
from vigie.domain.refusal import Refusal, input_refusal

MOST_GIVEN: Final = 60
_WORD: Final = re.compile(r"'((?:[^'\\]|\\.)*)'|\"((?:[^\"\\]|\\.)*)\"|(-?[\w.]+)(?=,| or |$)")
_SECRET: Final = re.compile(r"pass|code|secret|token|ticket|address|url|^key$", re.IGNORECASE)


def describe_value(
    kind: str, text: str, values: Mapping[str, object], given: object, *, form: str = "", field: str = ""
) -> Refusal:
    """Return what is wrong with a value.

    Parameters
    ----------
    kind : str
        The library's error type, ``string_too_short``.
    text : str
        The library's English message, for a type that is not known here.
    values : mapping
        What the message names, such as ``min_length``.
    given : object
        The value.
    form : str
        What a text must look like, for ``string_pattern_mismatch``.
    field : str
        Its name: what may be secret is not repeated.

    Returns
    -------
    Refusal
        ``must be at least 1, was 0``.
    """
    accepted = _accepted_value(kind, values, given, form)
    if accepted is None:
        return input_refusal(kind, text, values)
    if not _is_told(kind, given) or _SECRET.search(field) or is_untold(str(given)):
        return accepted
    if given == "":
        return Refusal("given_was_empty", "{reason}, was empty", reason=accepted)
    return Refusal("given_was", "{reason}, was {given}", reason=accepted, given=_given_text(given))


def _accepted_value(kind: str, values: Mapping[str, object], given: object, form: str) -> Refusal | None:
    """Return what is accepted; None for a type of error that has no sentence."""
    if kind == "string_pattern_mismatch":
        return Refusal("must_have_form", "must be {form}", form=form) if form else None
    bound = _accepted_bound(kind, values)
    if bound is not None and isinstance(given, (str, float)) and _is_not_finite(given):
        return _accepted_type("finite_number", values)
    return bound or _accepted_type(kind, values) or _accepted_length(kind, values)


def _accepted_bound(kind: str, values: Mapping[str, object]) -> Refusal | None:
    match kind:
        case "greater_than":
            return Refusal("must_be_more", "must be more than {threshold}", threshold=_number(values["gt"]))
        case "greater_than_equal":
            return Refusal(
                "must_be_at_least", "must be at least {threshold}", threshold=_number(values["ge"])
            )
        case "less_than":
            return Refusal("must_be_less", "must be less than {threshold}", threshold=_number(values["lt"]))
        case "less_than_equal":
            return Refusal("must_be_at_most", "must be at most {threshold}", threshold=_number(values["le"]))
    return None


def _accepted_type(kind: str, values: Mapping[str, object]) -> Refusal | None:
    match kind:
        case "literal_error" | "enum":
            return _one_of(str(values["expected"]))
        case "float_parsing" | "float_type" | "finite_number" | "decimal_parsing" | "decimal_type":
            return Refusal("must_be_number", "must be a number")
        case "int_parsing" | "int_type" | "int_from_float" | "int_parsing_size":
            return Refusal("must_be_whole", "must be a whole number")
        case "bool_parsing" | "bool_type":
            return Refusal("must_be_true_or_false", "must be true or false")
        case "missing":
            return Refusal("must_be_given", "is required")
        case "extra_forbidden":
            return Refusal("must_be_known_field", "is not a known field")
        case "string_type":
            return Refusal("must_be_text", "must be text")
        case "list_type" | "tuple_type":
            return Refusal("must_be_list", "must be a list")
        case "dict_type" | "model_type" | "model_attributes_type":
            return Refusal("must_be_table", "must be a table of keys and values")
    return None


def _accepted_length(kind: str, values: Mapping[str, object]) -> Refusal | None:
    match kind:
        case "string_too_short":
            if values["min_length"] == 1:
                return Refusal("must_not_be_empty", "must not be empty")
            return Refusal(
                "must_have_letters", "must have at least {count} characters", count=values["min_length"]
            )
        case "string_too_long":
            return Refusal(
                "must_have_no_more_letters",
                "must have at most {count} characters",
                count=values["max_length"],
            )
        case "too_short":
            return Refusal("choose_at_least", "choose at least {count}", count=values["min_length"])
        case "too_long":
            return Refusal("choose_at_most", "choose at most {count}", count=values["max_length"])
    return None


def _one_of(expected: str) -> Refusal:
    """Return the accepted words as a list; the library writes ``'', 'open' or 'ended'``."""
    words = [next((part for part in found.groups() if part), "") for found in _WORD.finditer(expected)]
    names = ", ".join(word for word in words if word) or expected
    if "" in words:
        return Refusal("must_be_one_of_or_empty", "must be one of {words}, or empty", words=names)
    if len(words) == 1:
        return Refusal("must_be_this", "must be {words}", words=names)
    return Refusal("must_be_one_of", "must be one of {words}", words=names)


def _is_told(kind: str, given: object) -> bool:
    """Tell whether the value says more than the sentence does."""
    if kind in ("missing", "extra_forbidden") or (given == "" and kind == "string_too_short"):
        return False
    return isinstance(given, (str, int, float))


def _is_not_finite(given: str | float) -> bool:
    try:
        return not math.isfinite(float(given))
    except ValueError:
        return False


def _given_text(given: object) -> str:
    if isinstance(given, str):
        return repr(given if len(given) <= MOST_GIVEN else f"{given[:MOST_GIVEN]}…")
    if isinstance(given, bool):
        return str(given).lower()
    return "NaN" if isinstance(given, float) and math.isnan(given) else str(given)


def _number(value: object) -> str:
    """Return a limit with groups of three digits."""
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return f"{value:,}" if isinstance(value, (int, float)) else str(value)
