"""What nobody waits for gives way to pages: the replayed past, the simulated market's past."""

from __future__ import annotations

import os

import pytest
from typer.testing import CliRunner

from vigie.services.running import process_tree
from vigie.views.cli import demo
from vigie.wiring import trader
from vigie_sandbox.world import history


class Begun(Exception):
    """The work itself began."""


@pytest.fixture
def told(monkeypatch):
    """Note by how much this process would give way, in the order of what is done."""
    found = []
    monkeypatch.setattr(os, "nice", found.append)
    return found


def begin(*_args, **_named):
    raise Begun


def test_the_past_of_a_demonstration_is_replayed_at_a_low_priority(told, monkeypatch):
    monkeypatch.setattr(process_tree, "end_with_parent", lambda work: None)
    monkeypatch.setattr(trader, "open_trader_context", begin)
    result = CliRunner().invoke(demo.group, ["replay"])
    assert isinstance(result.exception, Begun), result.output
    assert told == [10]


def test_the_past_of_the_simulated_market_is_written_at_a_low_priority(told, monkeypatch):
    monkeypatch.setattr(history, "write_history", begin)
    with pytest.raises(Begun):
        history._write_at_low_priority(None, "binance-perp", None)
    assert told == [10]
