"""Files of holdings: any order of rows and files brings the same lines, each once; no text crashes a reader."""

from __future__ import annotations

from fractions import Fraction

from hypothesis import given, settings
from hypothesis import strategies as st

from vigie.domain.asset import WATCHED
from vigie.domain.errors import UsageError
from vigie.domain.holding import current_records, sort_records
from vigie.domain.time import parse_time
from vigie.services.holdings.file_events import TickerBook, to_events
from vigie.services.holdings.file_readers import read_drafts
from vigie.services.holdings.file_table import FileStyle

NOW = parse_time("2026-05-29")
HEAD = "Date,Sent Amount,Sent Currency,Received Amount,Received Currency,Fee Amount,Fee Currency,Label"
ROWS = st.tuples(
    st.integers(1, 28),
    st.sampled_from(["1,EUR,1,BTC", "2,BTC,3,ETH", ",,1,ETH", "1,BTC,,"]),
    st.sampled_from([",", "1,EUR"]),
).map(lambda row: f"2025-02-{row[0]:02} 10:00:00,{row[1]},{row[2]},")


def events_of(text: str):
    drafts = read_drafts(text, FileStyle(NOW), columns={})
    found = to_events(drafts, TickerBook(WATCHED, {}), "Safe")
    assert not drafts.refused
    assert not found.refused
    return [record for _, record in found.records]


def kept(files: list[list[str]]) -> dict[str, str]:
    revisions = []
    for rows in files:
        said = current_records(revisions)[1]
        found = sort_records(said, events_of("\n".join([HEAD, *rows])))
        assert not found.conflicting
        revisions += [(record, "file") for record in found.new]
    return {event: record.content for event, record in current_records(revisions)[0].items()}


@settings(max_examples=25)
@given(st.lists(ROWS, max_size=6), st.randoms())
def test_the_order_of_rows_changes_nothing_and_a_file_twice_changes_nothing(rows, random):
    mixed = list(rows)
    random.shuffle(mixed)
    assert kept([rows]) == kept([mixed]) == kept([rows, mixed, rows])
    assert len(kept([rows])) == len(rows), "equal rows are as many events"


@settings(max_examples=25)
@given(st.lists(st.lists(ROWS, max_size=4, unique=True), max_size=4))
def test_the_order_of_files_changes_nothing_and_what_two_of_them_tell_is_one_line(files):
    assert kept(files) == kept(files[::-1]) == kept([*files, *files])
    assert len(kept(files)) == len({row for rows in files for row in rows})


HOSTILE = st.text(st.characters(codec="utf-8"), max_size=40)


@settings(max_examples=60)
@given(st.lists(st.lists(HOSTILE, min_size=8, max_size=8), max_size=4))
def test_no_text_crashes_a_reader_or_is_lost(rows):
    body = "\n".join(",".join('"' + cell.replace('"', '""') + '"' for cell in row) for row in rows)
    try:
        drafts = read_drafts(f"{HEAD}\n{body}\n", FileStyle(NOW), columns={})
    except UsageError:
        return
    found = to_events(drafts, TickerBook(WATCHED, {}), "Safe")
    told = len(drafts.refused) + len(drafts.left_out) + len(found.refused) + len(found.left_out)
    filled = [row for row in rows if any(cell.strip() for cell in row)]
    assert told + len(found.records) >= len(filled)


OWN = {
    "time": "day",
    "kind": "kind",
    "coin": "coin",
    "quantity": "n",
    "unit_price": "each",
    "currency": "cur",
}
PLAIN = st.decimals("0.000001", "1000000", places=6, allow_nan=False)


@settings(max_examples=60)
@given(PLAIN, PLAIN)
def test_the_amount_of_a_row_is_its_quantity_times_the_price_of_one_coin_to_the_last_step(quantity, price):
    text = f"day,kind,coin,n,each,cur\n2025-02-01,buy,BTC,{quantity},{price},EUR\n"
    (draft,) = read_drafts(text, FileStyle(NOW), columns=OWN).drafts
    exact = Fraction(quantity) * Fraction(price)
    told = Fraction(draft.gave.quantity) if draft.gave else Fraction(0)
    assert abs(told - exact) <= Fraction(1, 2 * 10**8)
    assert told * 10**8 == int(told * 10**8)


LONG = st.tuples(st.integers(1, 10**18 - 1), st.text("0123456789", max_size=18)).map(
    lambda parts: f"{parts[0]}.{parts[1]}".rstrip(".")
)


@settings(max_examples=60)
@given(LONG, LONG)
def test_what_left_and_its_fee_keep_every_digit(quantity, fee):
    text = f"{HEAD}\n2025-02-01 10:00:00,{quantity},BTC,,,{fee},BTC,\n"
    drafts = read_drafts(text, FileStyle(NOW, mark="point"), columns={})
    (draft,) = drafts.drafts
    assert [Fraction(draft.gave.quantity), Fraction(draft.fee.quantity)] == [
        Fraction(quantity),
        Fraction(fee),
    ]
