"""The first page that somebody opens is told once; nothing else tells of it."""

from __future__ import annotations

import pytest

from tests.houses import KEY, Browser, house
from tests.unit.sandbox.world.hands import OPENED_MS, Hand, small_world
from vigie.adapters.world_arc import WorldArc
from vigie.domain.errors import TransientError
from vigie.views.web.app import AppOptions, create_app
from vigie_sandbox.world.scenes.arc import Arc
from vigie_sandbox.world.server import serving


@pytest.fixture
def visits(tmp_path):
    """Return a browser, what was told, and what goes wrong when it is."""
    told: list[int] = []
    failures: list[Exception] = []

    def tell() -> None:
        if failures:
            raise failures.pop()
        told.append(1)

    opened = house(tmp_path / "home")
    somebody = Browser(opened)
    somebody.app = create_app(opened, AppOptions(KEY, lambda word: False, first_visit=tell))
    return somebody, told, failures


def test_the_first_page_of_somebody_is_told_once(visits):
    somebody, told, _ = visits
    # What looks whether the process is there opens no page, nor does what a page consists of.
    for path in ("/healthz", "/app.webmanifest", "/api/v1/openapi.json"):
        assert somebody.get(path).status_code == 200
    assert told == []
    somebody.get("/help")
    assert told == [1]
    somebody.get("/help")
    assert told == [1]


def test_what_could_not_be_told_is_told_with_the_next_page(visits):
    somebody, told, failures = visits
    failures.append(TransientError("does_not_answer", "it does not answer"))
    somebody.get("/help")
    assert told == []
    somebody.get("/help")
    assert told == [1]


def test_the_world_is_told_over_its_control():
    world = small_world(Hand(), arc=Arc(OPENED_MS))
    with serving(world) as url:
        WorldArc(url).begin()
        begun = world.schedule.arc.begun_ms
        WorldArc(url).begin()
    assert begun is not None
    assert world.schedule.arc.begun_ms == begun
    with pytest.raises(TransientError):
        WorldArc(url).begin()
