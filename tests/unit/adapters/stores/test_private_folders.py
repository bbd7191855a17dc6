"""The home folder and its secrets are their owner's alone, whatever the machine makes of new folders."""

import os
import stat

import pytest
from typer.testing import CliRunner

from tests.tried import part, tried, walk
from vigie.adapters.sources.news.own_feeds import HomeFeeds
from vigie.adapters.stores.files import lock_folder, make_private_folder
from vigie.adapters.stores.keys import OneTimeLinks
from vigie.adapters.stores.presence import use_home
from vigie.adapters.stores.venue_keys import SealedKeys
from vigie.ports.keys import KeyLabel, VenueKey
from vigie.ports.own_feeds import OwnFeed
from vigie.services.demo_world import run_file
from vigie.views.cli.main import app
from vigie.wiring.app_context import open_app_context
from vigie.wiring.results import open_trials

pytestmark = pytest.mark.skipif(os.name != "posix", reason="modes of files are POSIX's")


@pytest.fixture(autouse=True)
def _usual_mask():
    before = os.umask(0o022)
    yield
    os.umask(before)


def mode(path):
    return stat.S_IMODE(path.stat().st_mode)


def hold(home):
    with lock_folder(home / "bars"):
        pass


def live(home):
    with use_home(home, "serve"):
        pass


OPENED = {
    "database": open_app_context,
    "bars": hold,
    "part": live,
    "trials": lambda home: open_trials(home).record([tried(part(walk(60)))]),
    "links": lambda home: OneTimeLinks(home / "secrets" / "links").issue(),
    "command": lambda home: CliRunner().invoke(app, ["user", "list", "--home", str(home)]),
}


@pytest.mark.parametrize("opened", OPENED.values(), ids=OPENED)
def test_a_home_that_is_made_is_its_owners_alone_and_one_that_is_there_stays_as_it_is(tmp_path, opened):
    opened(tmp_path / "above" / "home")
    assert mode(tmp_path / "above" / "home") == 0o700
    (tmp_path / "shared").mkdir(mode=0o750)
    opened(tmp_path / "shared")
    assert mode(tmp_path / "shared") == 0o750


def test_secrets_lie_in_a_folder_of_their_own_that_nobody_else_enters(tmp_path):
    home = tmp_path / "home"
    OneTimeLinks(home / "secrets" / "links").issue()
    pytest.importorskip("cryptography")
    store = SealedKeys(home / "secrets" / "venue-keys.json", lambda _: "correct horse battery")
    store.put(VenueKey(KeyLabel("binance", "demo", "store", 1), "k", "s"))
    found = list((home / "secrets").rglob("*"))
    assert {mode(path) for path in found if path.is_file()} == {0o600}
    assert {mode(path) for path in [home, home / "secrets", *found] if path.is_dir()} == {0o700}
    assert len(found) == 3


def test_sources_of_ones_own_are_ones_own_alone_their_addresses_may_hold_tokens(tmp_path):
    feeds = HomeFeeds(tmp_path / "feeds")
    for title in ("Office", "Office, again"):
        kept = feeds.put(OwnFeed(id="office", title=title, url="https://office.example/rss?key=of-somebody"))
        assert mode(tmp_path / "feeds" / f"{kept.id}.toml") == 0o600


def test_the_run_file_of_the_demonstration_is_its_owners_alone(tmp_path):
    assert mode(run_file(tmp_path)) == 0o600


def test_a_folder_that_two_make_at_once_is_made_once(tmp_path):
    make_private_folder(tmp_path / "a" / "b")
    make_private_folder(tmp_path / "a" / "b")
    assert mode(tmp_path / "a") == mode(tmp_path / "a" / "b") == 0o700
