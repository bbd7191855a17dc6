"""One's own account and everybody's: passwords, second factor, tokens, sessions, deletion, users, records, logs."""

from __future__ import annotations

import json

import pyotp
import pytest

from tests.clocks import JumpingClock
from tests.houses import house, person
from vigie.domain.errors import Forbidden, NotFound, UsageError
from vigie.domain.person import OWNER, SCOPES_OF, Caller
from vigie.domain.time import DAY_MS
from vigie.services.needs import bound
from vigie.services.operation_calls import run_operation
from vigie.services.operations.admin import mask_secrets
from vigie.services.people.accounts import throttle
from vigie.services.people.accounts.keys import hash_secret
from vigie.services.people.accounts.signing_in import SignedIn, sign_in

PASSWORD = "a long enough sentence"
NEW = "quite another sentence"


@pytest.fixture
def built(tmp_path):
    return house(tmp_path / "home", with_bars=False, clock=JumpingClock())


@pytest.fixture
def admin(built):
    made = run_operation(built, OWNER, "users.add", {"name": "Root", "role": "admin", "password": PASSWORD})
    return Caller(made.user, "admin", SCOPES_OF["admin"])


@pytest.fixture
def ann(built, admin):
    made = run_operation(built, admin, "users.add", {"name": "Ann", "role": "trader", "password": PASSWORD})
    return Caller(made.user, "trader", SCOPES_OF["trader"])


def come_in(built, name="Ann", password=PASSWORD, **more):
    return bound(built, sign_in)(name, password, **more)


def test_first_user_must_be_admin_and_gets_what_the_local_owner_kept(built):
    run_operation(built, OWNER, "watchlists.create", {"name": "Mine", "assets": ["bitcoin"]})
    run_operation(built, OWNER, "settings.change", {"zone": "Europe/Paris"})
    with pytest.raises(UsageError, match="must be admin"):
        run_operation(built, OWNER, "users.add", {"name": "Ann", "role": "viewer"})
    made = run_operation(built, OWNER, "users.add", {"name": "Ann", "role": "admin"})
    assert isinstance(come_in(built, password=made.password), SignedIn)
    first = Caller(made.user, "admin", SCOPES_OF["admin"])
    assert run_operation(built, first, "watchlists.read", {}).name == "Mine"
    assert run_operation(built, first, "settings.read", {}).values["zone"] == "Europe/Paris"
    second = run_operation(built, first, "users.add", {"name": "Bob", "role": "viewer"})
    assert run_operation(built, person(second.user, "viewer"), "watchlists.list", {}).rows == []


def test_local_owner_has_no_account_to_change(built):
    assert run_operation(built, OWNER, "accounts.me", {}).has_account is False
    for name, values in (
        ("accounts.token_create", {"name": "x", "scopes": ["read"]}),
        ("accounts.totp_begin", {}),
    ):
        with pytest.raises(Forbidden, match="no account"):
            run_operation(built, OWNER, name, values)


def test_new_password_needs_the_old_one_and_ends_every_session(built, ann):
    come_in(built)
    with pytest.raises(Forbidden, match="not your password"):
        run_operation(built, ann, "accounts.change_password", {"current": "wrong", "new": NEW})
    with pytest.raises(UsageError):
        run_operation(built, ann, "accounts.change_password", {"current": PASSWORD, "new": "short"})
    assert len(built.accounts.sessions(ann.user)) == 1
    run_operation(built, ann, "accounts.change_password", {"current": PASSWORD, "new": NEW})
    assert built.accounts.sessions(ann.user) == []
    assert not isinstance(come_in(built), SignedIn)
    assert isinstance(come_in(built, password=NEW), SignedIn)


def test_guessing_the_password_from_inside_is_slowed_down_too(built, ann):
    for _ in range(5):
        with pytest.raises(UsageError):
            run_operation(built, ann, "accounts.delete", {"current": "guess"})
    with pytest.raises(UsageError, match="too many attempts"):
        run_operation(built, ann, "accounts.delete", {"current": PASSWORD})
    assert built.accounts.user(ann.user) is not None


