"""What every store of accounts promises, on every database."""

from __future__ import annotations

from dataclasses import replace

import pytest
from sqlalchemy import event, func, select

from tests.databases import HandClock
from vigie.adapters.stores.sql.accounts.store import SqlUserStore
from vigie.adapters.stores.sql.database import Database
from vigie.adapters.stores.sql.tables import SessionRow, TokenRow, UserRow
from vigie.domain.errors import Conflict, DataError, NotFound, UsageError
from vigie.domain.time import DAY_MS, MINUTE_MS
from vigie.ports.accounts import SessionHolder, User, UserStore
from vigie.ports.boards import MOST_DELETED_BOARDS, StoredBoard
from vigie.ports.watchlists import Watchlist

READ = frozenset({"read"})


@pytest.fixture
def accounts(database: Database, clock: HandClock) -> UserStore:
    return SqlUserStore(database, clock)


@pytest.fixture
def ann(accounts: UserStore) -> User:
    return accounts.add("Ann", "hash-of-ann", "viewer")


def test_a_new_house_knows_nobody(accounts: UserStore):
    assert accounts.users() == []
    assert accounts.user("u1") is None
    assert accounts.by_name("ann") is None
    assert accounts.password_hash("u1") is None
    assert accounts.totp_secret("u1") == ""


def test_an_added_user_is_found_by_id_and_by_name_without_case(accounts, ann, clock):
    assert (ann.name, ann.role, ann.ts_created) == ("Ann", "viewer", clock.now)
    assert accounts.user(ann.id) == accounts.by_name(" aNN ") == ann
    assert accounts.password_hash(ann.id) == "hash-of-ann"
    assert "ann" not in ann.id.lower()


def test_users_are_listed_by_name_whatever_the_case(accounts, ann):
    bob, zoe = accounts.add("bob", "h", "trader"), accounts.add("Zoé", "h", "admin")
    assert accounts.users() == [ann, bob, zoe]


@pytest.mark.parametrize("name", ["Ann", "ANN", " ann "])
def test_a_taken_name_is_refused_and_nothing_changes(accounts, ann, name):
    with pytest.raises(UsageError, match="already a user"):
        accounts.add(name, "other", "admin")
    assert accounts.users() == [ann]
    assert accounts.password_hash(ann.id) == "hash-of-ann"


def test_sharp_s_and_its_capital_spelling_are_one_name(accounts):
    accounts.add("Straße", "h", "viewer")
    with pytest.raises(UsageError):
        accounts.add("STRASSE", "h", "viewer")


@pytest.mark.parametrize("name", ["a\0b", "a\ud800b"])
def test_a_name_that_one_database_could_not_hold_is_refused_by_both(accounts, name):
    with pytest.raises(DataError):
        accounts.add(name, "h", "viewer")
    assert accounts.users() == []


def test_only_what_is_given_changes(accounts, ann):
    assert accounts.change(ann.id, role="admin") == replace(ann, role="admin")
    assert accounts.change(ann.id, is_disabled=True) == replace(ann, role="admin", is_disabled=True)
    changed = accounts.change(ann.id, password_hash="new", is_disabled=False, totp_secret="SECRET")
    assert changed == replace(ann, role="admin", has_totp=True)
    assert (accounts.password_hash(ann.id), accounts.totp_secret(ann.id)) == ("new", "SECRET")
    assert not accounts.change(ann.id, totp_secret="").has_totp
    assert accounts.change(ann.id) == accounts.user(ann.id)


def test_a_change_of_nobody_is_refused(accounts):
    with pytest.raises(UsageError, match="no user 'u9'"):
        accounts.change("u9", role="admin")


def test_a_code_is_taken_once_and_never_an_earlier_one(accounts, ann):
    assert accounts.use_code(ann.id, 100)
    assert not accounts.use_code(ann.id, 100)
    assert not accounts.use_code(ann.id, 99)
    assert accounts.use_code(ann.id, 101)
    assert not accounts.use_code("u9", 102)


def test_a_new_second_factor_begins_anew(accounts, ann):
    accounts.use_code(ann.id, 100)
    accounts.change(ann.id, totp_secret="SECRET")
    assert accounts.use_code(ann.id, 50)


