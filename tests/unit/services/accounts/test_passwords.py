"""What a password must be, and that only the right one is right."""

from __future__ import annotations

import pytest
from argon2 import PasswordHasher, Type, extract_parameters

from vigie.domain.errors import UsageError
from vigie.services.people.accounts import passwords
from vigie.services.people.accounts.passwords import (
    check_name,
    check_password,
    hash_password,
    verify_password,
)

GOOD = "quiet harbour lamp"


@pytest.fixture(autouse=True)
def _hashed_as_by_the_product(real_hasher, monkeypatch):
    monkeypatch.setattr(passwords, "_hasher", real_hasher)


@pytest.mark.parametrize(
    "password",
    [GOOD, "x7Kq!mP2vR9z", "été comme hiver", "пароль длинный очень", "🦜🐢🐙🦊🐝🐌🦉🐺🦁🐸🐵🐔",
     "a" * 200 + "bcdefgh"],
)  # fmt: skip
def test_long_and_unusual_passwords_are_accepted_whatever_they_are_made_of(password):
    check_password(password, name="ann")


@pytest.mark.parametrize(
    ("password", "said"),
    [
        ("short", "12 to 256 characters, had 5"),
        ("", "had 0"),
        ("x7Kq!mP2vR9" * 30, "had 330"),
        ("aaaaaaaaaaaaaaa", "at least 5 different"),
        ("ababababcbabab", "at least 5 different"),
        ("password1234", "this password is too common; choose another"),
        ("PasswordPassword", "this password is too common; choose another"),
        ("Motdepasse2026!", "this password is too common; choose another"),
        ("123456789012", "this password is too common; choose another"),
        ("qwertyuiopasdf", "this password is too common; choose another"),
        ("abcdefghijklm", "this password is too common; choose another"),
        ("harbourharbour", "this password is too common; choose another"),
        ("Annabel Lee 9", "a password must not be your name with a few"),
    ],
)
def test_passwords_that_are_guessed_first_are_refused_and_never_repeated(password, said):
    with pytest.raises(UsageError, match=said) as refused:
        check_password(password, name="Annabel Lee")
    assert not password or password not in str(refused.value)


@pytest.mark.parametrize("name", ["", "   ", "x" * 65, "a\nb", "a\u200bb", "Owner", "visitor"])
def test_names_that_cannot_be_seen_or_mean_somebody_else_are_refused(name):
    with pytest.raises(UsageError):
        check_name(name)


def test_names_are_kept_in_one_spelling():
    assert check_name("  Zoe\u0301 ") == "Zoé"


def test_the_hash_is_argon2id_with_its_own_salt():
    first, second = hash_password(GOOD), hash_password(GOOD)
    assert first != second
    found = extract_parameters(first)
    assert (found.type, found.memory_cost, found.time_cost) == (Type.ID, 65_536, 3)


def test_only_the_right_password_is_right():
    stored = hash_password(GOOD)
    assert verify_password(stored, GOOD).is_right
    assert verify_password(stored, GOOD).rehashed is None
    for wrong in ("", GOOD.upper(), GOOD + " ", GOOD[:-1], "x" * 10_000):
        assert not verify_password(stored, wrong).is_right


def test_both_spellings_of_an_accent_are_one_password():
    assert verify_password(hash_password("café café café"), "cafe\u0301 cafe\u0301 cafe\u0301").is_right


def test_where_there_is_no_user_nothing_is_right_not_even_what_the_stand_in_was_made_of():
    assert not verify_password(None, GOOD).is_right
    assert not verify_password(None, "nobody has this password").is_right
    assert not verify_password("no hash at all", GOOD).is_right


def test_an_old_hash_is_made_anew_and_the_new_one_fits():
    old = PasswordHasher(time_cost=1, memory_cost=8_192, parallelism=1).hash(GOOD)
    checked = verify_password(old, GOOD)
    assert checked.is_right
    assert extract_parameters(checked.rehashed).memory_cost == 65_536
    assert verify_password(checked.rehashed, GOOD).is_right
    assert verify_password(old, "another one of them").rehashed is None
