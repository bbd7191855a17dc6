"""What nobody waits for gives way to pages: the replayed past, the simulated market's past."""

from __future__ import annotations

import os
from pathlib import Path
from types import SimpleNamespace

import pytest
from typer.testing import CliRunner

from vigie.services.running import job_process, process_tree
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


def test_jobs_such_as_trainings_give_way_and_go_first_where_memory_ends(told, monkeypatch):
    offered = {}
    for name in ("dup", "dup2", "fdopen"):
        monkeypatch.setattr(os, name, lambda *given, **named: None)
    monkeypatch.setattr(Path, "write_text", lambda path, text, **named: offered.update({str(path): text}))
    monkeypatch.setattr(job_process, "_ReportWriter", begin)
    with pytest.raises(Begun):
        job_process.serve(SimpleNamespace(clock=None))
    assert told == [job_process.NICE]
    assert int(offered["/proc/self/oom_score_adj"]) > 0


def test_the_past_of_the_simulated_market_is_written_at_a_low_priority(told, monkeypatch):
    monkeypatch.setattr(history, "write_history", begin)
    with pytest.raises(Begun):
        history._write_at_low_priority(None, "binance-perp", None)
    assert told == [10]
