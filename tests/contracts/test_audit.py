"""What every audit chain promises, on every database: nothing is changed, removed or put in unseen."""

from __future__ import annotations

import threading

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import delete, select, update
from sqlalchemy.exc import DBAPIError

from tests.databases import HandClock, unguarded, wipe
from vigie.adapters.stores.sql.audit import SqlAuditLog
from vigie.adapters.stores.sql.database import Database, open_database
from vigie.adapters.stores.sql.tables import AuditEventRow, AuditTextRow, ChainHeadRow
from vigie.domain.errors import DataError, InvariantBroken
from vigie.ports.audit import AuditLog


@pytest.fixture
def audit(database: Database, clock: HandClock) -> AuditLog:
    return SqlAuditLog(database, clock)


def fill(audit, count=6):
    return [
        audit.append(
            f"kind.{n % 2}", actor=f"u{n % 3}", subject=f"s{n}", text={"n": n, "mail": f"{n}@example.org"}
        )
        for n in range(count)
    ]


def test_an_empty_chain_is_whole(audit: AuditLog):
    assert audit.verify() == audit.newest() == 0
    assert audit.after(0) == []


def test_records_come_back_in_order_with_their_texts(audit, clock):
    made = fill(audit)
    assert [event.seq for event in made] == [1, 2, 3, 4, 5, 6]
    assert made[0].ts == clock.now
    assert made[0].text == {"n": 0, "mail": "0@example.org"}
    assert audit.after(0) == made
    assert audit.after(4) == made[4:]
    assert audit.after(1, limit=2) == made[1:3]
    assert audit.after(0, kinds=["kind.1"], limit=2) == [made[1], made[3]]
    assert audit.after(0, subject="s1") == audit.after(0, kinds=["kind.1"], subject="s1") == [made[1]]
    assert audit.after(0, kinds=["kind.0"], subject="s1") == audit.after(2, subject="s1") == []
    assert audit.before(4) == made[2::-1]
    assert audit.before(7, limit=2) == made[:3:-1]
    assert audit.before(4, kinds=["kind.1"]) == [made[1]]
    assert audit.before(1) == []
    assert audit.newest() == audit.verify() == 6


def test_what_a_person_did_and_what_was_done_with_them_comes_back_newest_first(audit):
    made = [
        audit.append(kind, actor=actor, subject=subject, text={})
        for kind, actor, subject in (
            ("account.sign_in", "u1", "u1"), ("account.lock", "root", "u1"), ("token.new", "u1", "t1"),
            ("trade.wish", "u1", "main"), ("account_.x", "u1", "u1"), ("account.sign_in", "u2", "u2"),
            ("x.account.", "u1", "u1"),
        )
    ]  # fmt: skip
    assert audit.of_person("u1", ("account.", "token.")) == made[2::-1]
    assert audit.of_person("u1", ("account.", "token."), after=made[1].seq) == [made[2]]
    assert audit.of_person("u1", ("account_",)) == [made[4]]
    assert audit.of_person("nobody", ("account.",)) == []


def test_texts_come_back_exactly(audit):
    text = {"b": 1e23, "a": [0.1, -0.0, 2**60, None, True], "é": "\\u0000 €\n", "deep": {"x": {}}}
    audit.append("kind", actor="u1", subject="s", text=text)
    assert repr(audit.after(0)[0].text) == repr(text)
    assert audit.verify() == 1


def test_what_is_no_plain_value_is_refused_and_takes_no_number(audit):
    with pytest.raises(DataError):
        audit.append("kind", actor="u1", subject="s", text={"x": float("nan")})
    assert audit.append("kind", actor="u1", subject="s", text={}).seq == 1


def test_equal_texts_have_different_digests(audit):
    first, second = (audit.append("kind", actor="u1", subject="s", text={"mail": "a@b"}) for _ in range(2))
    assert first.digest != second.digest


def test_forgetting_a_person_removes_their_texts_and_the_chain_stays_whole(audit, database):
    made = fill(audit)
    assert audit.forget("u1") == 2
    assert audit.verify() == 7
    after = audit.after(0)
    assert [event.text is None for event in after] == [False, True, False, False, True, False, False]
    assert [(event.seq, event.digest, event.hash) for event in after[:6]] == [
        (event.seq, event.digest, event.hash) for event in made
    ]
    assert after[6].kind == "audit.forget"
    with database.reading() as connection:
        left = "".join(connection.scalars(select(AuditTextRow.text)))
    assert "1@example.org" not in left
    assert "4@example.org" not in left
    assert "0@example.org" in left


def test_forgetting_who_did_nothing_leaves_no_trace(audit):
    fill(audit)
    assert audit.forget("nobody") == 0
    assert audit.forget("u1") == 2
    assert audit.forget("u1") == 0
    assert audit.newest() == 7


def test_what_a_forgotten_person_does_later_is_kept(audit):
    fill(audit)
    audit.forget("u1")
    audit.append("kind", actor="u1", subject="s", text={"again": True})
    assert audit.verify() == 8
    assert audit.after(7)[0].text == {"again": True}


