"""The letter about what a person owns: its days, figures, lesson and the one thing to do; each person's own."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from html import escape

import pytest

from tests import houses
from tests.channels import notifiers_of
from tests.unit.services.holdings.material import ANN, BOB, ask, close_of, holding_house
from vigie.catalogue import translate
from vigie.domain.alert import Channel
from vigie.domain.errors import UsageError
from vigie.domain.fact import Observation
from vigie.domain.person import VISITOR
from vigie.domain.time import DAY_MS
from vigie.intelligence.holdings.booking import BookRules, book_events
from vigie.intelligence.holdings.letter import (
    LetterMaterial,
    LetterTask,
    LetterValuation,
    first_task,
    letter_period,
    write_letter,
)
from vigie.intelligence.holdings.price_table import PriceTable
from vigie.ports.reports import NoReportPrinter
from vigie.services.glossary import TERMS
from vigie.services.holdings.letter_report import letter_text
from vigie.services.holdings.letter_rows import LetterWriter
from vigie.services.holdings.letter_words import LESSONS, PARTS
from vigie.services.operation_calls import run_operation
from vigie.services.operations.holding_letter import MAX_SENT_PER_HOUR
from vigie.views.api.exports import export

FIRST = date.fromisoformat(houses.START)
LAST = houses.DAYS - 1
HOSTILE = "<script>#*_[x](y) {name} =cmd"


@pytest.fixture
def built(tmp_path):
    return holding_house(tmp_path / "home")


class Postman:
    """Keeps what it should send."""

    def __init__(self):
        self.sent = []

    async def send(self, message):
        self.sent.append(message)
        return ""


def day(number: int) -> str:
    return (FIRST + timedelta(number)).isoformat()


def add(built, coin="BTC", quantity="1", number=10, amount="100", **more):
    values = {"coin": coin, "quantity": quantity, "day": day(number), "amount": amount, "currency": "USD"}
    return ask(built, "add", **values | more)


def letter(built, **asked):
    return ask(built, "letter", **{"currency": "usd", **asked})


def said(told, part):
    return [row.text for row in told.rows if row.part == part]


def test_a_period_ends_with_the_newest_close_and_numbers_of_weeks_change_on_mondays():
    monday = date(2025, 8, 25)
    period = letter_period("week", monday, date(2025, 8, 24))
    assert (period.start, period.first, period.last, period.end) == (
        date(2025, 8, 17), date(2025, 8, 18), date(2025, 8, 24), monday,
    )  # fmt: skip
    assert (period.last - letter_period("month", monday, None).start).days == 29
    numbers = [letter_period("week", monday + timedelta(back), None).number for back in range(-1, 8)]
    assert [number - numbers[0] for number in numbers] == [0, 1, 1, 1, 1, 1, 1, 1, 2]
    ends = (date(2025, 12, 31), date(2026, 1, 1))
    december, january = (letter_period("month", end, None).number for end in ends)
    assert january - december == 1


def test_what_is_asked_first_is_done_first():
    tasks = [LetterTask(code) for code in ("share", "no_price", "missing_cost", "gap", "resolve")]
    order = []
    while tasks:
        order.append(first_task(tasks).code)
        tasks = [task for task in tasks if task.code != order[-1]]
    assert order == ["resolve", "gap", "missing_cost", "no_price", "share"]
    assert first_task([]).code == "nothing"


@pytest.mark.parametrize(
    ("language", "none", "even"),
    [
        ("en", "You put in no money and took none out.", "You put in as much money as you took out."),
        (
            "fr",
            "Vous n\u2019avez rien vers\u00e9 ni retir\u00e9.",
            "Vous avez vers\u00e9 autant que vous avez retir\u00e9.",
        ),
    ],
)
def test_no_money_and_as_much_in_as_out_are_two_sentences(built, language, none, even):
    add(built)
    assert none in said(letter(built, language=language), "held")
    add(built, "ETH", "2", LAST - 3, "250")
    add(built, "ETH", "1", LAST - 2, "250", kind="sell")
    told = said(letter(built, language=language), "held")
    assert even in told
    assert none not in told


def test_worth_change_and_money_of_the_period_are_those_of_the_portfolio(built):
    add(built, quantity="0.5", amount="1000")
    add(built, "ETH", "2", LAST - 3, "250")
    add(built, "ETH", "1", LAST - 2, "40", kind="sell")
    for span in ("week", "month"):
        told, moved = letter(built, span=span), ask(built, "attribution", span=span, currency="usd")
        assert (told.start, told.last, told.change) == (moved.first, moved.last, moved.change)
        assert told.put_in == pytest.approx(250 - 40)
        amounts = {row.asset: row.amount for row in told.rows if row.part == "moved"}
        assert amounts == {row.asset: row.change for row in moved.rows}
    assert told.worth == ask(built, "worth", currency="usd").worth
    assert [row.asset for row in told.rows if row.part == "held" and row.asset] == ["bitcoin", "ethereum"]
    assert list(dict.fromkeys(row.part for row in told.rows)) == list(PARTS)
    advised = " ".join(row.text.lower() for row in told.rows if row.part != "lesson")
    assert [word for word in ("buy", "sell", "should") if word in advised] == []


def test_a_letter_of_the_past_knows_nothing_of_later_lines(built):
    add(built, number=10, amount="1000")
    before = letter(built, last=day(100))
    add(built, "ETH", "2", LAST - 3, "250")
    after = letter(built, last=day(100))
    assert (after.worth, after.change, after.put_in) == (before.worth, before.change, before.put_in)
    assert (after.first, after.last) == (day(94), day(100))
    assert after.worth == pytest.approx(close_of(100))
    assert after.change == pytest.approx(close_of(100) - close_of(93))
    assert [row for row in after.rows if row.part == "held" and row.asset == "ethereum"] == []
    assert letter(built, last=day(5)).worth is None
    for wrong in ("2025-02-31", "2025-08-30", "yesterday"):
        with pytest.raises(UsageError):
            letter(built, last=wrong)


def test_one_thing_to_do_goes_from_gap_to_nothing(built):
    run_operation(built, ANN, "settings.change", {"share_limit": "30"})
    assert letter(built).task == "nothing"
    add(built, "dogecoin", "5", LAST, "10")
    bitcoin = add(built, quantity="0.5", amount="")
    sale = add(built, "ETH", "1", 20, "40", kind="sell")
    found = []
    for undone in (sale, bitcoin):
        told = letter(built)
        (row,) = (row for row in told.rows if row.part == "task")
        found.append((told.task, row.entry, row.address))
        ask(built, "undo", holding_batch=undone.batch)
    assert found == [
        (code, line.entry, f"/portfolio?edit={line.entry}#add")
        for code, line in (("gap", sale), ("missing_cost", bitcoin))
    ]
    told = letter(built)
    assert (told.task, said(told, "task")) == (
        "no_price", ["Dogecoin has no price of the last seven days. Check that it is the right coin."],
    )  # fmt: skip
    assert told.change is None
    assert "not known" in " ".join(said(told, "moved")).lower()


def test_a_share_above_the_own_limit_is_asked_to_be_read_or_the_limit_changed(built):
    add(built)
    told = letter(built)
    assert told.task == "share"
    assert said(told, "task") == [
        "100% of the worth depends on Bitcoin, your limit is 40%. Read what that means, or change the limit."
    ]
    run_operation(built, ANN, "settings.change", {"share_limit": "100"})
    assert said(letter(built), "task") == ["Nothing to do."]


def test_a_coin_is_said_to_be_stretched_since_when_and_how_often_before(built):
    end = built.clock.market_now() // DAY_MS * DAY_MS
    built.facts.append(
        Observation(
            "onchain/bitcoin/price_usd", end - back * DAY_MS, end - back * DAY_MS,
            1_000.0 * (2.0 + (((1_100 - back) * 37) % 101) / 101 + (1_100 - back) / 400),
        )
        for back in range(1, 1_101)
    )  # fmt: skip
    for coin in ("bitcoin", "ethereum", "tether"):
        add(built, coin)
    of = run_operation(built, ANN, "valuation.of", {"asset": "bitcoin"})
    first, *others = said(letter(built), "valuation")
    means = {"stretched": " (high against its own past)", "depressed": " (low against its own past)"}
    said_first = f"Bitcoin: {of.says['en'].word}{means.get(of.word, '')} since "
    assert first.startswith(said_first) or "Before that move" in first
    assert others == [
        "Ethereum: not known yet, the history of its price is too short",
        "No valuation: Tether. The price of a stablecoin is meant to stand.",
    ]


def test_every_lesson_is_a_word_of_the_glossary_and_the_next_week_has_another(built):
    meanings = {term.key: term.meaning.lower() for term in TERMS}
    for risky in ("leverage", "margin", "liquidation", "perpetual"):
        assert [key for key in LESSONS if risky in meanings[key]] == []
    lessons = [letter(built, last=day(LAST - 7 * back)).lesson for back in range(len(LESSONS))]
    assert sorted(lessons) == sorted(LESSONS)
    (row,) = (row for row in letter(built).rows if row.part == "lesson")
    assert row.address == f"/help#{letter(built).lesson}"


def test_letters_are_of_the_own_holdings_alone(built):
    before = letter(built)
    ask(built, "add", caller=BOB, coin="BTC", quantity="7", day=day(10), place="Bobs")
    ask(built, "add", caller=BOB, coin="ETH", quantity="1", amount="5", day=day(12), kind="sell")
    assert letter(built) == before
    assert "Bitcoin" in letter_text(letter(built, caller=BOB))


@pytest.mark.parametrize("language", ["en", "fr"])
def test_hostile_names_stay_text_and_both_languages_say_all_of_it(built, language):
    add(built, product=HOSTILE, product_form="digital", yearly_fee="1")
    add(built, "ETH")
    told = letter(built, language=language)
    text = letter_text(told)
    assert HOSTILE in text
    other = letter(built, language="en" if language == "fr" else "fr")
    assert [row.amount for row in told.rows] == [row.amount for row in other.rows]
    assert HOSTILE in export(told, "csv", is_simulated=False).decode()


def test_a_letter_is_mailed_to_the_own_confirmed_addresses_without_an_amount_in_the_subject(built):
    postman = Postman()
    made = replace(built, notifiers=notifiers_of(mail=lambda: postman))
    add(made, product=HOSTILE, product_form="digital", yearly_fee="1", amount="")
    with pytest.raises(UsageError, match="confirm"):
        ask(made, "send_letter")
    for owner, address, is_confirmed in (
        (ANN.user, "ann@desk.example", True), (ANN.user, "new@desk.example", False), (BOB.user, "b@desk.example", True),
    ):  # fmt: skip
        made.alerts.put_channel(Channel("", owner, "mail", address, is_confirmed=is_confirmed))
    sent = ask(made, "send_letter", language="fr", currency="usd")
    told = letter(made, language="fr")
    assert (sent.title, sent.addresses) == (told.title, ["ann@desk.example"])
    (mail,) = postman.sent
    assert mail.subject.endswith(told.title)
    assert "$" not in mail.subject
    assert "\u20ac" not in mail.subject
    assert letter_text(told) in mail.text
    assert "<script" not in mail.html
    assert all(escape(row.text) in mail.html for row in told.rows)
    (pdf,) = mail.attachments
    assert (pdf.kind, pdf.body[:4]) == ("application/pdf", b"%PDF")
    without = replace(made, report_printer=NoReportPrinter())
    for _ in range(MAX_SENT_PER_HOUR - 1):
        ask(without, "send_letter", language="fr", currency="usd")
    assert {(mail.id, mail.attachments) for mail in postman.sent[1:]} == {(mail.id, ())}
    with pytest.raises(UsageError, match="letters are sent per hour"):
        ask(without, "send_letter")
    with pytest.raises(UsageError):
        ask(without, "send_letter", caller=VISITOR)


def test_a_line_without_a_cost_is_told_beside_what_was_put_in(built):
    add(built, number=LAST - 1)
    assert not any("without a cost" in row.text for row in letter(built).rows)
    add(built, coin="ETH", number=LAST - 1, amount="")
    assert any("counted at the price of their day: 1." in row.text for row in letter(built).rows)


@pytest.mark.parametrize(
    ("language", "said"),
    [
        (
            "en",
            [
                "a: stretched (high against its own past) since",
                "b: stretched since",
                "c: depressed (low against",
            ],
        ),
        (
            "fr",
            [
                "a : tendu (haut par rapport à son propre passé) depuis",
                "b : tendu depuis",
                "c : déprimé (bas par",
            ],
        ),
    ],
)
def test_what_a_state_means_is_said_the_first_time(language, said):
    end = date(2025, 3, 9)
    states = [("a", "stretched"), ("b", "stretched"), ("c", "depressed")]
    material = LetterMaterial(
        [LetterValuation(coin, word, word, end) for coin, word in states], [], LESSONS, []
    )
    prices = PriceTable([], [], "EUR")
    letter = write_letter(
        book_events([], prices, BookRules()), prices, letter_period("week", end, None), material
    )
    rows = LetterWriter(letter, language, "EUR", {}, (), 1.0, 0).rows()
    found = [row.text.replace("\xa0", " ") for row in rows if row.part == "valuation"]
    assert [one.startswith(begin) for one, begin in zip(found, said, strict=True)] == [True] * 3, found


def test_the_lesson_on_drawdowns_begins_with_the_french_word():
    word = next(term.word for term in TERMS if term.key == "drawdown")
    assert translate(word, "fr").startswith("Repli")
