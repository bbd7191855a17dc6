"""What the form of a run file holds: made of a run file, or of what was posted; and the change that it asks for."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Final

from vigie.domain.errors import UsageError
from vigie.intelligence.market.words import normalize_number
from vigie.services.operations.run_files import AccountRunFileResult
from vigie.views.web.pages.run_file.words import from_shown, to_shown

# More would be no form.
_MAX_ROWS: Final = 400


@dataclass(frozen=True, slots=True)
class DraftSlot:
    """A slot as it stands in the form; `params` as typed, empty where the strategy's default counts."""

    origin: str
    strategy: str
    instruments: str
    timeframe: str
    is_on: bool
    is_removed: bool
    params: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Draft:
    """A form: slots, and numbers of [account] and [protections] as typed, empty where the usual value counts."""

    slots: tuple[DraftSlot, ...]
    settings: Mapping[str, str]
    protections: Mapping[str, str]
    new_instruments: str = ""  # Typed for a new slot that was not added yet.


def draft_of(file: AccountRunFileResult) -> Draft:
    """Return the form that shows a run file, a result of ``trading.run_file``."""
    slots = [
        DraftSlot(
            "" if slot.origin is None else str(slot.origin),
            slot.strategy,
            ", ".join(slot.instruments),
            slot.timeframe,
            slot.enabled,
            False,
            {
                parameter.name: "" if parameter.value is None else to_shown("", parameter.value)
                for parameter in slot.parameters
            },
        )
        for slot in file.slots
    ]
    shown = {
        (setting.table, setting.name): "" if setting.value is None else to_shown(setting.name, setting.value)
        for setting in file.settings
    }
    return Draft(
        tuple(slots),
        {name: text for (table, name), text in shown.items() if table == "account"},
        {name: text for (table, name), text in shown.items() if table == "protections"},
    )


def draft_from_form(form: Mapping[str, str]) -> Draft:
    """Return the form as it was posted."""
    slots = []
    for number in range(_MAX_ROWS):
        if f"strategy-{number}" not in form:
            break
        start = f"p-{number}-"
        slots.append(
            DraftSlot(
                form.get(f"origin-{number}", ""),
                form[f"strategy-{number}"],
                form.get(f"instruments-{number}", "").strip(),
                form.get(f"timeframe-{number}", "native"),
                f"on-{number}" in form,
                f"remove-{number}" in form,
                {
                    name.removeprefix(start): text.strip()
                    for name, text in form.items()
                    if name.startswith(start)
                },
            )
        )
    return Draft(
        tuple(slots),
        {name[2:]: text.strip() for name, text in form.items() if name.startswith("a-")},
        {name[2:]: text.strip() for name, text in form.items() if name.startswith("l-")},
        form.get("new-instruments", "").strip(),
    )


def with_new_slot(draft: Draft, form: Mapping[str, str]) -> Draft:
    """Return a form with one more slot, from the fields below the table.

    Raises
    ------
    UsageError
        If no instrument was named.
    """
    instruments = form.get("new-instruments", "").strip()
    if not instruments:
        raise UsageError(
            "run_file_slot_without_instruments", "a new slot needs at least one market, such as BTC"
        )
    slot = DraftSlot(
        "", form.get("new-strategy", ""), instruments, form.get("new-timeframe", "native"), True, False, {}
    )
    return replace(draft, slots=(*draft.slots, slot), new_instruments="")


def check_nothing_to_add(draft: Draft) -> None:
    """Refuse a form whose fields for a new strategy were filled in, but not added.

    Raises
    ------
    UsageError
        If a market stands in them.
    """
    if draft.new_instruments:
        raise UsageError(
            "run_file_slot_not_added",
            "under *Add a strategy* stands {given!r}, which is not among the strategies yet: choose *Add* first, or "
            "empty the field",
            given=draft.new_instruments[:60],
        )


def change_of(draft: Draft, language: str) -> dict[str, object]:
    """Return the change that a form asks for, as the operations take it; numbers as the language writes them."""
    return {
        "settings": {name: _number(name, text, language) for name, text in draft.settings.items()},
        "protections": {name: _number(name, text, language) for name, text in draft.protections.items()},
        "slots": [_slot_of(slot, language) for slot in draft.slots if not slot.is_removed],
    }


def _slot_of(slot: DraftSlot, language: str) -> dict[str, object]:
    return {
        "origin": int(slot.origin) if slot.origin.isdecimal() else None,
        "instruments": [
            name for name in slot.instruments.replace(";", ",").replace(",", " ").split() if name
        ],
        "strategy": slot.strategy,
        "timeframe": slot.timeframe,
        "enabled": slot.is_on,
        "params": {name: normalize_number(text, language) for name, text in slot.params.items() if text},
    }


def _number(name: str, text: str, language: str) -> str | None:
    return from_shown(name, normalize_number(text, language)) if text else None
