"""What rules about setups may be narrowed to, in the visitor's language."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from vigie.views.web.request_context import RequestContext

_PARTS: Final = ("stages", "sides", "instruments", "strategies", "accounts")


def choices(context: RequestContext) -> dict[str, dict[str, str]]:
    """Return the choices of side and state."""
    return {
        "sides": {"": context.text("any side"), "long": context.text("long"), "short": context.text("short")},
        "stages": {
            "": context.text("forms or is confirmed"), "forming": context.text("forms"),
            "confirmed": context.text("is confirmed"),
        },
    }  # fmt: skip


def conditions(context: RequestContext, rule: Mapping[str, object]) -> list[str]:
    """Return the conditions of a rule about setups as a sentence names them; none of another kind."""
    if rule["kind"] != "setup":
        return []
    named = choices(context)
    labels = named["sides"] | named["stages"]
    lists = [given for part in _PARTS if isinstance(given := rule.get(part), list)]
    return [labels.get(str(item), str(item)) for given in lists for item in given]
