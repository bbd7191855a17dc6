"""The weekly brief: what a week held, in both languages, as one file without script, and by mail."""

import hashlib
import io
import re
from base64 import b64decode
from dataclasses import replace
from datetime import UTC

import pypdf
import pytest
from typer.testing import CliRunner

from tests.channels import notifiers_of
from tests.houses import person
from tests.newsrooms import EVENT, read_all, told_house
from vigie.domain.alert import Channel
from vigie.domain.errors import UsageError
from vigie.domain.fact import Observation
from vigie.domain.item import Sighting
from vigie.domain.person import VISITOR
from vigie.domain.register import RegisterChange, RegisterEntry
from vigie.domain.time import DAY_MS, parse_time, zoned
from vigie.ports.source_fetches import SourceFetch
from vigie.services.market_data.fear_greed import OWN_INDEX
from vigie.services.needs import bound
from vigie.services.news.brief.brief import build_brief
from vigie.services.news.brief.html import render_html
from vigie.services.news.brief.page import build_sections
from vigie.services.news.brief.words import TEXTS, day_of
from vigie.services.news.quoting import language_mark, quote_text
from vigie.services.operation_calls import run_operation
from vigie.services.operations.news_brief import MAX_SENT_PER_HOUR
from vigie.views.cli.main import app

# Of the event: a Sunday.
WEEK = "2025-W29"
HOSTILE = 'Bitcoin <script>alert(1)</script> fund & "quotes"'
LETTER = "So it is said of the fund. Leave this list of ours: https://letters.example/leave?who=anna"
# What a file that is opened by itself must not have: scripts, handlers, anything that is loaded.
FORBIDDEN = re.compile(r"<script|\son\w+=|javascript:|\ssrc=|<link|@import|url\(", re.I)


class Postman:
    """Keeps what it should send."""

    def __init__(self):
        self.sent = []

    async def send(self, message):
        self.sent.append(message)
        return ""


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    home = tmp_path_factory.mktemp("home") / "h"
    made = told_house(home)
    said = Sighting(
        "sec_press", "h", "https://www.sec.gov/h", HOSTILE, LETTER, ts_published=EVENT, precision="minute"
    )
    late = Sighting("sec_press", "l", "https://www.sec.gov/l", "Bitcoin rule that came later", "So.")
    made.items.take(SourceFetch("sec_press", EVENT + 1, (said,)))
    made.items.take(SourceFetch("sec_press", EVENT + 40 * 3_600_000, (said, late)))
    read_all(made)
    # What became known after the week is none of it.
    made.facts.append(
        [
            Observation(OWN_INDEX, at, at, value)
            for at, value in ((EVENT - DAY_MS, 31.0), (EVENT + 2 * DAY_MS, 77.0))
        ]
    )
    return home, made


@pytest.mark.parametrize("language", ["en", "fr"])
def test_a_brief_holds_the_week_and_nothing_of_the_next_in_both_languages(place, language):
    _, made = place
    found = run_operation(made, person(), "news.brief", {"language": language})
    assert found.week == WEEK
    assert found == run_operation(made, person(), "news.brief", {"language": language, "week": WEEK})
    words = TEXTS[language]
    for text in (found.html, found.text):
        assert "came later" not in text
        # A letter's addresses are its reader's alone: what leads somewhere is quoted nowhere.
        assert "So it is said of the fund." in text
        assert "letters.example" not in text
        for name in ("foot", "stories", "regulation", "registers", "mood", "sources", "quotes"):
            assert words[name].lower() in text.lower().replace("&#x27;", "'")
        assert words["is"].format(name="Grayscale Europe SA (FR)", value=words["added"]) in text
        assert words["is"].format(name=words[OWN_INDEX], value="31") in text
    (sources,) = (one for one in found.sections if one.title == words["sources"])
    licence = {"en": "US public domain", "fr": "Domaine public des États-Unis"}[language]
    assert (licence, "") in {(one.below, one.below_language) for one in sources.lines}
    # In French too: the only French item tells another amount than the release.
    assert "SEC approves spot Ether ETF" in found.html
    assert 'href="https://www.sec.gov/h"' in found.html
    assert "Bitcoin &lt;script&gt;" in found.html
    assert not FORBIDDEN.search(found.html)
    assert found.html.startswith(f'<!doctype html>\n<html lang="{language}">')


@pytest.mark.parametrize(("language", "mark"), [("en", ""), ("fr", "en")])
def test_a_licence_that_has_no_french_is_marked_as_english(place, language, mark):
    named = replace(
        bound(place[1], build_brief)(WEEK, language),
        sources={"mine": ("Mine", "Terms of my own")},
        changes=(),
    )
    (line,) = build_sections(named, language)[-1].lines
    assert (line.below, line.below_language) == ("Terms of my own", mark)
    said = '<span lang="en">Terms of my own</span>' if mark else "<span>Terms of my own</span>"
    assert said in render_html(named, language)