def test_deleting_a_user_leaves_nothing_of_theirs_and_all_of_the_others(accounts, ann, clock, database):
    bob = accounts.add("Bob", "h", "viewer")
    for user in (ann, bob):
        accounts.open_session(user.id, f"s-{user.name}", "csrf", ts_expires=clock.now + 1)
        accounts.add_token(user.id, "mine", f"t-{user.name}", READ, ts_expires=None)
        accounts.put_settings(user.id, {"theme": "dark"})
        accounts.put_settings(f"{user.id}/drawings/bitcoin", {"drawings": []})
        accounts.put_watchlist(Watchlist("", user.id, "List", ("bitcoin",), 0, 0))
        accounts.put_board(StoredBoard("", user.id, {"title": "Mine"}))
    accounts.delete(ann.id)
    assert accounts.users() == [bob]
    assert (accounts.session("s-Ann"), accounts.token("t-Ann")) == (None, None)
    assert accounts.settings(ann.id) == accounts.settings(f"{ann.id}/drawings/bitcoin") == (0, {})
    assert accounts.settings(f"{bob.id}/drawings/bitcoin") == (1, {"drawings": []})
    assert accounts.watchlists(ann.id) == accounts.tokens(ann.id) == []
    assert accounts.session("s-Bob").user == accounts.token("t-Bob").user == bob.id
    assert accounts.settings(bob.id) == (1, {"theme": "dark"})
    assert len(accounts.watchlists(bob.id)) == 1
    assert (len(accounts.boards(ann.id)), len(accounts.boards(bob.id))) == (0, 1)
    with database.reading() as connection:
        rows = [
            connection.scalar(select(func.count()).select_from(t)) for t in (UserRow, SessionRow, TokenRow)
        ]
    assert rows == [1, 1, 1]


def test_what_is_kept_apart_is_found_by_its_person_in_its_newest_state(accounts, ann):
    name = f"{ann.id}/drawings/bitcoin"
    accounts.put_settings(name, {"drawings": [1]})
    accounts.put_settings(name, {"drawings": [2]})
    accounts.put_settings(f"{ann.id}0/drawings/bitcoin", {"drawings": [3]})
    accounts.put_settings(ann.id, {"theme": "dark"})
    assert accounts.extra_settings(ann.id) == {"drawings/bitcoin": {"drawings": [2]}}
    assert accounts.extra_settings("nobody") == {}


def test_a_session_lives_until_its_end(accounts, ann, clock):
    opened = accounts.open_session(ann.id, "key", "csrf", ts_expires=clock.now + MINUTE_MS)
    assert accounts.session("key") == opened
    assert (opened.user, opened.csrf, opened.ts_created) == (ann.id, "csrf", clock.now)
    clock.now += MINUTE_MS - 1
    assert accounts.session("key") == opened
    clock.now += 1
    assert accounts.session("key") is None


def test_who_holds_a_session_is_one_reading_with_the_newest_settings(accounts, ann, clock, database):
    opened = accounts.open_session(ann.id, "key", "csrf", ts_expires=clock.now + MINUTE_MS)
    assert accounts.holder("key") == SessionHolder(opened, ann, {})
    for theme in ("dark", "light"):
        accounts.put_settings(ann.id, {"theme": theme})
    asked: list[str] = []

    def run(_connection, _cursor, statement, *_rest):
        asked.extend([statement] if statement.startswith("SELECT") else [])

    event.listen(database.engine, "before_cursor_execute", run)
    assert accounts.holder("key") == SessionHolder(opened, ann, {"theme": "light"})
    event.remove(database.engine, "before_cursor_execute", run)
    assert len(asked) == 1
    assert accounts.holder("another") is None
    clock.now += MINUTE_MS
    assert accounts.holder("key") is None


def test_sessions_are_listed_newest_first_and_can_last_longer(accounts, ann, clock):
    first = accounts.open_session(ann.id, "first", "csrf", ts_expires=clock.now + 10)
    clock.now += 1
    second = accounts.open_session(ann.id, "second", "csrf", ts_expires=clock.now + 5)
    assert accounts.sessions(ann.id) == [second, first]
    accounts.extend_session("second", ts_expires=clock.now + 100)
    clock.now += 50
    assert accounts.sessions(ann.id) == [replace(second, ts_expires=clock.now + 50)]
    assert accounts.sessions("u9") == []


