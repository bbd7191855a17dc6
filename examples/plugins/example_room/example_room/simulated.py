"""Answers as the chat would; `vigie plugin check` and the tests ask it in its place."""

from __future__ import annotations


def answer(method: str, path: str, body: bytes) -> tuple[int, object]:
    """Return status and JSON of an answer."""
    return (200, {"ok": True}) if (method, path) == ("POST", "/rooms/news") else (404, {"ok": False})
