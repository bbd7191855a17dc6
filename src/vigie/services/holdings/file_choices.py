"""How a person said that a file is meant, kept for the next one with the same headers."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from vigie.ports.accounts import UserStore
from vigie.services.holdings.file_table import heads, normal

_PLACE: Final = "file_choices"
# The oldest goes.
_MOST: Final = 20


@dataclass(frozen=True, slots=True)
class FileChoices:
    """How a file of no reader is meant.

    Attributes
    ----------
    columns : mapping of str to str
        By field, the header of its column.
    mark, dates, zone, currency : str
        Decimal mark, order of dates, time zone, currency of all amounts; empty where nothing was chosen.
    """

    columns: Mapping[str, str] = field(default_factory=dict)
    mark: str = ""
    dates: str = ""
    zone: str = ""
    currency: str = ""


def kept_choices(accounts: UserStore, owner: str, text: str) -> FileChoices | None:
    """Return what a person chose for the last file with one of these rows as its headers; None where there is none.

    Parameters
    ----------
    accounts : UserStore
        Keeps it.
    owner : str
        Whose.
    text : str
        The file.
    """
    _, body = accounts.settings(f"{owner}/{_PLACE}")
    for _, _, row in heads(text) if body else ():
        kept = body.get(_key(row))
        if kept:
            return FileChoices(
                dict(kept["columns"]),
                str(kept["mark"]),
                str(kept["dates"]),
                str(kept["zone"]),
                # Not in those of an earlier version.
                str(kept.get("currency", "")),
            )
    return None


def keep_choices(
    accounts: UserStore, owner: str, headers: Sequence[str], choices: FileChoices, now: int
) -> None:
    """Keep how a file with these headers is meant."""
    place, key = f"{owner}/{_PLACE}", _key(headers)
    _, body = accounts.settings(place)
    said = {
        "columns": dict(choices.columns), "mark": choices.mark, "dates": choices.dates, "zone": choices.zone,
        "currency": choices.currency,
    }  # fmt: skip
    if key in body and {name: body[key].get(name) for name in said} == said:
        return
    others = sorted((name for name in body if name != key), key=lambda name: -int(body[name]["kept"]))
    changes: dict[str, object] = dict.fromkeys(others[_MOST - 1 :])
    accounts.put_settings(place, {**changes, key: {**said, "kept": now}})


def _key(headers: Sequence[str]) -> str:
    return hashlib.sha256("\0".join(normal(header) for header in headers).encode()).hexdigest()[:24]