def test_what_is_kept_apart_goes_with_its_person_and_nobody_elses(accounts, ann):
    other = f"{ann.id}x"
    for name in (f"{ann.id}/drawings/bitcoin", f"{other}/drawings/bitcoin", f"{ann.id}%/x", "owner"):
        accounts.put_settings(name, {"a": 1})
    accounts.delete(ann.id)
    assert accounts.settings(f"{ann.id}/drawings/bitcoin") == (0, {})
    assert accounts.settings(f"{other}/drawings/bitcoin")[0] == 1
    assert accounts.settings(f"{ann.id}%/x")[0] == 1
    assert accounts.settings("owner")[0] == 1


def test_closed_sessions_are_gone_one_or_all(accounts, ann, clock):
    bob = accounts.add("Bob", "h", "viewer")
    for key, user in (("a", ann), ("b", ann), ("c", ann), ("d", bob)):
        accounts.open_session(user.id, key, "csrf", ts_expires=clock.now + 9)
    accounts.close_session("a")
    assert [accounts.session(key) is not None for key in "abcd"] == [False, True, True, True]
    accounts.close_sessions(ann.id)
    assert [accounts.session(key) is not None for key in "abcd"] == [False, False, False, True]


def test_sessions_are_listed_newest_first_and_can_be_extended(accounts, ann, clock):
    accounts.open_session(ann.id, "first", "csrf", ts_expires=clock.now + 10)
    clock.now += 5
    accounts.open_session(ann.id, "second", "csrf", ts_expires=clock.now + 10)
    assert [one.key for one in accounts.sessions(ann.id)] == ["second", "first"]
    accounts.extend_session("first", ts_expires=clock.now + 100)
    clock.now += 50
    assert [one.key for one in accounts.sessions(ann.id)] == ["first"]
    assert accounts.sessions("nobody") == []


def test_a_new_session_removes_those_that_are_over(accounts, ann, clock, database):
    accounts.open_session(ann.id, "old", "csrf", ts_expires=clock.now + 1)
    clock.now += 1
    accounts.open_session(ann.id, "new", "csrf", ts_expires=clock.now + 9)
    with database.reading() as connection:
        assert connection.scalars(select(SessionRow.key)).all() == ["new"]


def test_a_token_keeps_its_scopes_and_notes_its_use_once_a_minute(accounts, ann, clock):
    made = accounts.add_token(ann.id, "bot", "key", frozenset({"read", "trade"}), ts_expires=None)
    assert accounts.tokens(ann.id) == [made]
    assert made.ts_used is None
    start = clock.now
    assert accounts.token("key") == replace(made, ts_used=start)
    clock.now += MINUTE_MS - 1
    accounts.token("key")
    assert accounts.tokens(ann.id)[0].ts_used == start
    clock.now += 1
    accounts.token("key")
    assert accounts.tokens(ann.id) == [replace(made, ts_used=clock.now)]


def test_a_token_ends(accounts, ann, clock):
    accounts.add_token(ann.id, "bot", "key", READ, ts_expires=clock.now + DAY_MS)
    clock.now += DAY_MS - 1
    assert accounts.token("key") is not None
    clock.now += 1
    assert accounts.token("key") is None


def test_only_its_owner_revokes_a_token(accounts, ann):
    bob = accounts.add("Bob", "h", "admin")
    made = accounts.add_token(ann.id, "bot", "key", READ, ts_expires=None)
    assert not accounts.revoke(bob.id, made.id)
    assert accounts.token("key") is not None
    assert accounts.revoke(ann.id, made.id)
    assert accounts.token("key") is None
    assert not accounts.revoke(ann.id, made.id)


def test_failures_are_counted_by_key_and_time_and_forgotten(accounts, clock):
    start = clock.now
    for moment, key in enumerate("aab"):
        clock.now = start + moment
        accounts.note_failure(key)
    assert [accounts.failures(key, since_ms=start) for key in "abc"] == [2, 1, 0]
    assert accounts.failures("a", since_ms=start + 1) == 1
    accounts.forget_failures("a")
    assert [accounts.failures(key, since_ms=start) for key in "ab"] == [0, 1]


