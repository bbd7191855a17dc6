"""What is found of the story of an item, as a finding's body holds it, when its story ends in another one.

``was`` lists the stories that an item was of, oldest first, each with the item ``by`` which that one ended.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

STEP: Final = "story"


def moved_body(body: Mapping[str, Any], kept: str, by: str) -> dict[str, Any]:
    """Return what is found of an item whose story goes on as another."""
    was = [*body.get("was", ()), {"story": body["story"], "by": by, "place": body["place"]}]
    return {**body, "story": kept, "place": "follows", "was": was}


def body_before(body: Mapping[str, Any], by: str) -> dict[str, Any] | None:
    """Return what was found before an item ended the story; None where it ended none of this item's."""
    was = body.get("was", ())
    at = next((at for at, one in enumerate(was) if one["by"] == by), None)
    if at is None:
        return None
    kept = {key: value for key, value in body.items() if key != "was"}
    held = {"was": list(was[:at])} if at else {}
    return {**kept, "story": was[at]["story"], "place": was[at]["place"], **held}
