"""What rules about setups may be narrowed to, in the visitor's language."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from vigie.views.web.request_context import RequestContext

_PARTS: Final = ("stages", "sides", "instruments", "strategies", "accounts")


# Totals that may be asked for, as text; a program may set others.
TOTALS: Final = ("0", "0.25", "0.5", "0.75")


def choices(context: RequestContext, total: object = None) -> dict[str, dict[str, str]]:
    """Return the choices of side, state and least total; a total of its own stands among them."""
    own = tuple(filter(None, (total_key(total),)))
    return {
        "sides": {"": context.text("any side"), "long": context.text("long"), "short": context.text("short")},
        "stages": {
            "": context.text("forms or is confirmed"), "forming": context.text("forms"),
            "confirmed": context.text("is confirmed"),
        },
        "totals": {
            "": context.text("any total"),
            **{
                name: context.text("a total of %(total)s or more") % {"total": context.lang.number(float(name), 2)}
                for name in sorted({*TOTALS, *own}, key=float)
            },
        },
    }  # fmt: skip


def total_key(total: object) -> str:
    """Return a least total as choices have it; empty where none is asked for, or what was typed is none."""
    try:
        return f"{float(str(total)):g}"
    except ValueError:
        return ""


def conditions(context: RequestContext, rule: Mapping[str, object]) -> list[str]:
    """Return the conditions of a rule about setups as a sentence names them; none of another kind."""
    if rule["kind"] != "setup":
        return []
    named = choices(context)
    labels = named["sides"] | named["stages"]
    lists = [given for part in _PARTS if isinstance(given := rule.get(part), list)]
    total = total_key(rule.get("least_total"))
    totals = choices(context, total)["totals"]
    return [
        *(labels.get(str(item), str(item)) for given in lists for item in given),
        *([totals[total]] if total else []),
    ]
