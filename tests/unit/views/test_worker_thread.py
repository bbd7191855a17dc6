"""A worker in the process of another part: one that ends takes the process with it, and says why."""

from __future__ import annotations

import threading
from types import SimpleNamespace

import pytest

from vigie.views.cli.worker_thread import WorkerThread


class Heartbeat:
    def __init__(self) -> None:
        self.said: list[str] = []

    def report_ready(self) -> None:
        self.said.append("ready")

    def report_stopping(self) -> None:
        self.said.append("stopping")


def test_worker_works_until_its_process_ends():
    told, ended, heartbeat = threading.Event(), threading.Event(), Heartbeat()
    worker = WorkerThread(
        SimpleNamespace(run=told.wait, stop=told.set),
        heartbeat,  # type: ignore[arg-type]
    )
    worker.start(ended.set)
    assert heartbeat.said == ["ready"]
    assert not ended.is_set()
    worker.finish()
    assert ended.is_set()
    assert heartbeat.said == ["ready", "stopping"]


def test_worker_that_fails_ends_its_process_with_its_error():
    def fail() -> None:
        raise ValueError("nobody thought of this")

    ended, heartbeat = threading.Event(), Heartbeat()
    worker = WorkerThread(SimpleNamespace(run=fail, stop=lambda: None), heartbeat)  # type: ignore[arg-type]
    worker.start(ended.set)
    assert ended.wait(20)
    with pytest.raises(ValueError, match="nobody thought of this"):
        worker.finish()
    assert heartbeat.said == ["ready"]
