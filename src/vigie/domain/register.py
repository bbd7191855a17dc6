"""Public registers: who is listed, under which licence, and what became different from one look to the next."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Final, Literal

ChangeKind = Literal["added", "changed", "ended", "removed"]
"""A row came; a field became another; a licence got an end while its row stays; a row is gone."""
# What is read from the columns of a row.
# Added to, not given as a timestamp: Windows knows none before it.
_BEGIN: Final = datetime(1970, 1, 1, tzinfo=UTC)
_READ: Final = (
    "name", "lei", "country", "authority", "services", "countries", "website", "ts_from", "ts_until",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class RegisterEntry:
    """One row of a register as its newest look has it.

    Attributes
    ----------
    register : str
        Id of the source of news that reads it, ``esma_casps``.
    key : str
        What makes it the same row at the next look.
    name : str
        Of the firm, as published.
    lei : str
        Legal entity identifier (ISO 17442), empty where none is stated.
    country : str
        Home, two letters of ISO 3166; empty where not stated.
    authority : str
        Who gave the licence.
    services : tuple of str
        Codes of services as published, ``a`` to ``j`` for providers under MiCA (Article 3(1)(16)).
    countries : tuple of str
        Where else it may serve.
    website : str
    ts_from, ts_until : int or None
        Licensed since, ended on; epoch milliseconds of the day.
    fields : mapping
        Every column as published, cleaned; a comparison goes by these.
    """

    register: str
    key: str
    name: str
    lei: str = ""
    country: str = ""
    authority: str = ""
    services: tuple[str, ...] = ()
    countries: tuple[str, ...] = ()
    website: str = ""
    ts_from: int | None = None
    ts_until: int | None = None
    fields: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class RegisterChange:
    """What became different between two looks at a register.

    Attributes
    ----------
    ts_seen : int
        When the later look was, epoch milliseconds.
    before, after : RegisterEntry or None
        None before it was added, and after it was removed.
    """

    register: str
    key: str
    kind: ChangeKind
    ts_seen: int
    before: RegisterEntry | None
    after: RegisterEntry | None

    @property
    def entry(self) -> RegisterEntry:
        """What it is about: as it is now, else as it last was."""
        entry = self.after or self.before
        assert entry is not None
        return entry

    @property
    def fields(self) -> tuple[tuple[str, str, str], ...]:
        """Column, value before and value after, of each that became another.

        Where all are as they were published before, it is what was read from them, by the names of `RegisterEntry`.
        """
        old = self.before.fields if self.before else {}
        new = self.after.fields if self.after else {}
        names = dict.fromkeys([*old, *new])
        pairs = ((name, old.get(name, ""), new.get(name, "")) for name in names)
        changes = tuple((name, before, after) for name, before, after in pairs if before != after)
        if changes or self.before is None or self.after is None:
            return changes
        texts = ((name, _field_text(self.before, name), _field_text(self.after, name)) for name in _READ)
        return tuple((name, before, after) for name, before, after in texts if before != after)


def diff_entries(
    before: Mapping[str, RegisterEntry],
    after: Sequence[RegisterEntry],
    *,
    register: str,
    ts_seen: int,
    is_whole: bool = False,
) -> tuple[RegisterChange, ...]:
    """Return what became different; nothing at the first look, which has nothing to compare with.

    Parameters
    ----------
    before : mapping
        Rows of the look before, by key.
    is_whole : bool
        Rows are compared whole, not by what was published alone: so what a reader makes of it counts, too.

    Returns
    -------
    tuple of RegisterChange
        Added, changed and ended rows in the order of `after`, then removed ones in that of `before`.
    """
    if not before:
        return ()
    now = {entry.key: entry for entry in after}
    changes = [
        RegisterChange(register, key, _change_kind(before.get(key), entry), ts_seen, before.get(key), entry)
        for key, entry in now.items()
        if key not in before or _is_changed(before[key], entry, is_whole=is_whole)
    ]
    removed = [key for key in before if key not in now]
    changes += [RegisterChange(register, key, "removed", ts_seen, before[key], None) for key in removed]
    return tuple(changes)


def _is_changed(before: RegisterEntry, after: RegisterEntry, *, is_whole: bool) -> bool:
    return dict(before.fields) != dict(after.fields) or (is_whole and before != after)


def _field_text(entry: RegisterEntry, name: str) -> str:
    value = getattr(entry, name)
    if isinstance(value, tuple):
        return ", ".join(value)
    if isinstance(value, int):
        return (_BEGIN + timedelta(milliseconds=value)).date().isoformat()
    return value or ""


def _change_kind(before: RegisterEntry | None, after: RegisterEntry) -> ChangeKind:
    if before is None:
        return "added"
    return "ended" if before.ts_until is None and after.ts_until is not None else "changed"
