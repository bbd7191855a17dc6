"""Sentences of a change in the words of the form: its labels and units, where the difference has the file's keys."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal, InvalidOperation

from vigie.domain.refusal import Refusal
from vigie.services.trading.run_files.editing import ACCOUNT_KEYS
from vigie.views.web.pages.run_file import words
from vigie.views.web.pages.trading.words import limit_text
from vigie.views.web.request_context import RequestContext


def in_form_words(context: RequestContext, sentence: str) -> str:
    """Return a sentence of a preview or a version as the form would say it; others as they are."""
    if not isinstance(sentence, Refusal):
        return sentence
    given = sentence.arguments
    if sentence.code == "change_note_limit":
        return Refusal(
            "change_note_limit",
            "limit {limit} stays in force until {until}: a change lifts nothing",
            limit=limit_text(context, given["limit"]),
            until=given["until"],
        )
    if sentence.code != "change_value" or given["table"] not in ("account", "protections"):
        return sentence
    name = given["name"]
    if (label := words.label_of(context, name)) == name:
        return sentence
    return Refusal(
        "change_setting",
        "{name}: {was} before, {now} now",
        name=label,
        was=_value_text(context, name, given["was"]),
        now=_value_text(context, name, given["now"]),
    )


def faults_in_form_words(context: RequestContext, faults: Sequence[tuple[str, str]]) -> list[tuple[str, str]]:
    """Return why a form was refused, as the form would say it, each with the field that it is about."""
    return [_fault_in_form_words(context, field, fault) for field, fault in faults]


def _fault_in_form_words(context: RequestContext, field: str, fault: str) -> tuple[str, str]:
    if not isinstance(fault, Refusal):
        return field, fault
    given = fault.arguments
    if fault.code == "field_refused":
        name = given["field"].partition(".")[2]
        if (label := words.label_of(context, name)) == name:
            return field, fault
        return _place_of(name), Refusal(
            "field_refused", "{field}: {reason}", field=label, reason=given["reason"]
        )
    if fault.code != "outside_interval":
        return field, fault
    name = given["name"]
    if (label := words.label_of(context, name)) == name:
        return field, fault
    low, high, value = (_value_text(context, name, given[key]) for key in ("low", "high", "value"))
    place = _place_of(name)
    if given["bracket"] == "(":
        return place, Refusal(
            "setting_not_above",
            "{name} must be above {low} and at most {high}, was {value}",
            name=label,
            low=low,
            high=high,
            value=value,
        )
    return place, Refusal(
        "setting_outside_bounds",
        "{name} must be from {low} to {high}, was {value}",
        name=label,
        low=low,
        high=high,
        value=value,
    )


def _place_of(name: str) -> str:
    """Return the field of the form that holds a number of [account] or [protections]."""
    return f"{'a' if name in ACCOUNT_KEYS else 'l'}-{name}"


def bounds_text(
    context: RequestContext, name: str, low: float, high: float, usual: float, *, is_above: bool = False
) -> str:
    """Return the usual value and the bounds of a number; a high bound that nobody meets is left out."""
    shown = {
        key: context.lang.digits(words.to_shown(name, value))
        for key, value in (("low", low), ("high", high), ("usual", usual))
    }
    if high >= words.BEYOND:
        return context.text("Default %(usual)s, at least %(low)s.") % shown
    if is_above:
        return context.text("Default %(usual)s, above %(low)s, at most %(high)s.") % shown
    return context.text("Default %(usual)s, from %(low)s to %(high)s.") % shown


def _value_text(context: RequestContext, name: str, text: str) -> str:
    """Return a number of a sentence, which has the file's form, as the form shows it; what is none stays."""
    if isinstance(text, Refusal):
        return text
    try:
        number = Decimal(text.replace(",", ""))
    except InvalidOperation:
        return text
    if not number.is_finite():
        return text
    if words.is_percent(name):
        exponent = (number * 100).normalize().as_tuple().exponent
        return context.lang.percent(float(number), max(0, -int(exponent)))
    unit = words.unit_of(context, name)
    space = "" if unit in ("", "×") else "\u00a0"
    return f"{context.lang.digits(f'{number.normalize():f}')}{space}{unit}"
