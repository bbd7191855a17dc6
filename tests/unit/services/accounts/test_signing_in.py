"""How people get in: password, second factor, waiting after failures, and what is written down of it."""

from __future__ import annotations

import json

import pyotp
import pytest
from argon2 import PasswordHasher

from vigie.domain.errors import UsageError
from vigie.domain.person import OWNER
from vigie.domain.time import DAY_MS
from vigie.services.needs import bound
from vigie.services.people.accounts import second_factor, throttle
from vigie.services.people.accounts.keys import hash_secret
from vigie.services.people.accounts.signing_in import (
    LONG_MS,
    SHORT_MS,
    SignedIn,
    SignInRefusal,
    is_password_of,
    sign_in,
    sign_out,
)
from vigie.services.people.accounts.users import add_second_factor, add_user, set_disabled

GOOD = "quiet harbour lamp"
HERE = "192.0.2.7"


@pytest.fixture
def ann(house):
    return bound(house, add_user)(OWNER, "Ann", GOOD)


def code_of(secret, clock, steps=0):
    return pyotp.TOTP(secret).at(clock.now // 1000 + 30 * steps)


@pytest.fixture
def secret(house, ann, clock):
    secret = second_factor.new_secret()
    bound(house, add_second_factor)(OWNER, ann, secret, code_of(secret, clock))
    clock.now += 30_000
    return secret


def test_the_right_password_opens_a_session_of_half_a_day(house, ann, clock):
    got = bound(house, sign_in)(" ANN ", GOOD, address=HERE)
    assert isinstance(got, SignedIn)
    assert got.user == ann
    assert house.accounts.session(hash_secret(got.secret)) == got.session
    assert got.session.ts_expires == clock.now + SHORT_MS
    assert len(got.secret) >= 40
    assert got.secret not in (got.session.key, got.session.csrf)


def test_both_spellings_of_an_accent_are_one_name(house):
    zoe = bound(house, add_user)(OWNER, "Zo\u00e9", GOOD)
    assert bound(house, sign_in)("Zoe\u0301", GOOD).user == zoe
    fail(house, "Zoe\u0301", times=throttle.FREE_OF_NAME)
    assert bound(house, sign_in)("Zo\u00e9", GOOD).code == "wait"


def test_a_session_on_ones_own_device_lasts_a_month(house, ann, clock):
    got = bound(house, sign_in)("ann", GOOD, is_long=True)
    assert got.session.ts_expires == clock.now + LONG_MS


def test_each_sign_in_has_a_secret_of_its_own(house, ann):
    first, second = bound(house, sign_in)("ann", GOOD), bound(house, sign_in)("ann", GOOD)
    assert first.secret != second.secret
    assert first.session.csrf != second.session.csrf


def test_unknown_wrong_and_disabled_are_refused_alike(house, ann):
    bob = bound(house, add_user)(OWNER, "Bob", "another quiet lamp")
    set_disabled(house.accounts, house.audit, OWNER, bob, True)
    refused = [
        bound(house, sign_in)(*pair)
        for pair in (("eve", GOOD), ("ann", "x" * 12), ("bob", "another quiet lamp"))
    ]
    assert refused == [SignInRefusal("wrong")] * 3


def test_signing_out_ends_this_session_only(house, ann):
    first, second = bound(house, sign_in)("ann", GOOD), bound(house, sign_in)("ann", GOOD)
    sign_out(house.accounts, house.audit, first.secret)
    sign_out(house.accounts, house.audit, "nonsense")
    assert house.accounts.session(hash_secret(first.secret)) is None
    assert house.accounts.session(hash_secret(second.secret)) is not None


def test_an_old_hash_is_replaced_at_the_next_sign_in(house, ann):
    old = PasswordHasher(time_cost=1, memory_cost=8_192, parallelism=1).hash(GOOD)
    house.accounts.change(ann.id, password_hash=old)
    assert isinstance(bound(house, sign_in)("ann", GOOD), SignedIn)
    assert house.accounts.password_hash(ann.id) != old
    assert is_password_of(house.accounts, ann.id, GOOD)
    assert not is_password_of(house.accounts, ann.id, "x" * 12)


def test_a_second_factor_is_asked_for_only_after_the_right_password(house, ann, secret, clock):
    assert bound(house, sign_in)("ann", "x" * 12).code == "wrong"
    assert bound(house, sign_in)("ann", GOOD).code == "code_needed"
    assert isinstance(bound(house, sign_in)("ann", GOOD, code=code_of(secret, clock)), SignedIn)


def test_a_code_is_good_once(house, ann, secret, clock):
    code = code_of(secret, clock)
    assert isinstance(bound(house, sign_in)("ann", GOOD, code=code), SignedIn)
    assert bound(house, sign_in)("ann", GOOD, code=code) == SignInRefusal("code_wrong")


def test_the_code_that_switched_it_on_is_used_up(house, ann, clock):
    secret = second_factor.new_secret()
    code = code_of(secret, clock)
    bound(house, add_second_factor)(OWNER, ann, secret, code)
    assert bound(house, sign_in)("ann", GOOD, code=code) == SignInRefusal("code_wrong")


@pytest.mark.parametrize(("steps", "is_good"), [(-2, False), (-1, True), (0, True), (1, True), (2, False)])
def test_codes_are_good_one_step_before_and_after(clock, steps, is_good):
    secret = second_factor.new_secret()
    found = second_factor.step_of(secret, code_of(secret, clock, steps), clock.now)
    assert found == (clock.now // 30_000 + steps if is_good else None)


@pytest.mark.parametrize("code", ["", "12345", "1234567", "abcdef", "١٢٣٤٥٦", "-12345"])
def test_what_is_no_code_is_refused(clock, code):
    assert second_factor.step_of(second_factor.new_secret(), code, clock.now) is None


def test_spaces_in_a_code_do_not_matter(clock):
    secret = second_factor.new_secret()
    code = code_of(secret, clock)
    assert second_factor.step_of(secret, f" {code[:3]} {code[3:]} ", clock.now) is not None


def test_a_second_factor_needs_a_code_of_its_secret(house, ann):
    with pytest.raises(UsageError, match="this code does not match the secret; check your"):
        bound(house, add_second_factor)(OWNER, ann, second_factor.new_secret(), "000000")
    with pytest.raises(UsageError, match="this code does not match the secret; check your"):
        bound(house, add_second_factor)(OWNER, ann, "no secret", "000000")
    assert not house.accounts.user(ann.id).has_totp


def test_the_address_for_apps_names_house_and_user():
    secret = second_factor.new_secret()
    address = second_factor.provisioning_uri(secret, "zoé")
    assert address.startswith(f"otpauth://totp/Vigie:zo%C3%A9?secret={secret}&issuer=Vigie")


def fail(house, name, address="", times=1):
    for _ in range(times):
        throttle.note_failure(house.accounts, name=name, address=address)


def wait(house, clock, name="ann", address=""):
    return throttle.wait_s(house.accounts, clock, name=name, address=address)


def test_failures_of_a_name_make_it_wait_longer_each_time_up_to_two_minutes(house, clock):
    waits = []
    for _ in range(14):
        fail(house, " Ann")
        waits.append(wait(house, clock))
        clock.now += wait(house, clock) * 1_000
        assert wait(house, clock) == 0
    assert waits == [0, 0, 0, 1, 2, 4, 8, 16, 32, 64, 120, 120, 120, 120]


def test_an_hour_later_it_begins_anew(house, clock):
    fail(house, "ann", times=10)
    clock.now += throttle.MEMORY_MS + 1
    fail(house, "ann")
    assert wait(house, clock) == 0


def test_failures_that_a_clock_noted_ahead_of_time_keep_nobody_out_once_it_is_put_right(house, ann, clock):
    clock.now += DAY_MS
    fail(house, "ann", HERE, times=throttle.FREE_OF_ADDRESS)
    clock.now -= DAY_MS
    assert wait(house, clock, "ann", HERE) == 0
    # A clock that goes back by a moment forgives nothing.
    fail(house, "ann", times=throttle.FREE_OF_NAME)
    clock.now -= 500
    assert wait(house, clock) == 1


def test_an_address_where_many_names_fail_waits_whatever_the_name_and_others_do_not(house, clock):
    for number in range(throttle.FREE_OF_ADDRESS + 3):
        fail(house, f"name{number}", HERE)
    assert wait(house, clock, "new", HERE) == 8
    assert wait(house, clock, "new", "192.0.2.8") == wait(house, clock, "new") == 0


def test_failures_under_one_name_do_not_keep_its_address_waiting_nor_its_owner_elsewhere(house, clock):
    fail(house, "ann", HERE, times=60)
    assert wait(house, clock, "bob", HERE) == 0
    assert wait(house, clock, "ann", HERE) == throttle.LONGEST_OF_ADDRESS_S
    assert wait(house, clock, "ann", "192.0.2.8") == wait(house, clock, "ann") == throttle.LONGEST_OF_NAME_S
    clock.now += throttle.LONGEST_OF_NAME_S * 1_000
    assert wait(house, clock, "ann", "192.0.2.8") == 0
    assert wait(house, clock, "ann", HERE) == throttle.LONGEST_OF_ADDRESS_S


def test_an_address_counts_names_once_and_forgets_those_that_got_in(house, ann, clock):
    for number in range(throttle.FREE_OF_ADDRESS - 1):
        fail(house, f"name{number}", HERE, times=3)
    bound(house, sign_in)("ann", "x" * 12, address=HERE)
    assert wait(house, clock, "new", HERE) == 1
    clock.now += 1_000
    assert isinstance(bound(house, sign_in)("ann", GOOD, address=HERE), SignedIn)
    assert wait(house, clock, "new", HERE) == 0
    fail(house, "new", HERE)
    assert wait(house, clock, "newer", HERE) == 1


def test_success_at_one_address_forgets_no_failure_at_another(house, ann, clock):
    fail(house, "ann", HERE, times=10)
    clock.now += 120_000
    assert isinstance(bound(house, sign_in)("ann", GOOD, address="192.0.2.8"), SignedIn)
    fail(house, "ann", HERE)
    assert wait(house, clock, "ann") == 0
    assert wait(house, clock, "ann", HERE) == 128


def test_a_network_of_version_6_is_one_address_and_a_mapped_one_is_version_4(house, clock):
    for number in range(throttle.FREE_OF_ADDRESS):
        fail(house, f"name{number}", f"2001:db8:1:2::{number:x}")
        fail(house, f"name{number}", f"::ffff:{HERE}")
    assert wait(house, clock, "new", "2001:db8:1:2:ffff::1") == 1
    assert wait(house, clock, "new", "2001:db8:1:3::1") == 0
    assert wait(house, clock, "new", HERE) == 1


def test_while_one_waits_not_even_the_right_password_is_looked_at(house, ann, clock):
    for _ in range(throttle.FREE_OF_NAME):
        assert bound(house, sign_in)("ann", "x" * 12).code == "wrong"
    assert bound(house, sign_in)("ann", GOOD) == SignInRefusal("wait", 1)
    clock.now += 1_000
    assert isinstance(bound(house, sign_in)("ann", GOOD), SignedIn)
    assert [bound(house, sign_in)("ann", "x" * 12).code for _ in range(2)] == ["wrong", "wrong"]


def test_waiting_attempts_do_not_make_the_wait_longer(house, ann, clock):
    for _ in range(throttle.FREE_OF_NAME):
        bound(house, sign_in)("ann", "x" * 12)
    for _ in range(20):
        assert bound(house, sign_in)("ann", "x" * 12) == SignInRefusal("wait", 1)
    clock.now += 1_000
    assert bound(house, sign_in)("ann", "x" * 12) == SignInRefusal("wrong")


def test_wrong_codes_count_as_failures(house, ann, secret, clock):
    for _ in range(throttle.FREE_OF_NAME):
        assert bound(house, sign_in)("ann", GOOD, code="000000").code == "code_wrong"
    assert bound(house, sign_in)("ann", GOOD, code=code_of(secret, clock)).code == "wait"


def test_what_is_written_down_names_nobody_and_holds_no_secret(house, ann):
    bound(house, sign_in)("my-password-in-the-wrong-field", "x" * 12, address=HERE)
    bound(house, sign_in)("ann", "wrong-but-close", address=HERE)
    got = bound(house, sign_in)("ann", GOOD, address=HERE)
    events = house.audit.after(0)
    assert [event.kind for event in events] == ["account.add", "account.sign_in_failed", "account.sign_in"]
    assert {event.actor for event in events[1:]} == {ann.id}
    assert events[2].text == {"address": HERE}
    written = json.dumps(
        [[event.kind, event.actor, event.subject, event.text] for event in events]
    ).casefold()
    for word in ("ann", "wrong-field", "wrong-but", GOOD, got.secret.casefold(), got.session.key):
        assert word not in written.replace(ann.id, "")
