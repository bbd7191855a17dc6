"""The plain sentence beside a label: a parameter of the macro that draws it, where it has one."""

from __future__ import annotations

import re
from functools import cache
from typing import Final

from tools.texts.rows import FORMS, Row
from tools.texts.tree import Edit
from tools.texts.uses import SOURCE, WEB, Uses

COMPONENTS: Final = WEB + "templates/components.html"
NAMES: Final = ("tooltip", "hint")
_MACRO: Final = re.compile(r"\{%-?\s*macro (\w+)\(([^%]*)\)\s*-?%\}")


@cache
def _parameters(source: str) -> dict[str, str]:
    """Return the parameter for a tooltip by the macro that has one."""
    found = {}
    for macro in _MACRO.finditer(source):
        own = re.findall(r"(\w+)\s*(?:=|,|$)", macro[2])
        name = next((name for name in NAMES if name in own), "")
        if name:
            found[macro[1]] = name
    return found


def place_tooltip(uses: Uses, row: Row, added: dict[str, dict[str, str]], look: list[str]) -> None:
    """Put the tooltip of a row where a macro takes one; else keep what somebody does by hand.

    Parameters
    ----------
    uses : Uses
        Where texts stand, before any edit.
    row : Row
        An applied row.
    added : dict
        Texts that catalogues get.
    look : list of str
        What is left.
    """
    if not row.tooltip:
        return
    known = _parameters(uses.tree.text(COMPONENTS)) if uses.tree.has(COMPONENTS) else {}
    path = SOURCE + row.catalogue
    folder = path.rsplit("/", 1)[0] + "/"
    done = False
    for template, texts in uses.templates.items():
        for said in texts:
            if said.text != row.old.split(FORMS)[0] or said.kind != "call" or not template.startswith(folder):
                continue
            source = uses.tree.text(template)
            # `ui.field("name", _("Label")`: the label is an argument of the call itself.
            before = re.search(r"ui\.(\w+)\((?:[^()]*)_\($", source[: said.start])
            name = known.get(before[1]) if before else None
            end = source.find(")", said.end) + 1
            call = source[end : source.find("}}", end)]
            if name is None or f"{name}=" in call:
                continue
            quoted = '"' + row.tooltip.replace('"', '\\"') + '"'
            uses.tree.apply([Edit(template, end, end, f", {name}=_({quoted})")])
            done = True
    if done:
        added[path][row.tooltip] = row.tooltip_fr
    else:
        look.append(f"tooltip without a place\t{row.at}\t{row.new}\t{row.tooltip}\t{row.tooltip_fr}")
