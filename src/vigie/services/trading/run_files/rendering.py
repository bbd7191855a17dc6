"""Values and whole run files as TOML that reads back as the same."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import MISSING, fields
from typing import Final

from vigie.run_file import AccountTable, CostsTable, DataTable, RunFile, SlotTable, VenueTable

# Whole numbers up to here are written without a point; a float holds them exactly.
_MAX_WHOLE: Final = 1e15
# JSON leaves it as it is, TOML refuses it.
_DELETE: Final = "\x7f"
_Table = AccountTable | CostsTable | VenueTable | DataTable | SlotTable


def render_value(value: object) -> str:
    """Return a value as TOML.

    Parameters
    ----------
    value : object
        A bool, a finite number, a text, a list or a mapping of such.

    Returns
    -------
    str
        One line.
    """
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        number = float(value)
        return str(int(value)) if number.is_integer() and abs(number) < _MAX_WHOLE else repr(value)
    if isinstance(value, str):
        return json.dumps(value, ensure_ascii=False).replace(_DELETE, "\\u007f")
    if isinstance(value, Mapping):
        pairs = ", ".join(f"{render_key(str(name))} = {render_value(item)}" for name, item in value.items())
        return f"{{ {pairs} }}" if pairs else "{}"
    assert isinstance(value, Sequence)
    return f"[{', '.join(map(render_value, value))}]"


def render_key(name: str) -> str:
    """Return a key as TOML: bare where it may be."""
    is_bare = name.isascii() and name.replace("_", "").replace("-", "").isalnum()
    return name if is_bare else render_value(name)


def render_slot(slot: SlotTable) -> str:
    """Return a slot as a table of its own, with a line at its end."""
    return _render_table("[[slots]]", slot)


def render_run_file(file: RunFile) -> str:
    """Return a whole run file; what is as it is without being said is left out.

    Parameters
    ----------
    file : RunFile
        What it says.

    Returns
    -------
    str
        TOML; `parse_run_file` gives `file` again.
    """
    parts = (
        [f"protections = {render_value(file.protections)}\n"] if isinstance(file.protections, bool) else []
    )
    tables: dict[str, _Table] = {
        "account": file.account, "costs": file.costs, "venue": file.venue, "data": file.data,
    }  # fmt: skip
    for name, table in tables.items():
        said = _render_table(f"[{name}]", table)
        parts += [said] if said.count("\n") > 1 else []
    if isinstance(file.protections, dict):
        lines = [f"{render_key(name)} = {render_value(value)}\n" for name, value in file.protections.items()]
        parts.append("".join(["[protections]\n", *lines]))
    parts += [render_slot(slot) for slot in file.slots]
    return "\n".join(parts)


def _render_table(header: str, table: _Table) -> str:
    lines = [
        f"{spec.metadata.get('alias', spec.name)} = {render_value(value)}\n"
        for spec in fields(table)
        if (value := getattr(table, spec.name)) not in (spec.default, None)
        and (spec.default_factory is MISSING or value != spec.default_factory())
    ]
    return "".join([f"{header}\n", *lines])
