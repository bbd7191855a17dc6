"""Who may do what to whom, tokens, and what is left of somebody who goes."""

from __future__ import annotations

import json
import sqlite3
from dataclasses import replace
from decimal import Decimal

import pytest

from vigie.domain.errors import Conflict, Forbidden, NotFound, UsageError
from vigie.domain.order import Fill, TradeRun, TradeStep
from vigie.domain.person import OWNER, ROLES, SCOPES, SCOPES_OF, Caller
from vigie.domain.reported import ReportedRow
from vigie.domain.time import DAY_MS
from vigie.ports.holding_addresses import HoldingAddress
from vigie.ports.tradebook import TradeChange
from vigie.ports.watchlists import Watchlist
from vigie.services.needs import bound
from vigie.services.operation_calls import run_operation
from vigie.services.people.accounts import account_removal, second_factor, users
from vigie.services.people.accounts.keys import hash_secret
from vigie.services.people.accounts.signing_in import SignedIn, is_password_of, sign_in
from vigie.services.runs import trash

GOOD = "quiet harbour lamp"

REPORTED = ReportedRow("Kraken", 2025, "bitcoin", "fiat_in", "", Decimal("0.5"))
SEALED_ADDRESS = HoldingAddress("", "address", "bitcoin", "Safe", "sealed", "mark", 0)


def caller_of(user, via="session"):
    return Caller(user.id, user.role, SCOPES_OF[user.role], via)


@pytest.fixture
def ann(house):
    return bound(house, users.add_user)(OWNER, "Ann", GOOD)


@pytest.fixture
def bob(house, ann):
    return bound(house, users.add_user)(OWNER, "Bob", GOOD)


def test_the_first_user_is_admin_later_ones_look_only(ann, bob):
    assert (ann.role, bob.role) == ("admin", "viewer")


def test_a_role_can_be_named(house):
    assert bound(house, users.add_user)(OWNER, "Tom", GOOD, "trader").role == "trader"
    with pytest.raises(UsageError, match="must be one of viewer trader admin, was 'king'"):
        bound(house, users.add_user)(OWNER, "Tim", GOOD, "king")


def test_a_taken_name_and_a_weak_password_add_nobody(house, ann):
    with pytest.raises(Conflict):
        bound(house, users.add_user)(OWNER, "ANN", GOOD)
    with pytest.raises(UsageError):
        bound(house, users.add_user)(OWNER, "Eve", "short")
    assert house.accounts.users() == [ann]


def test_users_are_found_by_name(house, ann):
    assert users.find_user(house.accounts, "ann") == ann
    with pytest.raises(NotFound, match="'eve'"):
        users.find_user(house.accounts, "eve")


def test_a_new_password_ends_every_session(house, ann):
    bound(house, sign_in)("ann", GOOD)
    users.set_password(house.accounts, house.audit, OWNER, ann, "another quiet lamp")
    assert house.accounts.sessions(ann.id) == []
    assert is_password_of(house.accounts, ann.id, "another quiet lamp")
    assert not is_password_of(house.accounts, ann.id, GOOD)


def test_a_disabled_user_is_out_until_enabled(house, ann, bob):
    bound(house, sign_in)("bob", GOOD)
    users.set_disabled(house.accounts, house.audit, caller_of(ann), bob, True)
    assert house.accounts.sessions(bob.id) == []
    assert bound(house, sign_in)("bob", GOOD).code == "wrong"
    users.set_disabled(house.accounts, house.audit, caller_of(ann), bob, False)
    assert isinstance(bound(house, sign_in)("bob", GOOD), SignedIn)


def test_the_last_admin_stays_one_but_for_the_command_line(house, ann, bob):
    me = caller_of(ann)
    for attempt in (
        lambda: bound(house, users.set_role)(me, ann, "viewer"),
        lambda: users.set_disabled(house.accounts, house.audit, me, ann, True),
        lambda: bound(house, account_removal.delete_account)(me, ann),
    ):
        with pytest.raises(UsageError, match="last admin"):
            attempt()
    assert house.accounts.user(ann.id) == ann
    bound(house, users.set_role)(me, bob, "admin")
    assert bound(house, users.set_role)(me, ann, "viewer").role == "viewer"
    assert users.set_disabled(house.accounts, house.audit, OWNER, bob, True).is_disabled