@pytest.mark.parametrize(
    ("language", "until", "said"),
    [
        ("en", "2024-05-01", "Oldfirm: licence ended on 1 May 2024"),
        ("fr", "2031-06-30", "Oldfirm : fin de l’agrément le 30 juin 2031"),
    ],
)
def test_a_brief_tells_the_end_of_a_licence_with_its_own_day(place, language, until, said):
    entry = RegisterEntry("casps", "k", "Oldfirm")
    ended = replace(entry, ts_until=parse_time(until))
    change = RegisterChange("casps", "k", "ended", EVENT, entry, ended)
    found = replace(
        bound(place[1], build_brief)(WEEK, language), sources={"casps": ("Register", "")}, changes=(change,)
    )
    lines = [
        line.text.replace("\u00a0", " ")
        for section in build_sections(found, language)
        for line in section.lines
    ]
    assert said in lines


@pytest.mark.parametrize("language", ["en", "fr"])
def test_a_brief_is_printed_with_what_its_page_says(place, language):
    made = replace(place[1], is_simulated=True)
    found = run_operation(made, person(), "news.brief", {"language": language})
    answer = run_operation(made, person(), "news.brief_pdf", {"language": language})
    body = b64decode(answer.content)
    assert (answer.name, answer.size) == (f"vigie-{WEEK}-{language}.pdf", len(body))
    assert answer.digest == hashlib.sha256(body).hexdigest()
    reader, said = read(body)
    assert (reader.trailer["/Root"]["/Lang"], reader.metadata.title) == (language, found.title)
    for text in (*found.heads, *found.foot, *(one.title for one in found.sections)):
        assert " ".join(text.split()) in said
    for line in (line for section in found.sections for line in section.lines):
        assert " ".join(line.text.split()) in said
        assert " ".join(line.below.split()) in said
    # On each page, that nothing of it happened, and that it is no advice.
    for page in reader.pages:
        last = " ".join(page.extract_text().splitlines()[-1].split())
        assert all(" ".join(TEXTS[language][name].split()) in last for name in ("simulated", "foot"))
    links = {one.get_object()["/A"]["/URI"] for page in reader.pages for one in page.get("/Annots", ())}
    assert links == set(re.findall(r'href="([^"]+)"', found.html))


def read(body):
    """A PDF and its text without line ends."""
    reader = pypdf.PdfReader(io.BytesIO(body), strict=True)
    return reader, " ".join(" ".join(page.extract_text() for page in reader.pages).split())


def test_words_are_there_in_both_languages():
    assert set(TEXTS["en"]) == set(TEXTS["fr"])


@pytest.mark.parametrize("week", ["2025-W54", "2099-W01", "last", "2025-W00"])
def test_what_is_no_week_is_refused(place, week):
    with pytest.raises(UsageError, match="week"):
        run_operation(place[1], person(), "news.brief", {"week": week})


@pytest.mark.parametrize("week", ["0001-W01", "0001-W02", "1999-W10", "2008-W52"])
def test_a_week_before_bitcoin_is_refused(place, week):
    with pytest.raises(UsageError, match="week must not be before 2009-W01"):
        run_operation(place[1], person(), "news.brief", {"week": week})
    assert run_operation(place[1], person(), "news.brief", {"week": "2009-W01"}).week == "2009-W01"


@pytest.mark.parametrize("language", ["en", "fr"])
def test_a_week_without_news_says_so_once(place, language):
    found = run_operation(place[1], person(), "news.brief", {"week": "2025-W20", "language": language})
    words = TEXTS[language]
    prices, news = found.sections
    assert (prices.title, len(prices.lines)) == (words["prices"], 3)
    assert [line.text for line in news.lines] == [words["empty"]]
    # Nor was there any price before the first stored bar.
    found = run_operation(place[1], person(), "news.brief", {"week": "2024-W20", "language": language})
    assert [line.text for section in found.sections for line in section.lines] == [words["empty"]]


