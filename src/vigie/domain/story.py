"""What is found of the story of an item, as a finding's body holds it, when its story ends in another one.

``was`` lists the stories that an item was of, oldest first, each with the item ``by`` which that one ended.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

STEP: Final = "story"


def joined_body(body: Mapping[str, Any], kept_story: str, by: str) -> dict[str, Any]:
    """Return what is found of an item whose story goes on as another."""
    former = [*body.get("was", ()), {"story": body["story"], "by": by, "place": body["place"]}]
    return {**body, "story": kept_story, "place": "follows", "was": former}


def body_before(body: Mapping[str, Any], by: str) -> dict[str, Any] | None:
    """Return what was found before an item ended the story; None where it ended none of this item's."""
    former = body.get("was", ())
    index = next((index for index, entry in enumerate(former) if entry["by"] == by), None)
    if index is None:
        return None
    rest = {key: value for key, value in body.items() if key != "was"}
    earlier = {"was": list(former[:index])} if index else {}
    return {**rest, "story": former[index]["story"], "place": former[index]["place"], **earlier}
