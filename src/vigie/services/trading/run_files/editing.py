"""A person's changes put into the text of a run file: comments and order of the rest stay as they were.

The text is cut into its tables, and lines are changed in them. Whether that came out right is read again: what TOML
can say in a way that lines do not show is written anew as a whole, and then its comments are lost.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Final

from vigie.domain.account import check_whole, make_protections
from vigie.domain.errors import ConfigError, UsageError
from vigie.run_file import AccountTable, RunFile, SlotTable, parse_run_file
from vigie.services.trading.run_files.rendering import render_key, render_run_file, render_slot, render_value

# What a form may change in [account]; None takes the line away, so that the usual value counts.
ACCOUNT_KEYS: Final = ("capital", "risk_fraction", "leverage", "stop_atr", "target_atr", "max_bars")
_HEADER: Final = re.compile(r"^\s*\[(?P<name>\[?[^\[\]#]+\]?)\]\s*(#.*)?$")
_DEFAULTS: Final = AccountTable()


@dataclass(frozen=True, slots=True)
class SlotEdit:
    """A slot as it is to be.

    Attributes
    ----------
    origin : int or None
        Place of the slot in the file before, from 0 on; None for a new one.
    params : mapping
        All that differ from the strategy's defaults.
    """

    origin: int | None
    instruments: tuple[str, ...]
    strategy: str
    timeframe: str = "native"
    enabled: bool = True
    params: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class RunFileEdit:
    """What a person changes of a run file.

    Attributes
    ----------
    account, protections : mapping of str to float or None
        By key; None leaves the usual value. What is not named stays.
    slots : sequence of SlotEdit or None
        All slots as they are to be; None leaves them as they are.
    """

    account: Mapping[str, float | None] = field(default_factory=dict)
    protections: Mapping[str, float | None] = field(default_factory=dict)
    slots: Sequence[SlotEdit] | None = None


def edit_run_file(text: str, edit: RunFileEdit, path: Path) -> str:
    """Return the text of a run file with a person's changes.

    Parameters
    ----------
    path : Path
        Named in refusals; it is not read.

    Returns
    -------
    str
        Says what `apply_edit` gives; the same text where nothing changes.

    Raises
    ------
    ConfigError, UsageError
        If the text is no run file, or the changes name what it does not have.
    """
    file = parse_run_file(text, path)
    wanted = apply_edit(file, edit)
    if wanted == file:
        return text
    changed = _edit_lines(text, file, wanted, edit)
    if _reads_as(changed, wanted, path):
        return changed
    return render_run_file(wanted)


def apply_edit(file: RunFile, edit: RunFileEdit) -> RunFile:
    """Return what a run file says with a person's changes.

    Raises
    ------
    UsageError
        If a key may not be changed, or a slot is none of the file's.
    """
    unknown = [name for name in edit.account if name not in ACCOUNT_KEYS]
    if unknown:
        raise UsageError(
            "run_file_key_fixed",
            "of [account] only {known} can be changed here, was {name!r}",
            known=" ".join(ACCOUNT_KEYS),
            name=unknown[0],
        )
    slots = file.slots if edit.slots is None else [_apply_slot(file, slot) for slot in edit.slots]
    return replace(
        file,
        account=_apply_account(file.account, edit.account),
        protections=_apply_protections(file, edit.protections),
        slots=slots,
    )


def _apply_account(table: AccountTable, edits: Mapping[str, float | None]) -> AccountTable:
    def value_of(name: str, present: float, usual: float) -> float:
        value = edits.get(name, present)
        return usual if value is None else value

    max_bars = value_of("max_bars", table.max_bars, _DEFAULTS.max_bars)
    check_whole("max_bars", max_bars)
    return replace(
        table,
        capital=value_of("capital", table.capital, _DEFAULTS.capital),
        risk_fraction=value_of("risk_fraction", table.risk_fraction, _DEFAULTS.risk_fraction),
        leverage=value_of("leverage", table.leverage, _DEFAULTS.leverage),
        stop_atr=value_of("stop_atr", table.stop_atr, _DEFAULTS.stop_atr),
        target_atr=value_of("target_atr", table.target_atr, _DEFAULTS.target_atr),
        max_bars=int(max_bars),
    )


def _apply_protections(file: RunFile, edits: Mapping[str, float | None]) -> dict[str, float] | bool | None:
    stated = file.protections if isinstance(file.protections, dict) else {}
    changes = {name: value for name, value in edits.items() if stated.get(name) != value}
    if not changes:
        return file.protections
    wanted = {name: value for name, value in {**stated, **changes}.items() if value is not None}
    make_protections(wanted)
    return wanted


def _apply_slot(file: RunFile, edit: SlotEdit) -> SlotTable:
    if edit.origin is not None and not 0 <= edit.origin < len(file.slots):
        raise UsageError(
            "run_file_no_such_slot",
            "the run file has {count} slots, numbered from 0, was {origin}",
            count=len(file.slots),
            origin=edit.origin,
        )
    before = None if edit.origin is None else file.slots[edit.origin]
    # A criterion is of one strategy.
    keeps = before is not None and before.strategy == edit.strategy
    return SlotTable(
        list(edit.instruments),
        edit.strategy,
        edit.timeframe,
        edit.enabled,
        dict(edit.params),
        before.require if keeps and before is not None else [],
    )


def _reads_as(text: str, wanted: RunFile, path: Path) -> bool:
    try:
        return parse_run_file(text, path) == wanted
    except ConfigError:
        return False


# Lines ---------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Section:
    """A table of the file: the comments right above it, its header, its lines."""

    name: str
    lead: tuple[str, ...]
    lines: tuple[str, ...]

    @property
    def text(self) -> str:
        return "".join([*self.lead, *self.lines])


def _cut(text: str) -> list[_Section]:
    """Cut a file at its headers; comments right above a header are its own. The first section has no header."""
    sections: list[_Section] = []
    name, lead, lines = "", list[str](), list[str]()
    for line in text.splitlines(keepends=True):
        match = _HEADER.match(line)
        title = match["name"].strip("[] ") if match else ""
        # A table below a slot is part of it.
        if match and not title.startswith("slots."):
            above = next(
                (k for k in range(len(lines), 0, -1) if not lines[k - 1].lstrip().startswith("#")), 0
            )
            # The first comment of a file tells of the file.
            above = len(lines) if not name and above == 0 else above
            sections.append(_Section(name, tuple(lead), tuple(lines[:above])))
            name, lead, lines = title, lines[above:], [line]
        else:
            lines.append(line if line.endswith("\n") else f"{line}\n")
    sections.append(_Section(name, tuple(lead), tuple(lines)))
    return sections


def _edit_lines(text: str, file: RunFile, wanted: RunFile, edit: RunFileEdit) -> str:
    sections = _cut(text)
    account = {
        name: None if edit.account[name] is None else getattr(wanted.account, name)
        for name in edit.account
        if getattr(wanted.account, name) != getattr(file.account, name)
    }
    sections = _edit_table(sections, "account", account)
    if wanted.protections != file.protections and isinstance(wanted.protections, dict):
        before = file.protections if isinstance(file.protections, dict) else {}
        changes: dict[str, float | None] = dict.fromkeys([*before, *wanted.protections])
        changes = {name: wanted.protections.get(name) for name in changes}
        changes = {name: value for name, value in changes.items() if before.get(name) != value}
        sections = _edit_table(sections, "protections", changes)
    if edit.slots is not None and wanted.slots != file.slots:
        sections = _edit_slots(sections, file, wanted, edit.slots)
    return "".join(section.text for section in sections)


def _edit_table(
    sections: Sequence[_Section], name: str, changes: Mapping[str, float | None]
) -> list[_Section]:
    """Change keys of a table; one that is not there is put before the slots."""
    if not changes:
        return list(sections)
    if any(section.name == name for section in sections):
        return [_set_keys(section, changes) if section.name == name else section for section in sections]
    added = _set_keys(_Section(name, (), (f"[{name}]\n",)), changes)
    place = next((k for k, section in enumerate(sections) if section.name == "slots"), len(sections))
    return [*_spaced(sections[:place]), replace(added, lines=(*added.lines, "\n")), *sections[place:]]


def _edit_slots(
    sections: Sequence[_Section], file: RunFile, wanted: RunFile, edits: Sequence[SlotEdit]
) -> list[_Section]:
    own = [section for section in sections if section.name == "slots"]
    others = [section for section in sections if section.name != "slots"]
    place = next((k for k, section in enumerate(sections) if section.name == "slots"), len(others))
    place = sum(section.name != "slots" for section in sections[:place])
    slots: list[_Section] = []
    for edit, slot in zip(edits, wanted.slots, strict=True):
        if edit.origin is not None and edit.origin < len(own):
            slots.append(_edit_slot(own[edit.origin], file.slots[edit.origin], slot))
        else:
            slots = [*_spaced(slots), _Section("slots", (), (render_slot(slot),))]
    return [*(_spaced(others[:place]) if slots else others[:place]), *slots, *others[place:]]


def _edit_slot(section: _Section, before: SlotTable, after: SlotTable) -> _Section:
    defaults = SlotTable(before.instruments, before.strategy)
    changes: dict[str, object] = {}
    for name in ("instruments", "strategy", "timeframe", "enabled", "params", "require"):
        value = getattr(after, name)
        if value != getattr(before, name):
            is_usual = name not in ("instruments", "strategy") and value == getattr(defaults, name)
            changes[name] = None if is_usual else value
    return _set_keys(section, changes)


def _set_keys(section: _Section, changes: Mapping[str, object]) -> _Section:
    lines = list(section.lines)
    for name, value in changes.items():
        place = next((k for k, line in enumerate(lines) if _is_key(line, name)), None)
        if place is None:
            if value is not None:
                end = next(
                    (k for k in range(len(lines), 0, -1) if lines[k - 1].split("#")[0].strip()), len(lines)
                )
                lines.insert(end, f"{render_key(name)} = {render_value(value)}\n")
        elif value is None:
            del lines[place]
        else:
            indent = lines[place][: len(lines[place]) - len(lines[place].lstrip())]
            lines[place] = f"{indent}{render_key(name)} = {render_value(value)}{_comment_of(lines[place])}\n"
    return replace(section, lines=tuple(lines))


def _is_key(line: str, name: str) -> bool:
    """Tell whether a line says the value of a key, and says all of it."""
    if line.split("=")[0].strip() != name:
        return False
    try:
        return list(tomllib.loads(line)) == [name]
    except tomllib.TOMLDecodeError:
        return False


def _comment_of(line: str) -> str:
    """Return the comment at the end of a line that says a value, with the space before it."""
    value = tomllib.loads(line)
    for place, letter in enumerate(line):
        if letter != "#":
            continue
        try:
            is_comment = tomllib.loads(line[:place]) == value
        except tomllib.TOMLDecodeError:
            continue
        if is_comment:
            said = line[:place]
            return f"{said[len(said.rstrip()) :]}{line[place:].rstrip()}"
    return ""


def _spaced(sections: Sequence[_Section]) -> list[_Section]:
    """Let an empty line follow the last section."""
    sections = list(sections)
    if sections and sections[-1].text and not sections[-1].text.endswith("\n\n"):
        sections[-1] = replace(sections[-1], lines=(*sections[-1].lines, "\n"))
    return sections
