"""Keys of accounts at rest: encrypted, for their owner only, opened by one password or the system's keyring."""

import json
import os
import sys
from types import SimpleNamespace

import pytest

from vigie.adapters.stores import venue_keys
from vigie.adapters.stores.venue_keys import SealedKeys
from vigie.domain.errors import ConfigError, NotFound, UsageError
from vigie.ports.keys import KeyLabel, VenueKey

pytest.importorskip("cryptography")

WORD = "correct horse battery"
SECRETS = ("bg_0123456789abcdef", "5e0c9be1a3f7c2d8", "open-sesame")


def key(mode="demo", ts=5, exchange="bitget"):
    return VenueKey(KeyLabel(exchange, mode, "store", ts), *SECRETS)


@pytest.fixture(autouse=True)
def _cheap(monkeypatch):
    monkeypatch.setitem(venue_keys._SCRYPT_COST, "n", 1 << 10)


@pytest.fixture
def path(tmp_path):
    return tmp_path / "home" / "venue-keys.json"


def store(path, word=WORD, **more):
    return SealedKeys(path, lambda _: word, **more)


def test_a_key_that_was_put_is_opened_with_the_password_alone(path):
    store(path).put(key())
    assert store(path).open("bitget", "demo") == key()


def test_neither_the_file_nor_the_record_shows_a_secret(path):
    store(path).put(key())
    shown = path.read_text() + repr(key()) + str(key())
    assert [secret for secret in SECRETS if secret in shown] == []


@pytest.mark.skipif(os.name != "posix", reason="modes of files are POSIX")
def test_the_file_is_its_owner_s_and_one_that_others_can_read_is_refused(path):
    store(path).put(key())
    assert path.stat().st_mode & 0o777 == 0o600
    path.chmod(0o640)
    with pytest.raises(ConfigError, match="chmod 600"):
        store(path).open("bitget", "demo")


def test_labels_need_no_password_and_a_key_of_the_same_mode_is_replaced(path):
    kept = store(path)
    kept.put(key())
    kept.put(key("live", 6))
    kept.put(key(ts=7))
    labels = SealedKeys(path, lambda _: pytest.fail("nothing is opened")).labels()
    assert [(one.mode, one.ts) for one in labels] == [("live", 6), ("demo", 7)]


def test_a_wrong_password_opens_nothing_and_adds_nothing(path):
    store(path).put(key())
    before = path.read_bytes()
    with pytest.raises(ConfigError, match="password is wrong"):
        store(path, "another password").open("bitget", "demo")
    with pytest.raises(ConfigError, match="password is wrong"):
        store(path, "another password").put(key("live"))
    assert path.read_bytes() == before


def test_a_demo_key_cannot_be_passed_off_as_a_live_one(path):
    store(path).put(key())
    held = json.loads(path.read_text())
    held["keys"][0]["mode"] = "live"
    path.write_text(json.dumps(held))
    with pytest.raises(ConfigError, match="changed by another hand"):
        store(path).open("bitget", "live")


def test_the_same_key_is_sealed_differently_every_time(path):
    sealed = set()
    for _ in range(3):
        store(path).put(key())
        sealed.add(json.loads(path.read_text())["keys"][0]["sealed"])
    assert len(sealed) == 3


def test_a_short_password_is_refused_before_anything_is_written(path):
    with pytest.raises(UsageError, match="at least 12"):
        store(path, "short").put(key())
    assert not path.exists()


def test_a_key_that_is_not_there_says_how_to_add_it(path):
    with pytest.raises(NotFound, match="vigie keys add bitget --mode live"):
        store(path).open("bitget", "live")


def test_a_key_is_forgotten_once(path):
    store(path).put(key())
    assert [store(path).remove("bitget", "demo") for _ in range(2)] == [True, False]
    assert store(path).labels() == []


@pytest.mark.parametrize("text", ["", "[]", '{"format": 1}', '{"format": 1, "keys": [{}], "lock": {}}'])
def test_a_file_that_is_no_store_is_said_to_be_none(path, text):
    path.parent.mkdir()
    path.write_text(text)
    path.chmod(0o600)
    with pytest.raises(ConfigError, match="no store of keys"):
        store(path).labels()


def test_a_file_of_another_version_and_an_absurd_cost_are_refused(path):
    store(path).put(key())
    held = json.loads(path.read_text())
    path.write_text(json.dumps(held | {"lock": {**held["lock"], "n": 1 << 40}}))
    with pytest.raises(ConfigError, match="never writes"):
        store(path).open("bitget", "demo")
    path.write_text(json.dumps(held | {"format": 9}))
    with pytest.raises(ConfigError, match="another version"):
        store(path).labels()


@pytest.fixture
def keyring(monkeypatch):
    """Stand in for the optional package: what it keeps."""
    kept = {}
    module = SimpleNamespace(
        set_password=lambda service, user, word: kept.__setitem__((service, user), word),
        get_password=lambda service, user: kept.get((service, user)),
    )
    monkeypatch.setitem(sys.modules, "keyring", module)
    module.__spec__ = SimpleNamespace(name="keyring")
    return kept


def test_the_system_s_keyring_opens_a_store_without_a_password(path, keyring):
    asked = SealedKeys(path, lambda _: pytest.fail("nothing is asked"), is_system=True)
    asked.put(key())
    assert SealedKeys(path, lambda _: pytest.fail("nothing is asked")).open("bitget", "demo") == key()
    assert list(keyring) == [("vigie", str(path))]
    keyring.clear()
    with pytest.raises(ConfigError, match="does not know what opens"):
        asked.open("bitget", "demo")