def test_words_in_another_language_than_the_briefs_are_marked_and_spoken_as_such(place, tmp_path):
    made = told_house(tmp_path / "h")
    french = "Le fisc espagnol réclame 12 millions d’euros à une plateforme de Séville"
    said = Sighting(
        "journalducoin", "s", "https://journalducoin.com/s", french, "L’administration a envoyé 300 lettres.",
        ts_published=EVENT, precision="minute",
    )  # fmt: skip
    made.items.take(SourceFetch("journalducoin", EVENT + 1, (said,)))
    read_all(made)
    english = "SEC approves spot Ether ETF of Grayscale for 2.1 billion dollars"
    sentence = "The regulator said yes to the Ether fund."
    fr = run_operation(made, person(), "news.brief", {"language": "fr", "week": WEEK})
    en = run_operation(made, person(), "news.brief", {"language": "en", "week": WEEK})
    # The marks are those of the reader's language, and outside of what is spoken in the other one.
    assert (
        f'«\u00a0<span lang="en">{sentence}</span>\u00a0» <span class="mark">[en anglais]</span>' in fr.html
    )
    assert f'lang="en">{english}</a>\u00a0» <span class="mark">[en anglais]</span></h3>' in fr.html
    assert f"«\u00a0{sentence}\u00a0» [en anglais] Decrypt" in fr.text
    assert f'“<span lang="en">{sentence}</span>” <span class="small">' in en.html
    assert f'lang="en">{english}</a></h3>' in en.html
    assert f'lang="fr">{french}</a>” <span class="mark">[in French]</span></h3>' in en.html
    assert f"“{french}” [in French]" in en.text
    assert "[en français]" not in fr.html + fr.text
    assert "[in English]" not in en.html + en.text
    for language, mark in (("fr", "[en anglais]"), ("en", "[in French]")):
        body = b64decode(
            run_operation(made, person(), "news.brief_pdf", {"language": language, "week": WEEK}).content
        )
        assert mark in read(body)[1]
    marks = {
        (one.language, one.mark) for section in fr.sections for line in section.lines for one in line.quotes
    }
    assert ("en", "[en anglais]") in marks
    assert not {mark for language, mark in marks if language == "fr"} - {""}


@pytest.mark.parametrize(
    ("language", "here", "mark"),
    [("en", "fr", "[en anglais]"), ("fr", "en", "[in French]"), ("de", "fr", "[en allemand]"), ("", "fr", ""),
     ("en-GB", "en", ""), ("en-GB", "fr", "[en anglais]"), ("tlh-x", "en", "[in Klingon]"),
     ("zzz", "fr", "[dans une autre langue]"), ("mul", "fr", ""), ("zxx", "fr", ""), ("und", "en", ""),
     ("mis", "en", "")],
)  # fmt: skip
def test_a_language_is_named_where_it_is_another_and_known(language, here, mark):
    assert language_mark(language, here) == mark


@pytest.mark.parametrize(
    ("text", "here", "said"),
    [
        ("« Bitcoin est mort »", "fr", "«\u00a0Bitcoin est mort\u00a0»"),
        ("“Bitcoin is dead”", "fr", "«\u00a0Bitcoin is dead\u00a0»"),
        ('"Bitcoin is dead"', "en", "“Bitcoin is dead”"),
        ("„Bitcoin ist tot“", "en", "“Bitcoin ist tot”"),
        ("“Done,” says X", "en", "“‘Done,’ says X”"),
        ("Il dit «\u202fstop\u202f» et part", "fr", "«\u00a0Il dit “stop” et part\u00a0»"),
        ("“Done,” says X, “at last”", "en", "“‘Done,’ says X, ‘at last’”"),
        ('"Done" and "dusted"', "en", '“"Done" and "dusted"”'),
        ("« A » et « B »", "fr", "«\u00a0“A” et “B”\u00a0»"),
        ("« Il dit « stop » »", "fr", "«\u00a0Il dit “stop”\u00a0»"),
        ("He said “more", "en", "“He said “more”"),
        ("", "fr", "«\u00a0\u00a0»"),
    ],
)
def test_marks_within_marks_are_those_of_a_quotation_within_one(text, here, said):
    assert quote_text(text, here) == said


def test_a_brief_has_no_marks_twice_in_files_and_in_text(tmp_path):
    made = told_house(tmp_path / "h")
    title = "Le fisc espagnol réclame 12 millions d’euros à une plateforme de Séville"
    said = Sighting(
        "journalducoin", "s", "https://journalducoin.com/s", f"« {title} »", "L’administration a envoyé 300 lettres.",
        ts_published=EVENT, precision="minute",
    )  # fmt: skip
    made.items.take(SourceFetch("journalducoin", EVENT + 1, (said,)))
    read_all(made)
    found = run_operation(made, person(), "news.brief", {"language": "en", "week": WEEK})
    assert f'lang="fr">{title}</a>” <span class="mark">[in French]</span></h3>' in found.html
    assert f"“{title}” [in French]" in found.text


