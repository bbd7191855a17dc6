"""What is found of the story of an item, as a finding's body holds it, when its story ends in another one.

``was`` lists the stories that an item was of, oldest first, each with the item ``by`` which that one ended.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

STEP: Final = "story"


def joined_body(body: Mapping[str, Any], kept_story: str, by: str) -> dict[str, Any]:
    """Return what is found of an item whose story goes on as another.

    Parameters
    ----------
    body : mapping
        Of the item's finding: ``story``, ``place`` and, after an earlier end, ``was``.
    kept_story : str
        Id of the story that goes on.
    by : str
        Id of the item that joined the two.

    Returns
    -------
    dict
        A copy with the new story; its former one is the last of ``was``.
    """
    former = [*body.get("was", ()), {"story": body["story"], "by": by, "place": body["place"]}]
    return {**body, "story": kept_story, "place": "follows", "was": former}


def body_before(body: Mapping[str, Any], by: str) -> dict[str, Any] | None:
    """Return what was found before an item ended the story; None where it ended none of this item's.

    Parameters
    ----------
    body : mapping
        Of the item's finding as it is now.
    by : str
        Id of the item that joined the stories.

    Returns
    -------
    dict or None
        Story and place of before; joins after that one are dropped, too.
    """
    former = body.get("was", ())
    index = next((index for index, entry in enumerate(former) if entry["by"] == by), None)
    if index is None:
        return None
    rest = {key: value for key, value in body.items() if key != "was"}
    earlier = {"was": list(former[:index])} if index else {}
    return {**rest, "story": former[index]["story"], "place": former[index]["place"], **earlier}
