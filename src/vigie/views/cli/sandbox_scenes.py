"""The scenes of the simulated market as lines: what is on, what comes and when, what can be started."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

_MINUTE_MS: Final = 60_000
_NAME: Final = 15


def scene_lines(answer: Mapping[str, Any]) -> Iterator[str]:
    """Yield the lines of what the world answered at ``/scenes``.

    Parameters
    ----------
    answer : mapping
        As the world's control gives it.
    """
    now, speed = answer["market_ms"], answer["speed"]
    for entry in answer["running"]:
        yield _line(f"now, for {_span(entry['end_ms'] - now, speed)}", entry)
    for entry in answer["coming"]:
        yield _line(f"in {_span(entry['start_ms'] - now, speed)}", entry)
    if answer["arc"]["is_awaited"]:
        titles = {entry["name"]: entry for entry in answer["scenes"]}
        for entry in answer["arc"]["scenes"]:
            after = _span(entry["after_minutes"] * _MINUTE_MS, speed)
            yield _line(f"{after} after the first page", titles[entry["name"]])
        for entry in answer["arc"]["traded_scenes"]:
            after = _span(entry["after_minutes"] * _MINUTE_MS, speed)
            yield _line(f"{after} after the account", titles[entry["name"]])
    yield ""
    yield "Start one now with `vigie sandbox scene NAME`:"
    for entry in answer["scenes"]:
        yield f"  {entry['name']:<{_NAME}} {entry['about']}"


def _line(when: str, entry: Mapping[str, str]) -> str:
    return f"{when:<30} {entry['name']:<{_NAME}} {entry['title']}"


def _span(market_ms: int, speed: float) -> str:
    """Return a span of the market as what it takes here, "2 min 05 s"."""
    seconds = max(0, round(market_ms / 1_000 / speed))
    minutes, rest = divmod(seconds, 60)
    return f"{minutes} min {rest:02d} s" if minutes else f"{rest} s"
