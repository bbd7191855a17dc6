"""`vigie user`: people are added, listed, given a new password and disabled; a password is never an argument."""

from __future__ import annotations

import json

import pytest
from typer.testing import CliRunner

from vigie.domain.errors import NotFound, UsageError
from vigie.services.needs import bound
from vigie.services.people.accounts.signing_in import SignedIn, sign_in
from vigie.views.cli.main import app
from vigie.wiring.app_context import open_app_context

GOOD = "quiet harbour lamp"


def call(*words, typed=""):
    return CliRunner().invoke(app, ["user", *words], input=typed)


def add(name, *words, password=GOOD):
    return call("add", name, "--password-stdin", *words, typed=f"{password}\n")


def test_the_first_user_is_admin_and_can_sign_in(home):
    done = add("Ann")
    assert done.exit_code == 0, done.output
    assert done.output == "Ann can sign in as admin\n"
    opened = open_app_context(home)
    assert isinstance(bound(opened, sign_in)("ann", GOOD), SignedIn)


def test_only_the_first_line_is_the_password_and_its_spaces_count(home):
    call("add", "ann", "--password-stdin", typed=f" {GOOD} \r\nsecond line\n")
    opened = open_app_context(home)
    assert isinstance(bound(opened, sign_in)("ann", f" {GOOD} "), SignedIn)


def test_users_are_listed_as_a_table_and_as_one_document(home):
    assert "no users yet; add one: vigie user add NAME" in call("list").output
    assert json.loads(call("list", "--json").output) == []
    add("Ann")
    add("bob", "--role", "trader")
    rows = [line.split()[:2] for line in call("list").output.splitlines()[1:]]
    assert rows == [["Ann", "admin"], ["bob", "trader"]]
    users = json.loads(call("list", "--json").output)
    assert [(user["name"], user["role"], user["is_disabled"]) for user in users] == [
        ("Ann", "admin", False),
        ("bob", "trader", False),
    ]
    assert not any("hash" in key or "secret" in key for user in users for key in user)


def test_a_reset_password_replaces_the_old_one_and_may_take_the_second_factor_away(home):
    add("Ann")
    house = open_app_context(home)
    user = house.accounts.by_name("ann")
    house.accounts.change(user.id, totp_secret="A" * 32)
    done = call("reset", "ann", "--password-stdin", typed="another quiet lamp\n")
    assert (done.exit_code, done.output) == (0, "Ann has a new password\n")
    assert bound(house, sign_in)("ann", "another quiet lamp").code == "code_needed"
    call("reset", "ann", "--password-stdin", "--second-factor", typed="another quiet lamp\n")
    assert isinstance(bound(house, sign_in)("ann", "another quiet lamp"), SignedIn)
    assert bound(house, sign_in)("ann", GOOD).code == "wrong"


def test_a_disabled_user_is_let_in_again_with_undo(home):
    add("Ann")
    assert call("disable", "ANN").output == "Ann can no longer sign in\n"
    house = open_app_context(home)
    assert bound(house, sign_in)("ann", GOOD).code == "wrong"
    assert call("disable", "ann", "--undo").output == "Ann can sign in again\n"
    assert isinstance(bound(house, sign_in)("ann", GOOD), SignedIn)


@pytest.mark.parametrize(
    ("words", "typed", "said"),
    [
        (("add", "ann", "--password-stdin"), "short\n", "12 to 256 characters, had 5"),
        (("add", "ann", "--password-stdin"), "", "had 0"),
        (("add", "owner", "--password-stdin"), f"{GOOD}\n", "reserved"),
        (
            ("add", "ann", "--role", "king", "--password-stdin"),
            f"{GOOD}\n",
            "must be one of viewer trader admin",
        ),
        (("add", "ann"), f"{GOOD}\n{GOOD}\n", "--password-stdin"),
    ],
)
def test_what_is_not_accepted_adds_nobody(home, words, typed, said):
    done = call(*words, typed=typed)
    assert isinstance(done.exception, UsageError)
    assert said in str(done.exception)
    assert open_app_context(home).accounts.users() == []


@pytest.mark.parametrize("words", [("reset", "eve", "--password-stdin"), ("disable", "eve")])
def test_an_unknown_user_is_said(home, words):
    assert isinstance(call(*words, typed=f"{GOOD}\n").exception, NotFound)


def test_a_password_on_the_command_line_is_refused(home):
    assert call("add", "ann", GOOD).exit_code == 2
    assert call("add", "ann", "--password", GOOD).exit_code == 2


def test_what_was_done_is_in_the_audit_chain(home):
    add("Ann")
    call("disable", "ann")
    house = open_app_context(home)
    assert [(event.kind, event.actor) for event in house.audit.after(0)] == [
        ("account.add", "owner"),
        ("account.disable", "owner"),
    ]
    assert house.audit.verify() == 2
