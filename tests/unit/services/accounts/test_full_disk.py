"""On a full disk people sign in and read, guessing is slowed down all the same, and records are made up for later."""

from __future__ import annotations

import json
import subprocess
import sys
from contextlib import contextmanager

import pyotp
import pytest

from tests.houses import KEY, Browser
from tests.unit.services.trading.test_full_disk import MOUNT, ROOT, UNSHARE, may_mount
from vigie.adapters.stores.sql.database import Database
from vigie.domain.errors import DiskFull
from vigie.domain.person import OWNER, SCOPES_OF, Caller
from vigie.domain.time import HOUR_MS, MINUTE_MS
from vigie.services.needs import bound
from vigie.services.people.accounts import second_factor, throttle
from vigie.services.people.accounts.keys import hash_secret
from vigie.services.people.accounts.signing_in import (
    SignedIn,
    SignInRefusal,
    extend_session,
    sign_in,
    sign_out,
)
from vigie.services.people.accounts.users import add_second_factor, add_token, add_user, set_password
from vigie.views.web.identity import SESSION, Authenticator
from vigie.views.web.page import pages

GOOD = "quiet harbour lamp"
HERE = "192.0.2.7"


class Disk:
    """Refuses every change while it is full."""

    def __init__(self) -> None:
        self.is_full = False
        self._writing = Database.writing

    @contextmanager
    def writing(self, database, *words, **more):
        if self.is_full:
            raise DiskFull("the database disk is full")
        with self._writing(database, *words, **more) as connection:
            yield connection


@pytest.fixture
def disk(monkeypatch) -> Disk:
    disk = Disk()
    monkeypatch.setattr(Database, "writing", lambda self, *words, **more: disk.writing(self, *words, **more))
    return disk


@pytest.fixture
def ann(house):
    return bound(house, add_user)(OWNER, "Ann", GOOD)


def test_a_session_opened_on_a_full_disk_is_one_until_it_is_ended(house, ann, clock, disk):
    stored = bound(house, sign_in)("ann", GOOD)
    disk.is_full = True
    clock.now += 1_000
    got = bound(house, sign_in)("ann", GOOD, address=HERE)
    assert isinstance(got, SignedIn)
    accounts, key = house.accounts, hash_secret(got.secret)
    assert (accounts.session(key), accounts.holder(key).user) == (got.session, ann)
    assert [one.key for one in accounts.sessions(ann.id)] == [key, hash_secret(stored.secret)]
    disk.is_full = False
    assert accounts.holder(key).user == ann
    disk.is_full = True
    for one in (got, stored):
        sign_out(house.accounts, house.audit, one.secret)
        assert accounts.session(hash_secret(one.secret)) is accounts.holder(hash_secret(one.secret)) is None
    assert accounts.sessions(ann.id) == []
    again = bound(house, sign_in)("ann", GOOD)
    clock.now = again.session.ts_expires
    assert accounts.session(hash_secret(again.secret)) is accounts.holder(hash_secret(again.secret)) is None


def test_a_new_password_ends_sessions_that_a_full_disk_left_in_memory(house, ann, disk):
    disk.is_full = True
    got = bound(house, sign_in)("ann", GOOD)
    disk.is_full = False
    set_password(house.accounts, house.audit, OWNER, ann, "another quiet lamp")
    assert house.accounts.session(hash_secret(got.secret)) is None


def test_reading_needs_no_room(house, ann, clock, disk):
    got = bound(house, sign_in)("ann", GOOD)
    secret, token = bound(house, add_token)(Caller(ann.id, ann.role, SCOPES_OF[ann.role]), "bot", ["read"])
    clock.now += 2 * HOUR_MS
    disk.is_full = True
    assert extend_session(house.accounts, house.clock, got.session) > clock.now
    assert house.accounts.session(hash_secret(got.secret)) == got.session
    assert house.accounts.token(hash_secret(secret)).id == token.id