def test_the_second_factor_can_be_taken_away(house, ann, clock):
    import pyotp

    secret = second_factor.new_secret()
    bound(house, users.add_second_factor)(
        caller_of(ann), ann, secret, pyotp.TOTP(secret).at(clock.now // 1000)
    )
    assert house.accounts.user(ann.id).has_totp
    users.remove_second_factor(house.accounts, house.audit, OWNER, ann)
    assert isinstance(bound(house, sign_in)("ann", GOOD), SignedIn)


def test_a_token_is_shown_once_and_kept_as_its_hash(house, ann, home):
    secret, token = bound(house, users.add_token)(caller_of(ann), "my bot", ["read", "trade"], days=30)
    assert secret.startswith("vigie_")
    assert house.accounts.token(hash_secret(secret)).id == token.id
    assert token.ts_expires == house.clock.wall_now() + 30 * DAY_MS
    dump = "\n".join(sqlite3.connect(home / "vigie.sqlite").iterdump())
    assert secret not in dump
    assert secret.removeprefix("vigie_") not in dump
    assert hash_secret(secret) in dump


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize("scope", SCOPES)
def test_a_token_holds_at_most_what_its_owner_holds(house, role, scope):
    user = bound(house, users.add_user)(OWNER, "Tom", GOOD, role)
    if scope in SCOPES_OF[role]:
        assert bound(house, users.add_token)(caller_of(user), "bot", [scope])[1].scopes == {scope}
    else:
        with pytest.raises(Forbidden, match=scope):
            bound(house, users.add_token)(caller_of(user), "bot", ["read", scope])


@pytest.mark.parametrize(
    ("name", "scopes", "days"),
    [
        ("bot", [], 1),
        ("bot", ["fly"], 1),
        ("", ["read"], 1),
        ("bot", ["read"], -1),
        ("bot", ["read"], 4_000),
    ],
)
def test_tokens_that_make_no_sense_are_refused(house, ann, name, scopes, days):
    with pytest.raises(UsageError):
        bound(house, users.add_token)(caller_of(ann), name, scopes, days=days)
    assert house.accounts.tokens(ann.id) == []


def test_a_token_makes_no_tokens(house, ann):
    with pytest.raises(Forbidden):
        bound(house, users.add_token)(caller_of(ann, "token"), "bot", ["read"])


def test_tokens_are_not_endless(house, ann):
    for number in range(users.MOST_TOKENS):
        bound(house, users.add_token)(caller_of(ann), f"bot {number}", ["read"])
    with pytest.raises(UsageError, match="revoke one"):
        bound(house, users.add_token)(caller_of(ann), "one more", ["read"])


def test_nobody_revokes_the_token_of_another(house, ann, bob):
    _, token = bound(house, users.add_token)(caller_of(bob), "bot", ["read"])
    with pytest.raises(NotFound):
        users.revoke_token(house.accounts, house.audit, caller_of(ann), token.id)
    users.revoke_token(house.accounts, house.audit, caller_of(bob), token.id)
    assert house.accounts.tokens(bob.id) == []


def settle(house, user):
    """Leave something of a person everywhere."""
    bound(house, sign_in)(user.name, GOOD, address="192.0.2.7")
    bound(house, users.add_token)(caller_of(user), "bot", ["read"])
    house.accounts.put_settings(user.id, {"theme": "dark"})
    house.accounts.put_watchlist(Watchlist("", user.id, "My list", ("bitcoin",), 0, 0))
    job = house.jobs.put("backtest", {"capital": 1.0}, owner=user.id)
    house.runs.put(
        user.id, "backtest", title="My run", folder=f"runs/{user.id}", ask={}, summary={"trades": 3}
    )
    return job


def test_the_export_holds_all_that_is_theirs_and_nothing_of_others(house, ann, bob):
    for user in (ann, bob):
        settle(house, user)
    out = bound(house, account_removal.export)(bob)
    written = json.dumps(out)
    assert ann.id not in written
    assert out["user"]["name"] == "Bob"
    assert out["settings"][0]["settings"] == {"theme": "dark"}
    assert [one["name"] for one in out["watchlists"]] == ["My list"]
    assert len(out["sessions"]) == len(out["tokens"]) == len(out["jobs"]) == len(out["runs"]) == 1
    assert [one["kind"] for one in out["events"]] == ["account.add", "account.sign_in", "token.add"]
    hashes = [house.accounts.password_hash(bob.id), house.accounts.sessions(bob.id)[0].key]
    assert not any(secret in written for secret in [*hashes, house.accounts.sessions(bob.id)[0].csrf])


def test_what_people_own_is_in_their_export_and_goes_with_them(house, ann, bob, home):
    for user in (ann, bob):
        asked = {"coin": "bitcoin", "quantity": "0.5", "place": f"safe of {user.name}"}
        run_operation(house, caller_of(user), "holdings.add", asked)
        house.holding_addresses.add(user.id, SEALED_ADDRESS, most=1)
        house.holding_links.add(user.id, f"digest of {user.name}", days=30, most=1)
        run_operation(house, caller_of(user), "holdings.enter_openings", {"year": 2025, "opening_220": "12"})
        house.reported.add(user.id, [replace(REPORTED, place=f"bank of {user.name}")], most=1, replaces=False)
    out = bound(house, account_removal.export)(bob)
    assert [(one["asset"], one["qty"], one["place"]) for one in out["holdings"]["events"]] == [
        ("bitcoin", "0.5", "safe of Bob")
    ]
    assert [one["kind"] for one in out["holdings"]["batches"]] == ["form"]
    assert [one["rows"][0]["units"] for one in out["reported"]] == ["0.5"]
    assert "safe of Ann" not in json.dumps(out)
    assert "bank of Ann" not in json.dumps(out)
    bound(house, account_removal.delete_account)(caller_of(bob), bob)
    assert (house.holdings.records(bob.id), house.holdings.batches(bob.id)) == ([], [])
    assert [one["sealed"] for one in out["holding_addresses"]] == ["sealed"]
    assert house.holding_addresses.addresses(bob.id) == []
    assert out["kept_apart"]["tax_openings"]["2025"]["opening_220"]["amount"] == "12"
    assert house.accounts.settings(f"{bob.id}/tax_openings") == (0, {})
    assert len(out["holding_links"]) == 1
    assert "digest of" not in json.dumps(out)
    assert house.holding_links.links(bob.id) == []
    assert (house.reported.statements(bob.id), len(house.reported.statements(ann.id))) == ([], 1)
    assert "bank of Bob" not in "\n".join(sqlite3.connect(home / "vigie.sqlite").iterdump())
    assert len(house.holdings.records(ann.id)) == 1
    assert "safe of Bob" not in "\n".join(sqlite3.connect(home / "vigie.sqlite").iterdump())


def test_the_first_user_takes_over_what_the_owner_of_the_machine_kept(house):
    run_operation(house, OWNER, "holdings.add", {"coin": "bitcoin", "quantity": "0.5"})
    house.holding_addresses.add(OWNER.user, SEALED_ADDRESS, most=1)
    house.holding_links.add(OWNER.user, "digest", days=30, most=1)
    run_operation(house, OWNER, "holdings.enter_openings", {"year": 2025, "opening_220": "12"})
    house.reported.add(OWNER.user, [REPORTED], most=1, replaces=False)
    tom = bound(house, users.add_user)(OWNER, "Tom", GOOD)
    assert len(house.holdings.records(tom.id)) == 1
    assert len(house.holding_addresses.addresses(tom.id)) == 1
    assert len(house.holding_links.links(tom.id)) == 1
    assert "2025" in house.accounts.settings(f"{tom.id}/tax_openings")[1]
    assert len(house.reported.statements(tom.id)) == 1
    assert house.holdings.records(OWNER.user) == []


def test_an_export_of_much_is_whole(house, bob):
    for _ in range(501):
        house.jobs.put("backtest", {}, owner=bob.id)
    assert len({one["id"] for one in bound(house, account_removal.export)(bob)["jobs"]}) == 501


def test_whoever_goes_leaves_nothing_but_pseudonymous_records_and_the_chain_is_whole(house, ann, bob, home):
    settle(house, ann)
    job = settle(house, bob)
    bound(house, account_removal.delete_account)(caller_of(bob), bob)
    assert house.accounts.user(bob.id) is None
    assert house.jobs.get(job.id) is None
    assert house.runs.list(owner=bob.id) == []
    assert bob.id not in {one.owner for one in house.jobs.list()}
    assert house.audit.verify() == house.audit.newest()
    theirs = [event for event in house.audit.after(0) if event.actor == bob.id]
    assert {event.kind for event in theirs if event.text is not None} == {"audit.forget", "account.delete"}
    connection = sqlite3.connect(home / "vigie.sqlite")
    tables = [row[0] for row in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
    cells = [
        str(cell) for table in tables for row in connection.execute(f"SELECT * FROM {table}") for cell in row
    ]
    assert [cell for cell in cells if cell.casefold() == "bob"] == []
    assert sum("192.0.2.7" in cell for cell in cells) == 1, "only Ann's own sign-in is left"
    assert [one.name for one in house.accounts.users()] == ["Ann"]


def keep_results(house, user):
    """Leave a listed result, a removed one and a job that ended on the way; return their folders."""
    made = []
    for name in ("listed", "removed", "broken off"):
        job = house.jobs.put("sweep", {"title": name}, owner=user.id)
        house.results.write(house.results.runs / f"sweep-{job.id}", {"result.json": b"{}"})
        made.append(house.results.runs / f"sweep-{job.id}")
        if name != "broken off":
            run = house.runs.put(
                user.id, "sweep", title=name, folder=f"runs/sweep-{job.id}", ask={}, summary={}, job=job.id
            )
    bound(house, trash.move_to_trash)(run)
    return [*made, house.results.runs / trash.FOLDER / f"{run.id}.json"]


def test_files_of_results_go_with_their_owner_listed_removed_or_never_finished(house, ann, bob):
    hers, his = keep_results(house, ann), keep_results(house, bob)
    bound(house, account_removal.delete_account)(caller_of(bob), bob)
    assert [path for path in his if path.exists()] == []
    assert [path for path in hers if not path.exists()] == []
    assert {one.owner for one in (*house.jobs.list(), *house.runs.list())} == {ann.id}


def test_no_file_outside_goes_with_anybody(house, ann, bob, home):
    for folder in ("..", "runs", "facts", "runs/../keys"):
        (home / folder).mkdir(exist_ok=True, parents=True)
        house.runs.put(bob.id, "sweep", title="odd", folder=folder, ask={}, summary={})
    bound(house, account_removal.delete_account)(caller_of(bob), bob)
    assert all((home / folder).is_dir() for folder in ("..", "runs", "facts", "keys"))
    assert house.runs.list(owner=bob.id) == []


def trade(house, user):
    """Give somebody a trading account with a fill, and hold it."""
    house.trades.begin(TradeRun("r1", "main", user.id, "bitget-perp", "demo", "f" * 64, Decimal("100.50"), 5))
    lease = house.trades.take("main", "p1", for_s=10)
    fill = Fill("btc-usdt-perp", "t1", "o1", "", 1, Decimal("0.0120"), Decimal(60_000), Decimal("0.432"), 7)
    house.trades.commit(lease, TradeChange(steps=(TradeStep("closed", 6, "{}"),), fills=(fill,)))
    return lease


def test_trading_is_in_the_export_with_every_digit_and_goes_with_its_owner(house, ann, bob, home):
    house.trades.leave(trade(house, bob))
    assert bound(house, account_removal.export)(ann)["trading"] == []
    out = json.loads(json.dumps(bound(house, account_removal.export)(bob)))["trading"]
    assert [(one["id"], one["capital"], one["fills"][0]["qty"]) for one in out] == [
        ("r1", "100.50", "0.0120")
    ]
    assert [one["number"] for one in out[0]["steps"]] == [1]
    kept = {run: home / "trading" / run / "fold" / "fold.bin" for run in ("r1", "somebody-elses")}
    for path in kept.values():
        path.parent.mkdir(parents=True)
        path.write_bytes(b"every trade")
    bound(house, account_removal.delete_account)(caller_of(bob), bob)
    assert [run for run in kept if (home / "trading" / run).exists()] == ["somebody-elses"]
    assert house.trades.accounts() == house.trades.fills("r1") == []
    assert house.audit.verify() == house.audit.newest()


def test_whoever_trades_goes_only_after_that_was_stopped(house, ann, bob):
    lease = trade(house, bob)
    with pytest.raises(UsageError, match="main is being traded"):
        bound(house, account_removal.delete_account)(caller_of(bob), bob)
    assert house.accounts.user(bob.id) == bob
    house.trades.leave(lease)
    bound(house, account_removal.delete_account)(caller_of(bob), bob)
    assert house.accounts.user(bob.id) is None


def test_the_only_user_may_go_and_the_house_is_its_owners_again(house, ann):
    bound(house, account_removal.delete_account)(caller_of(ann), ann)
    assert house.accounts.users() == []
    assert house.audit.verify() > 0
