"""A progress bar only where somebody watches, and only for what lasts."""

from __future__ import annotations

import io
import sys

import pytest

from vigie.views.cli.progress import Progress


class Terminal(io.StringIO):
    """Standard error that says it is a terminal."""

    def isatty(self) -> bool:
        return True


def said(monkeypatch: pytest.MonkeyPatch, stream: io.StringIO, seconds: list[float], **more: bool) -> str:
    monkeypatch.setattr(sys, "stderr", stream)
    monkeypatch.setenv("TERM", "xterm")
    hand = iter(seconds)
    with Progress(clock=lambda: next(hand), **more) as progress:
        for done in range(1, len(seconds)):
            progress("strategies", done, len(seconds) - 1)
    return stream.getvalue()


def test_what_lasts_over_a_second_is_shown_on_a_terminal(monkeypatch: pytest.MonkeyPatch):
    shown = said(monkeypatch, Terminal(), [0.0, 0.5, 1.5, 2.5])
    assert "strategies" in shown
    assert "100%" in shown


@pytest.mark.parametrize(
    ("stream", "seconds", "more"),
    [
        (Terminal, [0.0, 0.5, 0.9], {}),
        (io.StringIO, [0.0, 5.0, 9.0], {}),
        (Terminal, [0.0, 5.0, 9.0], {"enabled": False}),
    ],
)
def test_nothing_is_shown_for_what_is_short_piped_or_asked_as_json(monkeypatch, stream, seconds, more):
    assert said(monkeypatch, stream(), seconds, **more) == ""