def test_guessing_is_slowed_down_as_on_a_disk_with_room(house, ann, clock, disk):
    assert bound(house, sign_in)("ann", "x" * 12, address=HERE).code == "wrong"
    disk.is_full = True
    for _ in range(throttle.FREE_OF_NAME - 1):
        assert bound(house, sign_in)("ann", "x" * 12, address=HERE).code == "wrong"
    assert bound(house, sign_in)("ann", GOOD, address=HERE) == SignInRefusal("wait", 1)
    # The same name before and after is one name of this address.
    for number in range(throttle.FREE_OF_ADDRESS - 2):
        throttle.note_failure(house.accounts, name=f"name{number}", address=HERE)
    assert throttle.wait_s(house.accounts, clock, name="new", address=HERE) == 0
    throttle.note_failure(house.accounts, name="one more", address=HERE)
    assert throttle.wait_s(house.accounts, clock, name="new", address=HERE) == 1
    clock.now += throttle.MEMORY_MS + 1
    assert throttle.wait_s(house.accounts, clock, name="ann", address=HERE) == 0


def test_a_code_is_good_once_on_a_full_disk_too(house, ann, clock, disk):
    secret = second_factor.new_secret()
    app = pyotp.TOTP(secret)
    used = app.at(clock.now // 1_000)
    bound(house, add_second_factor)(OWNER, ann, secret, used)
    disk.is_full = True
    # Used on a disk with room: not once more; and a new one once.
    assert bound(house, sign_in)("ann", GOOD, code=used) == SignInRefusal("code_wrong")
    clock.now += MINUTE_MS
    code = app.at(clock.now // 1_000)
    assert isinstance(bound(house, sign_in)("ann", GOOD, code=code), SignedIn)
    assert bound(house, sign_in)("ann", GOOD, code=code) == SignInRefusal("code_wrong")
    disk.is_full = False
    assert bound(house, sign_in)("ann", GOOD, code=code) == SignInRefusal("code_wrong")


def test_what_could_not_be_recorded_is_recorded_before_the_next_record_with_its_time(house, ann, clock, disk):
    disk.is_full = True
    then = clock.now
    bound(house, sign_in)("ann", "x" * 12, address=HERE)
    bound(house, sign_in)("ann", GOOD, address=HERE)
    assert [one.kind for one in house.audit.after(0)] == ["account.add"]
    disk.is_full = False
    clock.now += HOUR_MS
    house.audit.append("job.done", actor="owner", subject="j1", text={})
    events = house.audit.after(1)
    assert [one.kind for one in events] == ["account.sign_in_failed", "account.sign_in", "job.done"]
    assert [one.text.get("ts") for one in events] == [then, then, None]
    assert house.audit.verify() == 4


def test_every_page_is_read_on_a_full_disk(house, ann, disk):
    disk.is_full = True
    got = bound(house, sign_in)("ann", GOOD)
    browser = Browser(house, is_owner=False)
    browser.cookies.set(Authenticator(house, KEY).cookie or SESSION, got.secret)
    found = {
        page.path: browser.get(page.path).status_code for page in pages().values() if "{" not in page.path
    }
    assert len(found) > 20
    assert {path: status for path, status in found.items() if status != 200} == {}


def test_a_home_that_nobody_has_open_is_opened_on_a_full_disk_with_the_room_kept_for_that(tmp_path):
    if not may_mount(tmp_path):
        pytest.skip("this system lets nobody mount a small disk: unshare is missing or refused")
    run = f'{MOUNT} && exec "$2" -m tests.unit.services.accounts.full_disk_home "$1"'
    done = subprocess.run(
        [*UNSHARE, "sh", "-c", run, "sh", str(tmp_path), sys.executable],
        cwd=ROOT, capture_output=True, text=True, check=False, timeout=300,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout.splitlines()[-1])
    # Closed by all, SQLite has taken its own files away.
    assert told["beside"] == ["vigie.sqlite", "vigie.sqlite-spare"]
    assert told["without"] is True, "the file is read as it is, without its shared memory"
    assert told["read"] == [200] * 5
    assert told["is_kept"] is False
