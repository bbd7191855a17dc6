import json
import threading

import httpx
import numpy as np
import pytest
from typer.testing import CliRunner

from tests.unit.sandbox.world.hands import DAY_MS, HOUR_MS, OPENED_MS, Hand, go, small_world
from vigie.adapters.memory_trim import make_trim
from vigie.domain.errors import ConfigError
from vigie.views.cli.main import app
from vigie_sandbox.world.home import load_or_create_world, save_world
from vigie_sandbox.world.mailbox import MAX_MAILS
from vigie_sandbox.world.server import serving


def test_a_world_goes_on_where_its_home_says_it_was(tmp_path):
    first = load_or_create_world(Hand(), OPENED_MS + 90_000, seed=3, speed=60.0, home=tmp_path)
    assert first.opened_ms == OPENED_MS
    first.start_scene("squeeze")
    now = go(first, 3 * HOUR_MS)
    first.clock.change(paused=True)
    save_world(first, tmp_path)
    again = load_or_create_world(Hand(), OPENED_MS + 9 * DAY_MS, seed=99, speed=1.0, home=tmp_path)
    assert (again.seed, again.now_ms(), again.clock.speed, again.clock.paused) == (3, now, 1.0, True)
    assert np.array_equal(again.tape.minutes()[:, :, :], first.tape.minutes()[:, :, :])
    assert np.array_equal(again.tape.hours()[:, :, :], first.tape.hours()[:, :, :])


def test_a_world_keeps_the_wave_that_it_has_and_one_of_before_gets_none(tmp_path):
    first = load_or_create_world(Hand(), OPENED_MS, seed=3, speed=60.0, home=tmp_path, has_arc=True)
    save_world(first, tmp_path)
    again = load_or_create_world(Hand(), OPENED_MS, seed=3, speed=60.0, home=tmp_path, has_arc=False)
    assert first.has_wave
    assert np.array_equal(again.tape.hours()[:, :, :], first.tape.hours()[:, :, :])
    state = json.loads((tmp_path / "world.json").read_text())
    del state["wave"]
    (tmp_path / "world.json").write_text(json.dumps(state))
    assert not load_or_create_world(
        Hand(), OPENED_MS, seed=3, speed=60.0, home=tmp_path, has_arc=True
    ).has_wave


def test_mail_that_was_taken_is_there_after_a_restart(tmp_path):
    def opened():
        return load_or_create_world(Hand(), OPENED_MS, seed=3, speed=60.0, home=tmp_path).mailbox

    box = opened()
    for number in range(1, MAX_MAILS + 3):
        box.receive(
            "desk@home.example",
            ["r@d.example"],
            f"Subject: n{number}\n\nR\u00e9gulateur".encode(),
            OPENED_MS + number,
        )
    # Killed here: nothing was remembered of the world since it opened, and one file is damaged.
    (tmp_path / "mails" / f"{MAX_MAILS:08d}.mail").write_bytes(b"{")
    again = opened()
    kept = again.newest()
    assert [one.number for one in kept] == [
        number for number in range(MAX_MAILS + 2, 2, -1) if number != MAX_MAILS
    ]
    assert kept[0] == box.newest()[0]
    assert (kept[0].subject, kept[0].text, kept[0].ts) == (
        f"n{MAX_MAILS + 2}",
        "R\u00e9gulateur",
        OPENED_MS + MAX_MAILS + 2,
    )
    assert again.receive("", ["r@d.example"], b"\n", OPENED_MS).number == MAX_MAILS + 3
    again.clear()
    assert list((tmp_path / "mails").glob("*")) == [tmp_path / "mails" / f"{MAX_MAILS:08d}.mail"]


def test_numbers_of_mail_go_on_after_it_was_thrown_away(tmp_path):
    world = load_or_create_world(Hand(), OPENED_MS, seed=3, speed=60.0, home=tmp_path)
    world.mailbox.receive("", ["r@d.example"], b"\n", OPENED_MS)
    world.mailbox.clear()
    save_world(world, tmp_path)
    again = load_or_create_world(Hand(), OPENED_MS, seed=3, speed=60.0, home=tmp_path).mailbox
    assert (again.newest(), again.received_count) == ([], 1)


@pytest.mark.parametrize("text", ["{", "[]", '{"version": 1}', '{"version": 2, "seed": 1}'])
def test_a_home_that_cannot_be_read_is_refused_by_its_file(tmp_path, text):
    (tmp_path / "world.json").write_text(text)
    with pytest.raises(ConfigError, match=r"world\.json"):
        load_or_create_world(Hand(), OPENED_MS, seed=3, speed=60.0, home=tmp_path)


@pytest.fixture
def world():
    return small_world()


@pytest.fixture
def url(world):
    with serving(world) as url:
        yield url


def test_the_clock_is_told_and_changed_over_the_wire(world, url):
    told = httpx.get(url + "/clock", trust_env=False).json()
    assert (told["market_ms"], told["speed"], told["paused"]) == (OPENED_MS, 60.0, False)
    changed = {"speed": 1, "paused": True, "jump_to": "2026-01-01T12:00:00Z"}
    told = httpx.post(url + "/clock", json=changed, trust_env=False).json()
    assert (told["market_ms"], told["speed"], told["paused"]) == (OPENED_MS + HOUR_MS, 1.0, True)


@pytest.mark.parametrize(
    "body",
    [{"speed": 0}, {"speed": "fast"}, {"paused": 1}, {"jump_to": 5}, {"jump_to": True}, {"day": 3}, [], "x"],
)
def test_a_clock_that_cannot_be_is_refused(url, body):
    answer = httpx.post(url + "/clock", content=json.dumps(body), trust_env=False)
    assert answer.status_code == 400
    assert answer.json()["error"]
    assert httpx.get(url + "/clock", trust_env=False).json()["market_ms"] == OPENED_MS


def test_the_commands_speak_to_a_running_world(world, url):
    def said(*words):
        done = CliRunner().invoke(app, ["sandbox", *words, "--url", url])
        assert done.exit_code == 0, done.output
        return done.output

    assert "2026-01-01T11:00:00Z  60x  running" in said("clock")
    assert "1x  paused" in said("clock", "--speed", "1", "--pause")
    assert "starts with the next market minute" in said("scene", "squeeze")
    assert "squeeze" in said("scene")
    assert "bitget: 429, 2 time(s)" in said("fault", "bitget", "429", "--times", "2")
    assert [one.times for one in world.faults.all()] == [2]
    assert "until cleared" in said("fault", "bitget", "5xx", "--probability", "0.5")
    said("fault", "bitget", "clear")
    assert world.faults.all() == []


def test_paths_that_are_nothing_are_404(url):
    for path in ("/nothing", "/clock/x", "/favicon.ico"):
        assert httpx.get(url + path, trust_env=False).status_code == 404
    assert "bitget" in httpx.get(url, trust_env=False).json()["services"]


def test_the_world_as_a_process_gives_memory_back(monkeypatch):
    seen = []
    monkeypatch.delenv("VIGIE_PARENT", raising=False)
    monkeypatch.setattr(
        "vigie_sandbox.world.run.run_world",
        lambda *_, **__: seen.append("vigie-spare" in {one.name for one in threading.enumerate()}),
    )
    done = CliRunner().invoke(app, ["sandbox", "world"])
    assert done.exit_code == 0, done.output
    assert seen == [make_trim() is not None]