@pytest.mark.parametrize(
    ("week", "english", "french"),
    [
        ("2025-W20", "12 to 18 May 2025", "du 12 au 18 mai 2025"),
        ("2025-W27", "30 June to 6 July 2025", "du 30 juin au 6 juillet 2025"),
        ("2025-W01", "30 December 2024 to 5 January 2025", "du 30 décembre 2024 au 5 janvier 2025"),
        ("2024-W27", "1 to 7 July 2024", "du 1er au 7 juillet 2024"),
    ],
)
def test_a_week_is_called_by_its_days(place, week, english, french):
    titles = [
        run_operation(place[1], person(), "news.brief", {"week": week, "language": one}).title
        for one in ("en", "fr")
    ]
    assert titles == [f"The week in crypto, {english}", f"La semaine crypto, {french}"]


def test_a_release_is_dated_by_its_publisher_not_by_when_it_was_seen(tmp_path):
    made = told_house(tmp_path / "h")
    day = EVENT - EVENT % DAY_MS
    said = Sighting(
        "sec_press", "d", "https://www.sec.gov/d", "A report on Bitcoin custody", "Read.", ts_published=day,
        precision="day",
    )  # fmt: skip
    made.items.take(SourceFetch("sec_press", EVENT + 3 * 3_600_000, (said,)))
    read_all(made)
    found = run_operation(made, person(), "news.brief", {"week": WEEK, "language": "fr"})
    below = {line.text: line.below for section in found.sections for line in section.lines}
    assert below["A report on Bitcoin custody"] == f"SEC press releases, {day_of(day, 'fr')}"


def test_a_brief_is_mailed_to_confirmed_addresses_of_its_reader_alone(place):
    postman = Postman()
    made = replace(place[1], notifiers=notifiers_of(mail=lambda: postman))
    with pytest.raises(UsageError, match="confirm"):
        run_operation(made, person(), "news.send_brief", {})
    for owner, address, is_confirmed in (
        ("owner", "me@desk.example", True), ("owner", "new@desk.example", False), ("ann", "ann@desk.example", True),
    ):  # fmt: skip
        made.alerts.put_channel(Channel("", owner, "mail", address, is_confirmed=is_confirmed))
    sent = run_operation(made, person(), "news.send_brief", {"language": "fr"})
    assert sent.addresses == ["me@desk.example"]
    (mail,) = postman.sent
    assert (mail.to, mail.language) == ("me@desk.example", "fr")
    assert mail.subject.endswith("La semaine crypto, du 14 au 20 juillet 2025")
    assert TEXTS["fr"]["foot"] in mail.text
    assert TEXTS["fr"]["foot"] in mail.html
    (pdf,) = mail.attachments
    assert (pdf.name, pdf.kind) == (f"vigie-{WEEK}-fr.pdf", "application/pdf")
    assert "SEC approves spot Ether ETF" in read(pdf.body)[1]
    run_operation(made, person(), "news.send_brief", {"language": "fr"})
    assert postman.sent[1].id == mail.id
    with pytest.raises(UsageError):
        run_operation(made, VISITOR, "news.send_brief", {})
    for _ in range(MAX_SENT_PER_HOUR - 2):
        run_operation(made, person(), "news.send_brief", {})
    with pytest.raises(UsageError, match="briefs are sent per hour; wait and try again"):
        run_operation(made, person(), "news.send_brief", {})
    assert len(postman.sent) == MAX_SENT_PER_HOUR


def test_a_week_that_goes_on_is_another_mail_on_another_day(tmp_path):
    postman = Postman()
    made = replace(told_house(tmp_path / "h"), notifiers=notifiers_of(mail=lambda: postman))
    made.alerts.put_channel(Channel("", "owner", "mail", "me@desk.example", is_confirmed=True))
    now = zoned(made.clock.market_now(), UTC)
    asked = {"week": f"{now:%G-W%V}"}
    run_operation(made, person(), "news.send_brief", asked)
    run_operation(made, person(), "news.send_brief", asked)
    made.clock.sleep(3_600)
    run_operation(made, person(), "news.send_brief", asked)
    first, again, later = postman.sent
    assert (first.id, first.text) == (again.id, again.text)
    assert later.text != first.text
    assert later.id != first.id


def test_the_command_writes_one_file(place, tmp_path):
    out = tmp_path / "brief.html"
    done = CliRunner().invoke(
        app, ["news", "brief", "--week", WEEK, "--language", "fr", "--out", str(out), "--home", str(place[0])]
    )
    assert (done.exit_code, "20 " in done.output, "2025" in done.output) == (0, True, True)
    assert "SEC approves" in out.read_text(encoding="utf-8")
    pdf = tmp_path / "brief.pdf"
    done = CliRunner().invoke(
        app, ["news", "brief", "--week", WEEK, "--pdf", str(pdf), "--home", str(place[0])]
    )
    assert (done.exit_code, "20 " in done.output, "2025" in done.output) == (0, True, True)
    assert "Grayscale Europe SA" in read(pdf.read_bytes())[1]
    assert CliRunner().invoke(app, ["news", "brief", "--pdf", "brief.txt"]).exit_code != 0
