"""What the form of a board holds, as a plan and back: one field for each thing, numbered by part."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from vigie.services.studio.board import MOST_PARTS

WORDS: Final = ("title", "subtitle", "note", "alt", "shape", "language", "zone", "currency", "as_of")
PART: Final = (
    "kind", "title", "assets", "span", "start", "end", "mode", "table", "heat", "source", "item", "text",
    "of", "series", "measure", "news_marks",
)  # fmt: skip
# What a part of each kind begins with.
BEGUN: Final[dict[str, dict[str, Any]]] = {
    "chart": {"kind": "chart", "assets": "bitcoin,ethereum", "span": "1m"},
    "table": {"kind": "table", "assets": "bitcoin,ethereum"},
    "words": {"kind": "words", "span": "1w"},
    "heat": {"kind": "heat", "span": "24h"},
}


def plan_from_form(form: Mapping[str, str]) -> dict[str, Any]:
    """Return the plan that a form holds, as plain values."""
    parts = []
    for place in range(MOST_PARTS):
        if f"p{place}_kind" in form:
            part: dict[str, Any] = {
                name: _clean_field(form[f"p{place}_{name}"], name)
                for name in PART
                if f"p{place}_{name}" in form
            }
            parts.append({**part, "notes": _parse_notes(form.get(f"p{place}_notes", ""))})
    return {**{name: form[name].replace("\r\n", "\n") for name in WORDS if name in form}, "parts": parts}


def _clean_field(text: str, name: str) -> str:
    return text.replace("\r\n", "\n").strip() if name in ("text", "title") else text.strip()


def _parse_notes(text: str) -> list[dict[str, str]]:
    """Return annotations of lines such as ``2026-01-31 The fund opens``."""
    pairs = (line.strip().partition(" ") for line in text.splitlines() if line.strip())
    return [{"at": at, "text": note_text.strip()} for at, _, note_text in pairs]


def notes_text(notes: list[Any]) -> str:
    """Return annotations as the form writes them."""
    return "\n".join(f"{note['at']} {note['text']}" for note in notes)


def apply_button(plan: dict[str, Any], button: str) -> dict[str, Any]:
    """Return a plan after a button: ``add:chart``, ``remove:0``, ``up:1``, ``down:0``; others change nothing."""
    parts = list(plan["parts"])
    action, _, argument = button.partition(":")
    index = int(argument) if argument.isdecimal() and len(argument) < 3 else -1
    if action == "add" and argument in BEGUN:
        parts.append(BEGUN[argument])
    elif action == "remove" and 0 <= index < len(parts):
        del parts[index]
    elif action == "up" and 0 < index < len(parts):
        parts[index - 1], parts[index] = parts[index], parts[index - 1]
    elif action == "down" and 0 <= index < len(parts) - 1:
        parts[index + 1], parts[index] = parts[index], parts[index + 1]
    return {**plan, "parts": parts}
