"""What a token may do: each operation opens to its own scope and to no other; a token never exceeds its owner."""

from __future__ import annotations

import itertools

import pytest
from starlette.routing import Route

from tests.security.people import PASSWORD, Town, town
from vigie.domain.person import ROLES, SCOPES, SCOPES_OF, VISITOR, Scope
from vigie.services.operation import Operation, operations
from vigie.views.web.page import pages

# What one person changes and everybody reads by.
SHARED = (
    "sources.pause", "sources.resume", "sources.test", "entities.alias", "entities.merge", "entities.split",
    "backups.create", "entities.undo", "entities.accept", "entities.reject", "jobs.import", "own_feeds.put",
    "entities.import", "entities.undo_import",
    "own_feeds.switch", "own_feeds.remove", "own_feeds.restore", "own_feeds.take", "own_feeds.put_mailbox",
    "own_feeds.try", "own_feeds.tell_apart", "jobs.undo_import", "settings.keep", "users.add",
)  # fmt: skip
SUBSETS = [frozenset(some) for size in range(1, len(SCOPES)) for some in itertools.combinations(SCOPES, size)]


@pytest.fixture(scope="module")
def place(tmp_path_factory) -> Town:
    return town(tmp_path_factory.mktemp("home"))


@pytest.fixture(scope="module")
def programs(place):
    """Return a program of the administrator for every set of scopes that is not all."""
    return {scopes: place.program(place.admin, *sorted(scopes)) for scopes in SUBSETS}


def shut_to(declared: Operation) -> list[frozenset[Scope]]:
    """Return the sets of scopes that do not open an operation: every one for the first of its scope.

    The others are asked by the largest, which holds what the smaller ones hold.
    """
    without = [scopes for scopes in SUBSETS if declared.scope not in scopes]
    first = next(one for one in operations().values() if one.scope == declared.scope)
    return without if declared is first else without[-1:]


@pytest.mark.parametrize("declared", operations().values(), ids=lambda one: one.name)
def test_operation_is_shut_to_every_set_of_scopes_without_its_own(programs, declared):
    for scopes in shut_to(declared):
        answer = programs[scopes].ask(declared, declared.example)
        # 422: what is sent is looked at first, and tells nothing.
        assert answer.status_code in (403, 422), (sorted(scopes), answer.text)
        if not any(one.is_required() for one in declared.input_type.model_fields.values()):
            assert answer.status_code == 403


def test_every_scope_is_asked_for_by_every_set_without_it_and_the_largest_are_all_but_one():
    asked = {(one.scope, scopes) for one in operations().values() for scopes in shut_to(one)}
    assert asked == {(scope, scopes) for scope in SCOPES for scopes in SUBSETS if scope not in scopes}
    assert all(shut_to(one)[-1] == frozenset(SCOPES) - {one.scope} for one in operations().values())


@pytest.mark.parametrize(
    "declared", [one for one in operations().values() if one.scope == "read"], ids=lambda one: one.name
)
def test_read_token_reads(place, declared):
    answer = place.program(place.admin, "read").ask(declared, declared.example)
    # Where nothing is stored there is nothing to look at; the token was let in.
    is_empty = answer.status_code == 400 and answer.json()["code"] == "no_bars_of_series"
    assert is_empty or answer.status_code in (200, 404), answer.text


def test_scope_of_an_operation_says_what_it_does():
    """Reading operations are asked with GET and cannot change anything by being asked."""
    for one in operations().values():
        assert one.is_change == (one.scope != "read") or one.scope == "admin", one.name


@pytest.mark.parametrize("name", SHARED)
def test_what_all_share_is_changed_by_administrators_alone(name):
    assert operations()[name].scope == "admin"


# Written out: where an operation of these asked for less, any token that may write would place orders.
TRADED = {
    "plans.arm",
    "plans.place",
    "trading.preview_run_file",
    "trading.change_run_file",
    "trading.cancel_run_file",
}
WRITTEN = {
    "plans.make", "plans.change", "plans.cancel", "outside.import", "outside.add", "outside.remove",
    "outside.add_address", "outside.read_address", "outside.remove_address", "outside.match", "outside.match_plan",
}  # fmt: skip


def test_what_hands_orders_to_an_account_needs_the_scope_to_trade_and_forms_the_scope_to_write():
    of_plans = {
        one.name: one.scope
        for one in operations().values()
        if one.name.startswith(("setups.", "plans.", "outside.")) or "run_file" in one.name
    }
    assert {name for name, scope in of_plans.items() if scope == "trade"} == TRADED
    assert {name for name, scope in of_plans.items() if scope == "write"} == WRITTEN
    assert {scope for name, scope in of_plans.items() if name not in TRADED | WRITTEN} == {"read"}


@pytest.fixture
def viewer(place):
    """Let Bob be a viewer for a while."""
    place.house.accounts.change(place.bob.id, role="viewer")
    yield place.bob
    place.house.accounts.change(place.bob.id, role="trader")