def test_different_keys_that_begin_alike_are_counted_once_each(accounts, clock):
    start = clock.now
    for key in ("0a0a" + "0" * 4, "0a0a" + "f" * 4, "0a0a" + "f" * 4, "0a0b" + "0" * 4, "0a09" + "f" * 4):
        accounts.note_failure(key)
    assert [accounts.failed_keys(one, since_ms=start) for one in ("0a0a", "0a0b", "0a0c")] == [2, 1, 0]
    assert accounts.failed_keys("0a0a", since_ms=start + 1) == 0


def test_old_failures_are_not_kept(accounts, clock):
    accounts.note_failure("a")
    clock.now += 8 * DAY_MS
    accounts.note_failure("b")
    assert accounts.failures("a", since_ms=0) == 0


def test_settings_change_key_by_key_and_keep_their_history(accounts, clock):
    assert accounts.settings("owner") == (0, {})
    first, second = {"theme": "dark", "panes": [1, {"a": 1e23}]}, {"theme": "light"}
    assert accounts.put_settings("owner", first) == 1
    clock.now += 5
    assert accounts.put_settings("owner", second) == 2
    merged = {"theme": "light", "panes": [1, {"a": 1e23}]}
    assert accounts.settings("owner") == (2, merged)
    assert accounts.put_settings("owner", {"theme": None}) == 3
    assert accounts.settings("owner") == (3, {"panes": [1, {"a": 1e23}]})
    history = accounts.settings_history("owner")
    assert [(revision, body) for revision, _, body in history][1:] == [(2, merged), (1, first)]
    assert history[1][1] - history[2][1] == 5


def test_settings_of_two_people_are_apart(accounts):
    accounts.put_settings("a", {"x": 1})
    accounts.put_settings("b", {"x": 2})
    assert (accounts.settings("a"), accounts.settings("b")) == ((1, {"x": 1}), (1, {"x": 2}))


def test_the_second_of_two_tabs_is_told(accounts):
    accounts.put_settings("owner", {"x": 1}, revision=0)
    with pytest.raises(UsageError, match="changed meanwhile: revision must be 1, was 0"):
        accounts.put_settings("owner", {"x": 2}, revision=0)
    assert accounts.settings("owner") == (1, {"x": 1})


def test_history_is_not_endless(accounts):
    for number in range(210):
        accounts.put_settings("owner", {"x": number})
    history = accounts.settings_history("owner")
    assert [revision for revision, _, _ in history] == list(range(210, 10, -1))


@pytest.mark.parametrize("value", [float("nan"), "a\0b", "\udc00", object()])
def test_settings_that_are_no_plain_values_are_refused(accounts, value):
    with pytest.raises(DataError):
        accounts.put_settings("owner", {"x": value})
    assert accounts.settings("owner") == (0, {})


def test_text_that_only_looks_like_nul_is_kept(accounts):
    accounts.put_settings("owner", {"x": "\\u0000 and \\\\u0000"})
    assert accounts.settings("owner")[1] == {"x": "\\u0000 and \\\\u0000"}


def test_watchlists_come_back_in_order_with_growing_revisions(accounts):
    second = accounts.put_watchlist(Watchlist("", "owner", "Second", ("ethereum", "bitcoin"), 2, 0))
    first = accounts.put_watchlist(Watchlist("w1", "owner", "First", (), 1, 0))
    assert first.id == "w1"
    assert second.id
    assert accounts.watchlists("owner") == [first, second]
    renamed = accounts.put_watchlist(replace(second, name="Deux"), revision=second.revision)
    assert renamed == replace(second, name="Deux", revision=second.revision + 1)
    assert accounts.watchlist("owner", second.id) == renamed


def test_an_outdated_revision_of_a_list_is_refused(accounts):
    kept = accounts.put_watchlist(Watchlist("w1", "owner", "A", (), 0, 0))
    newer = accounts.put_watchlist(replace(kept, name="B"), revision=kept.revision)
    with pytest.raises(UsageError, match="this watchlist changed meanwhile"):
        accounts.put_watchlist(replace(kept, name="C"), revision=kept.revision)
    assert accounts.watchlists("owner") == [newer]


