"""What every fact store promises, asked of the real one and of the one in memory."""

from __future__ import annotations

import tracemalloc
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.contracts.memory_facts import MemoryFacts
from vigie.adapters.stores.facts import store as facts_store
from vigie.adapters.stores.facts.sealed import SealedFacts
from vigie.adapters.stores.facts.store import ParquetFacts
from vigie.domain.errors import DataError
from vigie.domain.fact import Observation
from vigie.ports.facts import FactStore

DAY = 86_400_000
MAY = 1_746_057_600_000  # 2025-05-01
CAP = "market/bitcoin/cap_usd"
FEAR = "sentiment/fear_greed_index"


@pytest.fixture(params=["memory", "files", "files, sealed at once", "files, one fact at a time"])
def store(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> FactStore:
    if request.param == "memory":
        return MemoryFacts()
    if "one fact" in request.param:
        monkeypatch.setattr(facts_store, "BATCH_OBSERVATIONS", 1)
    return ParquetFacts(tmp_path / "facts", seal_lines=1 if "sealed" in request.param else 60_000)


def one(day: int, value: float, *, known: int | None = None, series: str = CAP) -> Observation:
    at = MAY + day * DAY
    return Observation(series, at, at + 5_000 if known is None else MAY + known * DAY, value)


def values(store: FactStore, **asked: object) -> list[float]:
    return store.read([CAP], **asked)["value"].to_list()


def test_empty_store_answers_with_nothing(store):
    assert store.latest([CAP]) == {}
    assert store.list_series() == []
    assert store.document("coingecko", "markets") is None
    frame = store.read([CAP])
    assert frame.columns == ["series", "ts_event", "ts_known", "value"]
    assert len(frame) == 0


def test_what_was_stored_is_read_ascending_by_event(store):
    assert store.append([one(40, 3.0), one(0, 1.0), one(1, 2.0)]) == 3
    assert values(store) == [1.0, 2.0, 3.0]
    assert values(store, start_ms=MAY + DAY, end_ms=MAY + 40 * DAY) == [2.0]


def test_value_that_is_there_is_not_stored_again(store):
    store.append([one(0, 1.0), one(1, 2.0)])
    assert store.append([one(0, 1.0, known=3), one(1, 2.0, known=3), one(2, 3.0)]) == 1
    assert store.read([CAP])["ts_known"].to_list()[0] == MAY + 5_000


def test_other_value_for_the_same_time_is_a_revision_and_the_former_stays_readable(store):
    store.append([one(0, 1.0)])
    assert store.append([one(0, 1.5, known=2)]) == 1
    assert values(store) == [1.5]
    assert values(store, as_of=MAY + 2 * DAY) == [1.5]
    assert values(store, as_of=MAY + 2 * DAY - 1) == [1.0]
    assert values(store, as_of=MAY) == []


def test_revision_back_to_a_former_value_is_kept(store):
    store.append([one(0, 1.0, known=1), one(0, 2.0, known=2)])
    assert store.append([one(0, 1.0, known=3)]) == 1
    assert [values(store, as_of=MAY + day * DAY) for day in (1, 2, 3)] == [[1.0], [2.0], [1.0]]


def test_revisions_can_be_read_with_what_they_replaced(store):
    store.append([one(0, 1.0), one(0, 1.5, known=2), one(1, 3.0)])
    rows = store.read([CAP], with_revised=True)["value"].to_list()
    assert rows == [1.0, 1.5, 3.0]
    assert values(store) == [1.5, 3.0]


def test_latest_gives_the_newest_event_in_its_newest_revision(store):
    store.append([one(0, 1.0), one(1, 2.0), one(0, 9.0, known=7), one(3, 20.0, series=FEAR)])
    assert store.latest([CAP, FEAR, "market/ethereum/cap_usd"]) == {
        CAP: one(1, 2.0),
        FEAR: one(3, 20.0, series=FEAR),
    }
    store.append([one(1, 2.5, known=8)])
    assert store.latest([CAP])[CAP].value == 2.5


def test_latest_as_of_knows_nothing_that_came_later(store):
    store.append([one(-70, 0.5), one(0, 1.0), one(1, 2.0), one(1, 2.5, known=8)])
    assert store.latest([CAP], as_of=MAY + 8 * DAY)[CAP].value == 2.5
    assert store.latest([CAP], as_of=MAY + 8 * DAY - 1)[CAP].value == 2.0
    assert store.latest([CAP], as_of=MAY + DAY)[CAP].value == 1.0
    assert store.latest([CAP], as_of=MAY)[CAP].value == 0.5
    assert store.latest([CAP], as_of=MAY - 71 * DAY) == {}


def test_version_differs_once_a_fact_of_a_series_is_stored(store):
    store.append([one(0, 1.0), one(0, 1.0, series=FEAR)])
    before = store.version([CAP])
    assert store.version([CAP]) == before, "nothing was stored"
    store.append([one(0, 1.0)])
    assert store.version([CAP]) == before, "it was there"
    store.append([one(0, 1.5, known=2)])
    corrected = store.version([CAP])
    assert corrected != before
    store.append([one(-900, 0.5)])
    assert len({before, corrected, store.version([CAP])}) == 3, "an older day counts as well"


def test_known_lists_series_by_prefix(store):
    store.append([one(0, 1.0), one(0, 1.0, series=FEAR), one(0, 2.0, series="market/bitcoin/price_usd")])
    assert store.list_series("market/bitcoin/") == [CAP, "market/bitcoin/price_usd"]
    assert len(store.list_series()) == 3


def test_documents_are_read_as_they_were_known(store):
    store.put_document("coingecko", "markets", MAY, {"rows": [1]})
    store.put_document("coingecko", "markets", MAY + DAY, {"rows": [2, "é"]})
    assert store.document("coingecko", "markets") == (MAY + DAY, {"rows": [2, "é"]})
    assert store.document("coingecko", "markets", as_of=MAY + DAY - 1) == (MAY, {"rows": [1]})
    assert store.document("coingecko", "markets", as_of=MAY - 1) is None
    assert store.document("coingecko", "trending") is None


rows = st.lists(
    st.builds(
        one,
        st.integers(0, 70),
        st.sampled_from([1.0, 2.0, 3.0]),
        known=st.integers(0, 99),
        series=st.sampled_from([CAP, FEAR]),
    ),
    max_size=12,
)


@settings(derandomize=True, deadline=None, max_examples=40)
@given(batches=st.lists(rows, max_size=4), as_of=st.one_of(st.none(), st.integers(0, 100)))
def test_files_answer_like_memory(tmp_path_factory, batches, as_of):
    # Two values known at the very same moment have no order: the first of them is asked for only.
    seen: set[tuple[str, int, int]] = set()
    memory = MemoryFacts()
    root = tmp_path_factory.mktemp("facts")
    writer, reader = ParquetFacts(root, seal_lines=10), ParquetFacts(root)
    for batch in batches:
        plain = []
        for row in batch:
            key = (row.series, row.ts_event, row.ts_known)
            if key not in seen:
                seen.add(key)
                plain.append(row)
        assert writer.append(plain) == memory.append(plain)
        known = None if as_of is None else MAY + as_of * DAY
        for asked in ([CAP], [CAP, FEAR]):
            assert reader.latest(asked, as_of=known) == memory.latest(asked, as_of=known)
            assert reader.read(asked, as_of=known).equals(memory.read(asked, as_of=known))
        assert reader.list_series() == memory.list_series()


def test_another_process_sees_what_was_written_before_and_after_sealing(tmp_path):
    writer, reader = ParquetFacts(tmp_path), ParquetFacts(tmp_path)
    writer.append([one(0, 1.0)])
    assert reader.latest([CAP])[CAP].value == 1.0
    writer.seal()
    assert reader.latest([CAP])[CAP].value == 1.0
    writer.append([one(1, 2.0)])
    writer.seal()
    writer.append([one(2, 3.0)])
    assert reader.latest([CAP])[CAP].value == 3.0
    assert values(reader) == [1.0, 2.0, 3.0]


@pytest.mark.parametrize("cut", [1, 5, 20, 40])
def test_line_cut_by_a_kill_is_not_read_and_the_next_one_is_whole(tmp_path, cut):
    ParquetFacts(tmp_path).append([one(0, 1.0)])
    tail = tmp_path / "tail.log"
    whole = tail.read_bytes()
    ParquetFacts(tmp_path).append([one(1, 123.456)])
    tail.write_bytes(tail.read_bytes()[:-cut])
    reader = ParquetFacts(tmp_path)
    assert values(reader) == [1.0]
    assert ParquetFacts(tmp_path).append([one(1, 123.456)]) == 1
    assert values(reader) == [1.0, 123.456]
    assert tail.read_bytes().startswith(whole)


def test_what_is_not_sealed_is_held_without_objects_for_every_line(tmp_path):
    lines = 2_000
    ParquetFacts(tmp_path).append([one(day, day + 0.5) for day in range(lines)])
    reader = ParquetFacts(tmp_path)
    tracemalloc.start()
    try:
        reader.latest([CAP])
        held = tracemalloc.take_snapshot()
    finally:
        tracemalloc.stop()
    ours = held.filter_traces([tracemalloc.Filter(True, f"*{name}.py") for name in ("tail", "store")])
    assert sum(one.count for one in ours.statistics("filename")) < lines / 10
    assert values(reader) == [day + 0.5 for day in range(lines)]


def test_line_with_a_time_that_no_file_could_hold_is_not_read(tmp_path):
    store = ParquetFacts(tmp_path)
    store.append([one(0, 1.0)])
    with (tmp_path / "tail.log").open("ab") as tail:
        tail.write(f"{CAP} {'9' * 30} 1 2.0\n".encode())
    store.append([one(1, 3.0)])
    store.seal()
    assert values(ParquetFacts(tmp_path)) == [1.0, 3.0]


def test_killed_between_sealing_and_the_new_tail_nothing_is_lost_or_doubled(tmp_path):
    store = ParquetFacts(tmp_path)
    store.append([one(0, 1.0), one(1, 2.0)])
    before = (tmp_path / "tail.log").read_bytes()
    store.seal()
    (tmp_path / "tail.log").write_bytes(before)
    again = ParquetFacts(tmp_path)
    assert values(again) == [1.0, 2.0]
    assert again.append([one(0, 1.0), one(1, 2.0)]) == 0
    again.seal()
    assert values(ParquetFacts(tmp_path)) == [1.0, 2.0]


def test_what_was_read_of_sealed_files_is_kept_with_each_name_once(tmp_path):
    names = [f"derivatives/binance-perp:{asset}-usdt-perp/open_interest_coins" for asset in ("btc", "eth")]
    store = ParquetFacts(tmp_path / "facts", seal_lines=1)
    store.append([one(0, float(at), known=at, series=name) for name in names for at in range(1_000)])
    rows = SealedFacts(tmp_path / "facts").rows("derivatives", "2025-05", names)
    assert len(rows) == 2_000
    assert rows.estimated_size() < 30 * len(rows), "times, value and a number, no name for each row"
    assert store.read(names, with_revised=True)["series"].to_list() == sorted(names * 1_000)


def test_sealed_files_are_of_a_topic_and_month(tmp_path):
    store = ParquetFacts(tmp_path)
    store.append([one(0, 1.0), one(31, 2.0), one(0, 50.0, series=FEAR)])
    store.seal()
    names = sorted(path.relative_to(tmp_path).as_posix() for path in tmp_path.glob("*/*.parquet"))
    assert names == ["market/2025-05.parquet", "market/2025-06.parquet", "sentiment/2025-05.parquet"]


def test_sealing_makes_no_objects_for_every_line(tmp_path):
    lines, before = 2_000, -25_567  # a month before 1970, too
    store = ParquetFacts(tmp_path)
    store.append([one(day, day + 0.5) for day in range(lines)] + [one(before, 7.0, series=FEAR)])
    tracemalloc.start()
    try:
        store.seal()
        most = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    # Times and value take 24 bytes each, as read and as a table; a `Fact` alone takes 150, the names of files 170.
    assert most < 100 * lines
    assert values(ParquetFacts(tmp_path)) == [day + 0.5 for day in range(lines)]
    (early,) = tmp_path.glob("sentiment/*.parquet")
    assert early.stem == facts_store.to_month(MAY + before * DAY)


@pytest.mark.parametrize(
    "bad",
    [
        one(0, float("nan")),
        one(0, 1.0, series="market/a b/cap_usd"),
        one(0, 1.0, series="../etc/x"),
        Observation(FEAR, 1_795_219_200_000_000, 0, 40.0),
        Observation(FEAR, 10**30, 10**30, 40.0),
        Observation(FEAR, -(10**15), 0, 40.0),
        Observation(FEAR, 0, 10**17, 40.0),
    ],
)
def test_what_cannot_be_a_fact_is_refused_and_nothing_of_the_batch_is_stored(tmp_path, bad):
    store = ParquetFacts(tmp_path)
    with pytest.raises(DataError, match="must"):
        store.append([one(0, 1.0), bad])
    assert store.list_series() == []


def test_of_earlier_documents_one_an_hour_stays(tmp_path):
    store = ParquetFacts(tmp_path)
    minute = 60_000
    for at in (0, 10, 50, 70, 80, 95):
        store.put_document("coingecko", "markets", MAY + at * minute, {"at": at})
    kept = sorted((tmp_path / "documents" / "coingecko" / "markets").glob("*.json.gz"))
    assert [(int(path.name.split(".")[0]) - MAY) // minute for path in kept] == [0, 70, 95]
    assert store.document("coingecko", "markets", as_of=MAY + 60 * minute) == (MAY, {"at": 0})