def test_who_may_not_change_what_all_share_is_shown_no_button_for_it(place, viewer):
    for path, button in (("/sources?part=figures", "/sources/pause"), ("/sources/ecb", "/sources/pause"),
                         ("/entity/org:sec", "/entity/amend")):  # fmt: skip
        seen = {user.name: place.browser(user).get(path) for user in (place.admin, viewer)}
        assert {name: f'action="{button}"' in page.text for name, page in seen.items()} == {
            "Admin": True, "Bob": False
        }, path  # fmt: skip
        said = ("Only an administrator can pause sources", "Administrators edit the names")
        assert any(one in seen["Bob"].text for one in said) or path == "/sources/ecb"
    refused = place.browser(viewer).post("/sources/pause", source="ecb/rates")
    assert (refused.status_code, place.house.quotes.requests()) == (403, {})
    assert "which your role does not have; ask your" in refused.text


@pytest.mark.parametrize("role", ROLES)
def test_token_holds_no_scope_beyond_the_role_of_its_owner(place, role):
    make = operations()["accounts.token_create"]
    place.house.accounts.change(place.ann.id, role=role)
    ann = place.browser(place.ann)
    for scope in SCOPES:
        answer = ann.ask(make, {"name": "x", "scopes": [scope], "current": PASSWORD})
        assert answer.status_code == (200 if scope in SCOPES_OF[role] else 403)
    place.house.accounts.change(place.ann.id, role="trader")


def test_token_shrinks_with_its_owners_role_and_sleeps_while_they_are_disabled(place):
    program = place.program(place.bob, "read", "trade")
    trade = place.app.state.web.authenticator
    request = type("R", (), {"headers": program.headers, "cookies": {}})()
    assert trade.who(request).caller.may("trade")
    place.house.accounts.change(place.bob.id, role="viewer")
    assert not trade.who(request).caller.may("trade")
    place.house.accounts.change(place.bob.id, role="trader", is_disabled=True)
    assert program.get("/api/v1/accounts/me").status_code == 401
    place.house.accounts.change(place.bob.id, is_disabled=False)
    assert program.get("/api/v1/accounts/me").status_code == 200


def test_token_cannot_make_tokens_nor_change_the_account(place):
    program = place.program(place.admin, *SCOPES)
    for name, values in (
        ("accounts.token_create", {"name": "x", "scopes": ["read"]}),
        ("accounts.token_revoke", {"token": "t0"}),
        ("accounts.change_password", {"current": "x", "new": "y"}),
        ("accounts.totp_begin", {}),
        ("accounts.totp_remove", {"current": "x"}),
        ("accounts.end_sessions", {}),
        ("accounts.delete", {"current": "a long enough sentence"}),
    ):
        assert program.ask(operations()[name], values).status_code == 403, name
    assert place.house.accounts.user(place.admin.id) is not None


def test_revoked_and_invented_tokens_open_nothing(place):
    program = place.program(place.ann, "read")
    token = place.house.accounts.tokens(place.ann.id)[-1]
    assert program.get("/api/v1/accounts/me").status_code == 200
    place.house.accounts.revoke(place.ann.id, token.id)
    for header in (
        program.headers["authorization"],
        "Bearer ",
        "Bearer vigie_x",
        "Basic YTpi",
        "Bearer " + token.id,
    ):
        answer = program.get("/api/v1/accounts/me", headers={"authorization": header})
        assert answer.status_code == 401, header


def test_wrong_token_is_not_replaced_by_a_cookie(place):
    browser = place.browser(place.admin)
    answer = browser.get("/api/v1/accounts/me", headers={"authorization": "Bearer vigie_wrong"})
    assert answer.status_code == 401


def test_stranger_sees_public_pages_only(place):
    stranger = place.browser(None)
    for page in pages().values():
        answer = stranger.get(page.path.replace("{", "").replace("}", ""))
        if page.is_public:
            assert answer.status_code in (200, 404), page.name
        else:
            assert answer.headers.get("location", "").startswith("/login?next="), page.name
    public = {page.name for page in pages().values() if page.is_public}
    assert public == {"login", "legal", "privacy", "help", "shared", "portfolio-shared", "unsubscribe"}
    assert VISITOR.scopes == {"read"}


def test_trader_does_not_enter_administration(place):
    for page in pages().values():
        if page.scope == "admin":
            assert place.browser(place.ann).get(page.path).status_code == 403, page.name


def test_every_other_address_is_shut_to_strangers(place):
    """Only these answer somebody who is not signed in; all others are pages, operations, or shut."""
    open_to_all = {
        "/link/{word}",
        "/healthz",
        "/app.webmanifest",
        "/static/{name:path}",
        "/look",
        "/api/v1/openapi.json",
    }
    listed = {page.path for page in pages().values()} | {
        path for page in pages().values() for path in page.actions
    }
    stranger = place.browser(None)
    for path in (route.path for route in place.app.router.routes if isinstance(route, Route)):
        if path in open_to_all | listed or path.startswith("/api/v1/"):
            continue
        there = path.replace("{name}", "asset").replace("{form}", "svg").replace("{asset}", "bitcoin")
        # As a proxy hands it on: figures for a watch on this machine are open on loopback only.
        answer = stranger.get(
            there.replace("{", "").replace("}", "").split(":")[0], headers={"x-forwarded-for": "203.0.113.9"}
        )
        assert answer.status_code in (303, 401, 403, 404, 405, 307), (path, answer.status_code)
        assert not answer.text.startswith("<svg"), path
