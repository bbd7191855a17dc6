"""What `vigie work` does beside the queue: the setups of accounts are followed as long as it runs."""

from __future__ import annotations

import threading
from types import SimpleNamespace

import pytest

from tests.traded import DAYS, house_of
from tests.unit.services.trading.material import BEGUN
from vigie.domain.setup import SetupScope
from vigie.domain.time import DAY_MS
from vigie.services.setups.following import SetupFollower
from vigie.views.cli.work import open_worker


def test_a_worker_follows_the_setups_of_accounts(traded_home, tmp_path, monkeypatch: pytest.MonkeyPatch):
    built, _ = house_of(traded_home, tmp_path / "home", BEGUN + DAYS * DAY_MS)
    assert built.setups.changes(SetupScope("main")) == []
    monkeypatch.setenv("VIGIE_HOME", str(tmp_path / "home"))
    follow_once, looked = SetupFollower.follow_once, threading.Event()

    def told(follower: SetupFollower) -> int:
        found = follow_once(follower)
        looked.set()
        return found

    monkeypatch.setattr(SetupFollower, "follow_once", told)
    said: list[str] = []
    runtime = SimpleNamespace(say=said.append, write=said.append)
    with open_worker(None, runtime, SimpleNamespace(beat=lambda **_more: None)):  # type: ignore[arg-type]
        assert looked.wait(120), said
    assert len(built.setups.changes(SetupScope("main"))) > 20
