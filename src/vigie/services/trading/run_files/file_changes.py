"""What a new run file changes: sentences that any language can say, and the difference of the two texts."""

from __future__ import annotations

import difflib
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import fields
from typing import Final

from vigie.domain.errors import UsageError
from vigie.domain.refusal import Refusal
from vigie.run_file import AccountTable, CostsTable, DataTable, RunFile, SlotTable, VenueTable

# Lines around a change that the difference shows.
_CONTEXT: Final = 3
_Key = tuple[str, str, str]
# Keys of [data] that name files of the machine.
_FILES: Final = ("bars", "instruments", "funding", "mark")


def check_fixed(before: RunFile, after: RunFile) -> None:
    """Refuse what a change from the desk cannot be: another venue, or a file of the machine that was not named before.

    Raises
    ------
    UsageError
        With what was given; whoever asks from afar must not have files read.
    """
    if after.venue != before.venue:
        raise UsageError(
            "run_file_venue_fixed",
            "venue and mode of an account stay: {before_id}, {before_mode}, was {after_id}, {after_mode}; begin "
            "another account instead",
            before_id=before.venue.id,
            before_mode=before.venue.mode,
            after_id=after.venue.id,
            after_mode=after.venue.mode,
        )
    for name in _FILES:
        given = getattr(after.data, name)
        if given and given != getattr(before.data, name):
            raise UsageError(
                "run_file_files_fixed",
                "{name} of [data] names files of the machine, which a change from here cannot; leave it out, was "
                "{given!r}",
                name=name,
                given=given,
            )


def list_changes(before: RunFile, after: RunFile) -> list[Refusal]:
    """Return what a person changed, one sentence each; comments and order of tables are no change.

    Parameters
    ----------
    before, after : RunFile
        What the two files say.

    Returns
    -------
    list of Refusal
        English, with code and arguments; empty where both say the same.
    """
    return [
        *_slot_changes(before, after),
        *_table_changes("account", _values(before.account), _values(after.account)),
        *_table_changes("costs", _values(before.costs), _values(after.costs)),
        *_table_changes("venue", _values(before.venue), _values(after.venue)),
        *_table_changes("data", _values(before.data), _values(after.data)),
        *_table_changes("protections", _protections(before), _protections(after)),
    ]


def file_difference(before: str, after: str, name: str) -> list[str]:
    """Return the unified difference of two texts, without line ends; empty where they are the same.

    Parameters
    ----------
    name : str
        Of the file, for the first two lines.

    Returns
    -------
    list of str
        As `diff -u` prints it.
    """
    lines = difflib.unified_diff(before.splitlines(), after.splitlines(), name, name, n=_CONTEXT, lineterm="")
    return list(lines)


def _slot_changes(before: RunFile, after: RunFile) -> Iterator[Refusal]:
    old, new = _slots(before), _slots(after)
    groups: dict[tuple[str, str, tuple[str, ...]], list[str]] = defaultdict(list)
    for key in dict.fromkeys([*old, *new]):
        strategy, timeframe, instrument = key
        for code_and_values in _changes_of_slot(old.get(key), new.get(key)):
            groups[code_and_values[0], f"{strategy} ({timeframe})", code_and_values[1:]].append(instrument)
    for (code, slot, values), instruments in groups.items():
        names = ", ".join(instruments)
        match code:
            case "removed":
                yield Refusal(
                    "change_slot_removed", "{slot} on {instruments} is removed", slot=slot, instruments=names
                )
            case "added":
                yield Refusal(
                    "change_slot_added", "{slot} on {instruments} is added", slot=slot, instruments=names
                )
            case "added_off":
                yield Refusal(
                    "change_slot_added_off",
                    "{slot} on {instruments} is added, switched off",
                    slot=slot,
                    instruments=names,
                )
            case "off":
                yield Refusal(
                    "change_slot_off", "{slot} on {instruments} is switched off", slot=slot, instruments=names
                )
            case "on":
                yield Refusal(
                    "change_slot_on", "{slot} on {instruments} is switched on", slot=slot, instruments=names
                )
            case _:
                name, was, now = values[0], values[1], values[2]
                yield Refusal(
                    "change_slot_value",
                    "{name} of {slot} on {instruments}: {was} before, {now} now",
                    name=name, was=_value_text(was), now=_value_text(now), slot=slot, instruments=names,
                )  # fmt: skip


def _changes_of_slot(old: SlotTable | None, new: SlotTable | None) -> Iterator[tuple[str, ...]]:
    if new is None:
        yield ("removed",)
    elif old is None:
        yield ("added" if new.enabled else "added_off",)
        yield from (("value", name, "", f"{value:g}") for name, value in new.params.items())
    else:
        if old.enabled != new.enabled:
            yield ("on" if new.enabled else "off",)
        for name in dict.fromkeys([*old.params, *new.params]):
            was, now = old.params.get(name), new.params.get(name)
            if was != now:
                yield ("value", name, _format(was), _format(now))
        if old.require != new.require:
            yield ("value", "require", " ".join(old.require), " ".join(new.require))


def _slots(file: RunFile) -> dict[_Key, SlotTable]:
    """Return the slots of a file, one for each instrument."""
    return {
        (slot.strategy, slot.timeframe, instrument): slot
        for slot in file.slots
        for instrument in slot.instruments
    }


def _table_changes(table: str, old: Mapping[str, object], new: Mapping[str, object]) -> Iterator[Refusal]:
    for name in dict.fromkeys([*old, *new]):
        was, now = old.get(name), new.get(name)
        if was != now:
            yield Refusal(
                "change_value",
                "{name} in [{table}]: {was} before, {now} now",
                name=name, table=table, was=_value_text(_format(was)), now=_value_text(_format(now)),
            )  # fmt: skip


def _values(table: AccountTable | CostsTable | VenueTable | DataTable) -> dict[str, object]:
    return {spec.name: getattr(table, spec.name) for spec in fields(table)}


def _protections(file: RunFile) -> dict[str, object]:
    if isinstance(file.protections, dict):
        return dict(file.protections)
    return {} if file.protections is None else {"use": file.protections}


def _format(value: object) -> str:
    if value is None or value == []:
        return ""
    if isinstance(value, bool):
        return "on" if value else "off"
    return f"{value:,g}" if isinstance(value, int | float) else str(value)


def _value_text(text: str) -> str:
    return text or Refusal("change_not_set", "default")