def test_a_list_belongs_to_its_owner(accounts):
    kept = accounts.put_watchlist(Watchlist("w1", "ann", "A", ("bitcoin",), 0, 0))
    assert accounts.watchlist("bob", "w1") is None
    assert accounts.delete_watchlist("bob", "w1") is None
    with pytest.raises(UsageError, match="no watchlist"):
        accounts.put_watchlist(replace(kept, owner="bob", name="Mine now"))
    assert accounts.watchlist("ann", "w1") == kept


def test_a_shared_list_is_found_by_its_word_only(accounts):
    accounts.put_watchlist(Watchlist("w0", "ann", "Private", (), 0, 0))
    shared = accounts.put_watchlist(Watchlist("w1", "ann", "A", ("bitcoin",), 1, 0, "word"))
    assert accounts.shared_watchlist("word") == shared
    assert accounts.shared_watchlist("") is None
    with pytest.raises(UsageError, match="taken"):
        accounts.put_watchlist(Watchlist("w2", "bob", "B", (), 0, 0, "word"))


def test_a_deleted_list_can_be_put_back(accounts):
    kept = accounts.put_watchlist(Watchlist("w1", "owner", "A", ("bitcoin",), 0, 0))
    assert accounts.delete_watchlist("owner", "w1") == kept
    assert accounts.watchlists("owner") == []
    back = accounts.put_watchlist(kept)
    assert replace(back, revision=0) == replace(kept, revision=0)


def test_a_board_is_kept_with_its_revision_and_another_one_is_refused(accounts, ann, clock):
    made = accounts.put_board(StoredBoard("", ann.id, {"title": "Été", "parts": []}))
    assert (made.revision, made.ts_changed) == (1, clock.now)
    assert accounts.board(ann.id, made.id) == made
    again = accounts.put_board(replace(made, plan={"title": "B"}), revision=1)
    assert again.revision == 2
    with pytest.raises(Conflict, match="revision must be 2, was 1"):
        accounts.put_board(made, revision=1)
    assert accounts.board(ann.id, made.id).plan == {"title": "B"}


def test_a_board_is_nobody_elses(accounts, ann):
    made = accounts.put_board(StoredBoard("", ann.id, {}))
    bob = accounts.add("Bob", "h", "viewer")
    assert accounts.board(bob.id, made.id) is None
    with pytest.raises(NotFound):
        accounts.put_board(replace(made, owner=bob.id))
    assert accounts.boards(bob.id) == []
    assert accounts.boards(ann.id) == [made]


def test_a_deleted_board_comes_back_for_a_week_and_is_then_gone(accounts, ann, clock):
    made = accounts.put_board(StoredBoard("", ann.id, {}))
    gone = accounts.put_board(replace(made, ts_deleted=clock.now))
    assert accounts.boards(ann.id) == []
    back = accounts.put_board(replace(gone, ts_deleted=None))
    assert accounts.boards(ann.id) == [back]
    accounts.put_board(replace(back, ts_deleted=clock.now))
    clock.now += 7 * DAY_MS + 1
    accounts.put_board(StoredBoard("", ann.id, {}))
    assert accounts.board(ann.id, made.id) is None


def test_of_many_deleted_boards_the_longest_deleted_go_first_and_nobody_elses(accounts, ann, clock):
    bob = accounts.add("Bob", "h", "viewer")
    of_bob = accounts.put_board(StoredBoard("", bob.id, {}, ts_deleted=clock.now))
    kept = accounts.put_board(StoredBoard("", ann.id, {}))
    gone = [
        accounts.put_board(StoredBoard("", ann.id, {}, ts_deleted=clock.now + number))
        for number in range(MOST_DELETED_BOARDS + 2)
    ]
    held = [accounts.board(ann.id, one.id) is not None for one in gone]
    assert held == [False, False, *(True for _ in range(MOST_DELETED_BOARDS))]
    assert accounts.boards(ann.id) == [kept]
    assert accounts.board(bob.id, of_bob.id) == of_bob
