"""Files as French spreadsheets save them: spaces between thousands, days with dots, orders of days, encodings."""

from __future__ import annotations

import pytest

from tests.unit.services.holdings.material import ANN, ask, holding_house
from vigie.domain.errors import UsageError
from vigie.services.holdings.file_cells import bare_number, written_moment
from vigie.services.refusal_text import translate_plain
from vigie.services.text_encoding import decode_text, encoding_note

COLUMNS = {"time": "Date", "kind": "Type", "coin": "Crypto", "quantity": "Quantité", "amount": "Montant"}
HEAD = "Date;Type;Crypto;Quantité;Montant\n"


@pytest.fixture
def built(tmp_path):
    return holding_house(tmp_path / "home")


def load(built, rows, **more):
    text = HEAD + "".join(f"{row}\n" for row in rows)
    return ask(built, "import", ANN, text=text, **{"columns": COLUMNS, "currency": "EUR", **more})


@pytest.mark.parametrize("space", [" ", "\u00a0", "\u202f", "\u2009"])
@pytest.mark.parametrize(
    ("written", "amount"),
    [
        ("1 234,5", "1234.5"), ("1 234,56 €", "1234.56"), ("1 234 567", "1234567"), ("12 345,678", "12345.678"),
        ("€1 234,5", "1234.5"), ("1 234,5 EUR", "1234.5"),
    ],
)  # fmt: skip
def test_spaces_between_thousands_are_none_of_the_number(built, space, written, amount):
    found = load(built, [f"2025-02-01;achat;BTC;0,5;{written.replace(' ', space)}"])
    assert [line.amount for line in found.new_lines] == [amount], found.refused


@pytest.mark.parametrize("written", ["12 34", "1 2345", "0 123", "1 234 5", "1 234.567,8", "1  234"])
def test_other_spaces_in_a_number_are_refused(built, written):
    (fault,) = load(built, [f"2025-02-01;achat;BTC;1;{written}"]).refused
    assert (fault.column, fault.message.code) == ("montant", "import_must_number")


def test_a_bare_number_has_no_space_between_its_thousands():
    assert [bare_number(one) for one in ("1 234,5", "-1\u202f234", "12 34", "EUR 5")] == [
        "1234,5",
        "-1234",
        "12 34",
        "5",
    ]


@pytest.mark.parametrize(
    ("days", "order", "first"),
    [
        (["13.02.2025", "03.02.2025"], "day_first", "2025-02-03"),
        (["13/02/2025", "03/02/2025"], "day_first", "2025-02-03"),
        (["13.02.2025 10:30", "03.02.2025 10:30"], "day_first", "2025-02-03"),
        (["02/13/2025", "03/02/2025"], "month_first", "2025-02-13"),
    ],
)
def test_the_order_of_days_is_the_one_that_some_day_shows(built, days, order, first):
    found = load(built, [f"{day};achat;BTC;0,5;100" for day in days])
    assert (found.dates, min(line.at for line in found.new_lines)[:10]) == (order, first)


@pytest.mark.parametrize("day", ["03.02.2025", "3.2.2025", "03.02.2025 10:30"])
@pytest.mark.parametrize("more", [{}, {"dates": "month_first"}])
def test_days_with_dots_have_the_day_first_and_those_with_slashes_stay_asked(built, day, more):
    assert [line.at[:10] for line in load(built, [f"{day};achat;BTC;0,5;100"], **more).new_lines] == [
        "2025-02-03"
    ]
    found = load(built, [f"{day};achat;BTC;0,5;100", "03/02/2025;achat;BTC;0,5;100"])
    assert [(fault.row, fault.message.code) for fault in found.refused] == [(3, "import_unsure_day")]


@pytest.mark.parametrize("day", ["03/02/2025", "3/2/2025"])
def test_days_that_no_other_day_explains_are_asked(built, day):
    rows = [f"{day};achat;BTC;0,5;100", "05/05/2025;achat;BTC;0,5;100"]
    found = load(built, rows)
    assert [(fault.row, fault.message.code) for fault in found.refused] == [(2, "import_unsure_day")]
    assert [line.at[:10] for line in found.new_lines] == ["2025-05-05"]
    for order, meant in (("day_first", "2025-02-03"), ("month_first", "2025-03-02")):
        assert load(built, rows, dates=order).new_lines[0].at[:10] == meant


def test_a_file_of_a_known_venue_is_asked_in_the_same_way(built):
    head = "Date,Sent Amount,Sent Currency,Received Amount,Received Currency,Fee Amount,Fee Currency,Label\n"
    unsure, sure = "01/02/2025 10:00:00,1,EUR,1,BTC,,,\n", "13/02/2025 10:00:00,1,EUR,1,BTC,,,\n"
    (fault,) = ask(built, "import", ANN, text=head + unsure).refused
    assert fault.message.code == "import_unsure_day"
    assert ask(built, "import", ANN, text=head + unsure + sure).new_lines[0].at[:10] == "2025-02-01"


@pytest.mark.parametrize(
    "day", ["2024-02-30", "30.02.2024", "31/04/2024 10:00", "2024-13-01", "2024-02-01 25:00:00"]
)
def test_a_day_that_does_not_exist_is_said_so(built, day):
    (fault,) = load(built, [f"{day};achat;BTC;0,5;100"], dates="day_first").refused
    assert (fault.column, fault.message.code) == ("date", "outside_no_such_day")


def test_a_refusal_of_a_number_names_the_mark_in_french(built):
    (fault,) = load(built, ["2025-02-01;achat;BTC;0,5;beaucoup"]).refused
    said = translate_plain(fault.message, "fr")
    assert "virgule" in said
    assert "comma" not in said


def test_dots_are_slashes_and_a_day_begins_at_midnight():
    assert [written_moment(one) for one in ("13.02.2024", "13.02.2024 10:00", "2024-02-13", "1.2.20245")] == [
        "13/02/2024 00:00", "13/02/2024 10:00", "2024-02-13", "1.2.20245",
    ]  # fmt: skip


TEXT = "Date;Quantité\n1 €;œuvre\n"


@pytest.mark.parametrize(
    ("content", "encoding"),
    [
        (TEXT.encode(), ""), (TEXT.encode("utf-8-sig"), ""), (TEXT.encode("cp1252"), "Windows-1252"),
        (TEXT.encode("utf-16"), "UTF-16"), (("\ufeff" + TEXT).encode("utf-16-be"), "UTF-16"),
    ],
)  # fmt: skip
def test_a_file_of_a_spreadsheet_is_read_in_its_encoding_and_says_which(content, encoding):
    assert decode_text(content) == (TEXT, encoding)
    assert encoding in encoding_note(encoding)
    assert bool(encoding_note(encoding)) is bool(encoding)


@pytest.mark.parametrize(
    "content",
    [
        b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR",
        b"PK\x03\x04\x14\0",
        b"\xff\xd8\xff\xe0\0\x10JFIF",
        TEXT.encode("utf-16-le"),
        b"a;\x81",
    ],
)
def test_what_is_no_text_is_said_to_be_none(content):
    with pytest.raises(UsageError, match="the file is no text"):
        decode_text(content)