@pytest.mark.parametrize("change", [update(AuditEventRow).values(kind="x"), delete(AuditEventRow)])
def test_the_database_itself_refuses_to_change_or_remove_records(audit, database, change):
    fill(audit)
    with pytest.raises(DBAPIError, match="never changed or removed"):
        run(database, delete(AuditTextRow), change)
    assert audit.verify() == 6


def run(database, *statements):
    with database.writing() as connection:
        for statement in statements:
            connection.execute(statement)


def tamper(database, statement):
    with database.writing() as connection, unguarded(connection):
        assert connection.execute(statement).rowcount == 1


CHANGES = {
    "ts": lambda value: value + 1,
    "kind": lambda value: value + "x",
    "actor": lambda value: value + "x",
    "subject": lambda value: value + "x",
    "digest": lambda value: value[::-1],
    "hash": lambda value: value[::-1],
}


@settings(
    derandomize=True, deadline=None, max_examples=25,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)  # fmt: skip
@given(data=st.data())
def test_any_edit_or_deletion_is_found(database, clock, data):
    wipe(database)
    audit = SqlAuditLog(database, clock)
    count = data.draw(st.integers(1, 8))
    for n in range(count):
        actor = data.draw(st.sampled_from(["u1", "u2"]))
        audit.append("kind", actor=actor, subject=f"s{n}", text={"n": n})
    forgotten = data.draw(st.sampled_from(["", "u1"]))
    if forgotten:
        count += bool(audit.forget(forgotten))
    assert audit.verify() == count
    seq = data.draw(st.integers(1, count))
    event = audit.after(seq - 1, limit=1)[0]
    what = data.draw(st.sampled_from([*CHANGES, "seq", "remove", "text", "remove text", "head"]))
    if what in CHANGES:
        values = {what: CHANGES[what](getattr(event, what))}
        tamper(database, update(AuditEventRow).where(AuditEventRow.seq == seq).values(values))
    elif what == "head":
        tamper(database, update(ChainHeadRow).values(seq=ChainHeadRow.seq - 1))
    elif what in ("seq", "remove"):
        with database.writing() as connection, unguarded(connection):
            connection.execute(delete(AuditTextRow).where(AuditTextRow.seq == seq))
            if what == "seq":
                moved = data.draw(st.sampled_from([-1, 0, count + 1]))
                connection.execute(update(AuditEventRow).where(AuditEventRow.seq == seq).values(seq=moved))
            else:
                connection.execute(delete(AuditEventRow).where(AuditEventRow.seq == seq))
    elif event.text is None:
        return
    elif what == "text":
        tamper(database, update(AuditTextRow).where(AuditTextRow.seq == seq).values(text='{"n":99}'))
    else:
        tamper(database, delete(AuditTextRow).where(AuditTextRow.seq == seq))
    with pytest.raises(InvariantBroken):
        audit.verify()


@settings(
    derandomize=True, deadline=None, max_examples=25,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)  # fmt: skip
@given(deeds=st.lists(st.tuples(st.sampled_from(["append", "forget"]), st.sampled_from("abc")), max_size=14))
def test_whatever_was_appended_and_forgotten_the_chain_is_whole(database, clock, deeds):
    wipe(database)
    audit = SqlAuditLog(database, clock)
    for deed, actor in deeds:
        if deed == "append":
            audit.append("kind", actor=actor, subject="s", text={"actor": actor})
        else:
            audit.forget(actor)
            left = [event for event in audit.after(0) if event.actor == actor and event.kind == "kind"]
            assert all(event.text is None for event in left)
    assert audit.verify() == audit.newest() == len(audit.after(0))


def test_a_rewritten_last_record_is_found_by_the_head(audit, database):
    fill(audit, 3)
    with database.writing() as connection, unguarded(connection):
        connection.execute(delete(AuditTextRow).where(AuditTextRow.seq == 3))
        connection.execute(delete(AuditEventRow).where(AuditEventRow.seq == 3))
    with pytest.raises(InvariantBroken, match="the audit log ends at entry"):
        audit.verify()


def test_writers_beside_each_other_make_one_chain(database_url: str, database: Database, clock: HandClock):
    def write(name: str) -> None:
        own = open_database(database_url)
        mine = SqlAuditLog(own, clock)
        for number in range(10):
            mine.append("kind", actor=name, subject="s", text={"n": number})
        own.close()

    writers = [threading.Thread(target=write, args=(f"u{number}",)) for number in range(3)]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()
    audit = SqlAuditLog(database, clock)
    assert audit.verify() == 30
    assert {event.actor for event in audit.after(0)} == {"u0", "u1", "u2"}


def test_audit_waits_for_the_disk(database: Database):
    if not database.is_sqlite:
        with database.writing(durable=True) as connection:
            assert connection.exec_driver_sql("SHOW synchronous_commit").scalar() == "on"
        return
    with database.writing(durable=True) as connection:
        assert connection.exec_driver_sql("PRAGMA synchronous").scalar() == 2
    with database.writing() as connection:
        assert connection.exec_driver_sql("PRAGMA synchronous").scalar() == 1
