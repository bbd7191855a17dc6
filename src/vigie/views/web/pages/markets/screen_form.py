"""The settings of the screener as fields: each condition is a field, a sign and a number that one may change."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from vigie.domain.errors import UsageError
from vigie.intelligence.market.fields import FIELDS
from vigie.intelligence.market.screener import MOST_CONDITIONS, parse_where, shortest_text
from vigie.views.web.language import UserLanguage
from vigie.views.web.pages.markets.bounds import normalize_bound


@dataclass(frozen=True, slots=True)
class ConditionFields:
    """One condition as the form shows it; `bound` is written as people type it."""

    field: str
    operator: str
    bound: str


def condition_fields(where: str) -> list[ConditionFields]:
    """Return the conditions of an address as fields; none where it cannot be read."""
    try:
        conditions = parse_where(where)
    except UsageError:
        return []
    return [
        ConditionFields(condition.field, condition.operator, _bound_text(condition.field, condition.bound))
        for condition in conditions
    ]


def typed_where(query: Mapping[str, str], language: UserLanguage) -> str | None:
    """Return the conditions that a form holds as an address writes them; None where no form was sent.

    A condition whose number is empty is left out: that is how one takes it away without a script.
    """
    is_form = "c0_field" in query
    typed = [(f"c{place}_field", f"c{place}_operator", f"c{place}_bound") for place in range(MOST_CONDITIONS)]
    is_added = bool(query.get("field") and query.get("bound"))
    if not is_form and not is_added:
        return None
    parts = [query["where"]] if query.get("where") and not is_form else []
    for field, operator, bound in [*typed, ("field", "operator", "bound")]:
        if query.get(field) and query.get(bound, "").strip():
            number = normalize_bound(query[bound], language.language)
            parts.append(f"{query[field]}{query.get(operator, '>')}{number}")
    return ",".join(parts)


def _bound_text(field: str, bound: float | str) -> str:
    if isinstance(bound, str):
        return bound
    if FIELDS[field].unit in ("fraction", "rate"):
        return f"{shortest_text(round(bound * 100.0, 10))} %"
    return shortest_text(bound)