def test_second_factor_counts_once_the_app_has_shown_a_code(built, ann):
    begun = run_operation(built, ann, "accounts.totp_begin", {})
    assert begun.address.startswith("otpauth://totp/")
    assert isinstance(come_in(built), SignedIn), "begun is not switched on"
    code = pyotp.TOTP(begun.secret).at(built.clock.now // 1_000)
    given = {"secret": begun.secret, "code": code, "current": PASSWORD}
    with pytest.raises(Forbidden):
        run_operation(built, ann, "accounts.totp_confirm", {**given, "current": "wrong"})
    with pytest.raises(UsageError):
        run_operation(built, ann, "accounts.totp_confirm", {**given, "code": "123"})
    run_operation(built, ann, "accounts.totp_confirm", given)
    assert come_in(built).code == "code_needed"
    with pytest.raises(Forbidden):
        run_operation(built, ann, "accounts.totp_remove", {"current": "wrong"})
    run_operation(built, ann, "accounts.totp_remove", {"current": PASSWORD})
    assert isinstance(come_in(built), SignedIn)


def test_token_is_shown_once_and_kept_as_a_hash(built, ann):
    asked = {"name": "bot", "scopes": ["read", "trade"], "days": 1, "current": PASSWORD}
    made = run_operation(built, ann, "accounts.token_create", asked)
    assert made.secret.startswith("vigie_")
    rows = run_operation(built, ann, "accounts.tokens", {}).rows
    assert (rows[0]["name"], rows[0]["scopes"]) == ("bot", "read trade")
    assert made.secret not in str(rows) + str(run_operation(built, ann, "accounts.export", {}).document)
    with pytest.raises(Forbidden, match="does not have admin"):
        run_operation(
            built, ann, "accounts.token_create", {"name": "x", "scopes": ["admin"], "current": PASSWORD}
        )
    run_operation(built, ann, "accounts.token_revoke", {"token": made.id})
    with pytest.raises(NotFound):
        run_operation(built, ann, "accounts.token_revoke", {"token": made.id})


@pytest.mark.parametrize("scope", ["trade", "admin"])
def test_token_that_may_trade_or_administer_needs_the_password(built, admin, scope):
    asked = {"name": "bot", "scopes": ["read", scope]}
    with pytest.raises(UsageError, match="a token with the scope trade or admin requires"):
        run_operation(built, admin, "accounts.token_create", asked)
    for _ in range(throttle.FREE_OF_NAME):
        with pytest.raises(Forbidden, match="not your password"):
            run_operation(built, admin, "accounts.token_create", {**asked, "current": NEW})
    with pytest.raises(UsageError, match="too many attempts"):
        run_operation(built, admin, "accounts.token_create", {**asked, "current": PASSWORD})
    assert built.accounts.tokens(admin.user) == []
    built.clock.now += 120_000
    made = run_operation(built, admin, "accounts.token_create", {**asked, "current": PASSWORD})
    assert made.scopes == ["read", scope]


def test_token_expires_after_90_days_unless_said_otherwise_and_old_ones_stay_endless(built, ann):
    old = built.accounts.add_token(
        ann.user, "old", hash_secret("vigie_old"), frozenset({"read"}), ts_expires=None
    )
    asked = {"name": "new", "scopes": ["read", "write"]}
    now = built.clock.wall_now()
    made = [
        run_operation(built, ann, "accounts.token_create", {**asked, **days}) for days in ({}, {"days": None})
    ]
    assert {one.ts_expires for one in made} == {now + 90 * DAY_MS}
    assert run_operation(built, ann, "accounts.token_create", {**asked, "days": 0}).ts_expires is None
    assert (
        run_operation(built, ann, "accounts.token_create", {**asked, "days": 3_650}).ts_expires
        == now + 3_650 * DAY_MS
    )
    with pytest.raises(UsageError):
        run_operation(built, ann, "accounts.token_create", {**asked, "days": 3_651})
    built.clock.now += 91 * DAY_MS
    assert built.accounts.token(hash_secret(made[0].secret)) is None
    assert built.accounts.token(hash_secret("vigie_old")).id == old.id


def test_sessions_end_one_by_one_or_all(built, ann):
    for _ in range(3):
        come_in(built)
        built.clock.now += 1_000
    rows = run_operation(built, ann, "accounts.sessions", {}).rows
    run_operation(built, ann, "accounts.end_session", {"session": rows[0]["id"]})
    assert [row["id"] for row in run_operation(built, ann, "accounts.sessions", {}).rows] == [
        r["id"] for r in rows[1:]
    ]
    run_operation(built, ann, "accounts.end_sessions", {})
    assert run_operation(built, ann, "accounts.sessions", {}).rows == []


def test_access_log_is_ones_own_newest_first(built, ann, admin):
    come_in(built)
    come_in(built, password="wrong", address="192.0.2.7")
    come_in(built, name="Root")
    rows = run_operation(built, ann, "accounts.events", {}).rows
    assert [row["kind"] for row in rows] == ["account.sign_in_failed", "account.sign_in", "account.add"]
    assert rows[0]["text"]["address"] == "192.0.2.7"


def test_deleted_account_leaves_pseudonymous_records_and_a_whole_chain(built, ann, admin):
    come_in(built)
    run_operation(built, ann, "watchlists.create", {"name": "Mine", "assets": ["bitcoin"]})
    document = run_operation(built, ann, "accounts.export", {}).document
    assert document["user"]["name"] == "Ann"
    assert len(document["watchlists"]) == 1
    run_operation(built, ann, "accounts.delete", {"current": PASSWORD})
    assert built.accounts.user(ann.user) is None
    assert built.accounts.watchlists(ann.user) == []
    assert built.audit.verify() > 0
    assert "Ann" not in str(built.audit.after(0))


def test_deleted_account_takes_results_removed_ones_and_jobs_along(built, admin, ann):
    folders = {}
    for user in (admin, ann):
        for name in ("listed", "removed"):
            job = built.jobs.put("backtest", {"title": name}, owner=user.user)
            place = f"runs/backtest-{job.id}"
            built.results.write(built.results.runs / f"backtest-{job.id}", {"result.json": b"{}"})
            run = built.runs.put(
                user.user, "backtest", title=name, folder=place, ask={}, summary={}, job=job.id
            )
            folders.setdefault(user.user, []).append(built.results.runs / f"backtest-{job.id}")
        run_operation(built, user, "backtests.delete", {"run": run.id})
    document = run_operation(built, ann, "accounts.export", {}).document
    assert (
        [one["title"] for one in document["runs"]],
        [one["title"] for one in document["removed_runs"]],
    ) == (
        ["listed"],
        ["removed"],
    )
    run_operation(built, ann, "accounts.delete", {"current": PASSWORD})
    assert {owner: [path.exists() for path in paths] for owner, paths in folders.items()} == {
        admin.user: [True, True],
        ann.user: [False, False],
    }
    kept = [*built.jobs.list(), *built.runs.list(), *built.accounts.users()]
    assert ann.user not in str(kept)
    texts = [path.read_text("utf-8") for path in built.results.runs.rglob("*.json")]
    assert ann.user not in str(texts)
    assert run_operation(built, admin, "backtests.restore", {"run": _removed(texts)}).title == "removed"


def _removed(texts):
    return next(json.loads(one)["id"] for one in texts if "ts_removed" in one)


def test_admin_changes_roles_disables_and_resets_but_stays(built, admin, ann):
    run_operation(built, admin, "users.role", {"user": ann.user, "role": "viewer"})
    run_operation(built, admin, "users.disable", {"user": ann.user})
    assert not isinstance(come_in(built), SignedIn)
    run_operation(built, admin, "users.disable", {"user": ann.user, "is_disabled": False})
    given = run_operation(built, admin, "users.reset", {"user": ann.user})
    assert isinstance(come_in(built, password=given.password), SignedIn)
    for name, values in (("users.role", {"role": "viewer"}), ("users.disable", {})):
        with pytest.raises(UsageError):
            run_operation(built, admin, name, {"user": admin.user, **values})
    with pytest.raises(NotFound):
        run_operation(built, admin, "users.reset", {"user": "u0"})
    rows = {row["name"]: row for row in run_operation(built, admin, "users.list", {}).rows}
    assert (rows["Ann"]["role"], rows["Ann"]["sessions"]) == ("viewer", 1)


@pytest.mark.parametrize("scopes", [{"read", "admin"}, SCOPES_OF["admin"]], ids=["without trade", "all"])
@pytest.mark.parametrize(
    ("name", "values"),
    [
        ("users.reset", {"second_factor": True}),
        ("users.role", {"role": "admin"}),
        ("users.disable", {"is_disabled": False}),
        ("users.add", {"name": "Eve", "role": "viewer"}),
    ],
)
def test_a_token_gives_nobody_rights_not_even_its_owner(built, admin, name, values, scopes):
    token = Caller(admin.user, "admin", frozenset(scopes), "token")
    before = built.accounts.password_hash(admin.user), built.accounts.users()
    given = values if name == "users.add" else {"user": admin.user, **values}
    with pytest.raises(Forbidden, match=r"a token cannot .*; sign in to do it"):
        run_operation(built, token, name, given)
    assert (built.accounts.password_hash(admin.user), built.accounts.users()) == before


def test_a_reset_ends_sessions_and_tokens(built, admin, ann):
    assert isinstance(come_in(built), SignedIn)
    run_operation(built, ann, "accounts.token_create", {"name": "bot", "scopes": ["read"]})
    run_operation(built, admin, "users.reset", {"user": ann.user})
    assert built.accounts.sessions(ann.user) == built.accounts.tokens(ann.user) == []
    assert [one.kind for one in built.audit.after(0)][-2:] == ["account.password", "token.revoke"]


def test_admin_sees_and_revokes_tokens_of_everybody(built, admin, ann):
    made = run_operation(built, ann, "accounts.token_create", {"name": "bot", "scopes": ["read"]})
    assert run_operation(built, admin, "users.tokens", {}).rows[0]["user_name"] == "Ann"
    run_operation(built, admin, "users.revoke_token", {"user": ann.user, "token": made.id})
    assert run_operation(built, admin, "users.tokens", {}).rows == []


def test_records_come_newest_first_page_by_page_and_filtered(built, admin):
    for number in range(12):
        built.audit.append("job.done", actor=f"u{number % 2}", subject=str(number), text={})
    first = run_operation(built, admin, "audit.list", {"kind": "job.", "limit": 5})
    assert [row["subject"] for row in first.rows] == ["11", "10", "9", "8", "7"]
    second = run_operation(
        built, admin, "audit.list", {"kind": "job.", "limit": 5, "before": int(first.next_cursor)}
    )
    assert [row["subject"] for row in second.rows] == ["6", "5", "4", "3", "2"]
    last = run_operation(
        built, admin, "audit.list", {"kind": "job.", "limit": 5, "before": int(second.next_cursor)}
    )
    assert [row["subject"] for row in last.rows] == ["1", "0"]
    mine = run_operation(built, admin, "audit.list", {"actor": "u1", "limit": 500})
    assert len(mine.rows) == 6


def test_logs_are_filtered_and_masked(built, admin, tmp_path):
    logs = tmp_path / "home" / "logs"
    logs.mkdir()
    (logs / "web.log").write_text("open http://127.0.0.1/link/abc-123\nall well\n", "utf-8")
    (logs / "work.log").write_text("postgresql://me:hunter2@host/db vigie_" + "x" * 30 + "\n", "utf-8")
    rows = run_operation(built, admin, "logs.read", {}).rows
    text = " ".join(row["text"] for row in rows)
    assert "abc-123" not in text
    assert "hunter2" not in text
    assert "xxxx" not in text
    assert [
        row["text"] for row in run_operation(built, admin, "logs.read", {"log": "web", "search": "WELL"}).rows
    ] == ["all well"]
    assert run_operation(built, admin, "logs.read", {"search": "hunter2"}).rows == []
    with pytest.raises(NotFound):
        run_operation(built, admin, "logs.read", {"log": "other"})


def test_secrets_of_the_settings_are_masked_wherever_they_stand():
    assert mask_secrets("the key s3cr3t-value failed", ["s3cr3t-value"]) == "the key *** failed"
    assert mask_secrets("Authorization: Bearer abc.def&token=zzz", []) == "Authorization: Bearer ***"


def test_health_says_how_much_room_there_is_and_hides_errors_from_others(built, admin, ann):
    from vigie.ports.quotes import SourceHealth

    built.quotes.put_health(
        [SourceHealth("coingecko/markets", "failing", error="GET https://a:b@example.org 500")]
    )
    seen = run_operation(built, admin, "health.read", {})
    assert seen.disk_free > 0
    assert seen.sources[0].error == "GET https://***@example.org 500"
    assert run_operation(built, ann, "health.read", {}).sources[0].error == ""
