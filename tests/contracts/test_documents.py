"""What every store of raw documents promises: both databases, and MongoDB as far as it can be had."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from tests.databases import KINDS, HandClock, wipe
from vigie.adapters.stores.mongo import MongoDocuments, open_mongo
from vigie.adapters.stores.sql.database import Database
from vigie.adapters.stores.sql.documents import SqlDocuments
from vigie.adapters.stores.sql.sql_store import BATCH_ROWS
from vigie.domain.errors import DataError
from vigie.ports.documents import DocumentStore

BODY = {"list": [1, 2.5, None, True, {"é": "€"}], "big": 1e23, "text": "\\u0000\n"}


def mongo_server(name: str) -> Any:
    if name == "mongomock":
        mongomock = pytest.importorskip("mongomock", reason="the test requirements are not installed")
        return MongoDocuments(mongomock.MongoClient()["vigie"])
    address = os.environ.get("VIGIE_TEST_MONGO_URL")
    if not address:
        return None
    store = open_mongo(address)
    store.remove_before(2**62)
    return store


@pytest.fixture(
    params=[*KINDS, "mongomock", *(["mongodb"] if os.environ.get("VIGIE_TEST_MONGO_URL") else [])]
)
def documents(request: Any, clock: HandClock) -> DocumentStore:
    if request.param.startswith("mongo"):
        return mongo_server(request.param)
    database = request.getfixturevalue(f"{request.param}_database")
    wipe(database)
    return SqlDocuments(database, clock)


def test_an_empty_store_has_nothing(documents: DocumentStore):
    assert documents.get("d0") is None
    assert documents.newest("page", "k") is None
    assert documents.list("page") == []
    assert documents.remove_before(10**15) == 0
    assert documents.size_bytes() == 0


def test_a_document_comes_back_as_it_was(documents):
    kept = documents.put("page", "https://example.org/a?b=1", 5, BODY)
    assert documents.get(kept.id) == documents.newest("page", "https://example.org/a?b=1") == kept
    assert repr(kept.body) == repr(documents.get(kept.id).body) == repr(BODY)
    assert (kept.kind, kept.key, kept.ts_known) == ("page", "https://example.org/a?b=1", 5)


def test_what_is_kept_is_not_changed_by_what_the_caller_does_later(documents):
    body = {"a": 1}
    kept = documents.put("page", "k", 5, body)
    body["a"] = 2
    assert documents.get(kept.id).body == {"a": 1}


def test_the_same_body_again_is_the_one_that_is_there(documents):
    first = documents.put("page", "k", 5, BODY)
    assert documents.put("page", "k", 9, dict(BODY)) == first
    assert documents.list("page") == [first]


def test_the_same_body_under_another_key_or_kind_is_another(documents):
    ids = {documents.put(kind, key, 5, BODY).id for kind in ("page", "wire") for key in ("k", "l")}
    assert len(ids) == 4


def test_a_body_that_comes_back_after_another_is_kept_again(documents):
    for ts, body in ((1, {"v": 1}), (2, {"v": 2}), (3, {"v": 1})):
        documents.put("page", "k", ts, body)
    assert [document.body["v"] for document in documents.list("page")] == [1, 2, 1]
    assert documents.newest("page", "k").ts_known == 3


def test_a_late_one_does_not_become_the_newest(documents):
    newest = documents.put("page", "k", 9, {"v": 2})
    late = documents.put("page", "k", 5, {"v": 1})
    assert documents.newest("page", "k") == newest
    assert documents.put("page", "k", 5, {"v": 1}) == late
    assert documents.list("page") == [late, newest]


def test_lists_are_ascending_within_their_bounds(documents):
    made = [documents.put("page", f"k{ts}", ts, {"ts": ts}) for ts in (3, 1, 2, 4)]
    documents.put("wire", "k", 2, {})
    ordered = sorted(made, key=lambda document: document.ts_known)
    assert documents.list("page") == ordered
    assert documents.list("page", after_ms=2, before_ms=4) == ordered[1:3]
    assert documents.list("page", limit=1) == ordered[:1]
    assert documents.list("page", limit=2, is_newest_first=True) == ordered[:1:-1]


def test_old_ones_are_removed_of_one_kind_or_of_all(documents):
    for kind in ("page", "wire"):
        for ts in (1, 2, 3):
            documents.put(kind, f"k{ts}", ts, {"ts": ts})
    assert documents.remove_before(3, kind="page") == 2
    assert [document.ts_known for document in documents.list("page")] == [3]
    assert len(documents.list("wire")) == 3
    assert documents.remove_before(2) == 1
    assert documents.remove_before(10) == 3
    assert documents.size_bytes() == 0


def test_many_are_removed_a_few_at_a_time(database, clock, monkeypatch):
    documents = SqlDocuments(database, clock)
    for number in range(2 * BATCH_ROWS + 3):
        documents.put("page", f"k{number}", number, {"n": number})
    documents.put("wire", "k", 1, {})
    taken: list[int] = []
    real = Database.writing

    @contextmanager
    def counted(self: Database, *given: Any, **more: Any) -> Iterator[Any]:
        before = len(documents.list("page"))
        with real(self, *given, **more) as connection:
            yield connection
        taken.append(before - len(documents.list("page")))

    monkeypatch.setattr(Database, "writing", counted)
    assert documents.remove_before(2 * BATCH_ROWS, kind="page") == 2 * BATCH_ROWS
    assert max(taken) == BATCH_ROWS
    assert [one.ts_known for one in documents.list("page")] == [2 * BATCH_ROWS + n for n in range(3)]
    assert documents.remove_before(2**40) == 4


def test_the_room_they_take_grows_and_shrinks(documents):
    documents.put("page", "k", 1, {"text": "x" * 1_000})
    small = documents.size_bytes()
    documents.put("page", "l", 2, {"text": "y" * 10_000})
    large = documents.size_bytes()
    assert 1_000 <= small < 2_000
    assert 11_000 <= large < 13_000
    documents.remove_before(2)
    assert 10_000 <= documents.size_bytes() < 12_000


@pytest.mark.parametrize(
    "body", [{"x": float("nan")}, {"x": "a\0b"}, {"x": "\ud800"}, {"x": object()}, {1: 2, "1": 3}]
)
def test_a_body_that_is_no_plain_json_is_refused(documents, body):
    with pytest.raises(DataError, match="plain JSON"):
        documents.put("page", "k", 1, body)
    assert documents.list("page") == []


@pytest.mark.parametrize("body", [{"$set": {"a.b": 1}}, {"": 0, "a.b": {"$c": [2**70]}}])
def test_keys_that_mean_something_to_a_database_are_only_keys(documents, body):
    kept = documents.put("page", "k", 1, body)
    assert documents.get(kept.id).body == body
