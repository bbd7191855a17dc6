"""The page of the weekly brief: a week to read and to take along, mailed now or every week."""

import io
import re
from dataclasses import replace

import pypdf
import pytest

from tests.channels import notifiers_of
from tests.houses import KEY, Browser
from tests.newsrooms import EVENT, read_all, told_house
from vigie.domain.alert import Channel
from vigie.domain.item import Sighting
from vigie.ports.source_fetches import SourceFetch

WEEK = "2025-W29"


class Postman:
    def __init__(self):
        self.sent = []

    async def send(self, message):
        self.sent.append(message)
        return ""


@pytest.fixture(scope="module")
def postman():
    return Postman()


@pytest.fixture(scope="module")
def built(tmp_path_factory, postman):
    opened = told_house(tmp_path_factory.mktemp("home"))
    post = notifiers_of(mail=lambda: postman, address=lambda: "https://vigie.example", key=lambda: KEY)
    return replace(opened, notifiers=post)


def test_a_week_long_ago_is_a_page_that_is_not_there_in_words(built):
    for path in ("/news/brief", "/news/brief.html", "/news/brief.pdf"):
        for week in ("0001-W01", "9999-W52", "9999-W53", "0000-W01", "２０２５-W20"):
            answer = Browser(built).get(f"{path}?week={week}")
            assert (answer.status_code, week in answer.text) == (404, True)


def test_marks_of_a_headline_do_not_stand_within_those_of_the_page(tmp_path):
    made = told_house(tmp_path / "h")
    title = "Le fisc espagnol réclame 12 millions d’euros à une plateforme de Séville"
    said = Sighting(
        "journalducoin", "s", "https://journalducoin.com/s", f"« {title} »", "L’administration a envoyé 300 lettres.",
        ts_published=EVENT, precision="minute",
    )  # fmt: skip
    made.items.take(SourceFetch("journalducoin", EVENT + 1, (said,)))
    read_all(made)
    assert (
        f'“<a href="https://journalducoin.com/s" rel="noopener noreferrer nofollow" lang="fr">{title}</a>”'
        in (Browser(made).get(f"/news/brief?week={WEEK}").text)
    )


@pytest.mark.parametrize(("language", "title"), [("en", "The week in crypto"), ("fr", "La semaine crypto")])
def test_a_week_is_read_and_taken_along_in_both_languages(built, language, title):
    browser = Browser(built, language=language)
    page = browser.get("/news/brief").text
    days = {"en": "14 to 20 July 2025", "fr": "du 14 au 20 juillet 2025"}[language]
    assert f"<h1>{title}, {days}</h1>" in page
    assert "Grayscale Europe SA (FR)" in page
    assert 'href="https://www.sec.gov/e"' in page
    assert f"/news/brief.pdf?week={WEEK}" in page
    # Prices with one chart that is told to those who do not see it, and what is in another language is marked.
    assert "Bitcoin (BTC)" in page
    assert page.count('aria-labelledby="brief-chart-t brief-chart-d"') == 1
    assert re.search(r'<desc id="brief-chart-d">[^<]*Bitcoin[^<]*Solana', page)
    assert ("[en anglais]" in page) == (language == "fr")
    assert 'lang="en">SEC approves' in page
    pdf = browser.get(f"/news/brief.pdf?week={WEEK}")
    assert pdf.headers["content-type"] == "application/pdf"
    assert f"vigie-{WEEK}-{language}.pdf" in pdf.headers["content-disposition"]
    reader = pypdf.PdfReader(io.BytesIO(pdf.content), strict=True)
    assert (reader.metadata.title, reader.trailer["/Root"]["/Lang"]) == (f"{title}, {days}", language)
    html = browser.get(f"/news/brief.html?week={WEEK}")
    assert html.headers["content-disposition"].startswith("attachment")
    assert f'<html lang="{language}">' in html.text
    for wrong in ("2099-W01", "2025-W99", "yesterday"):
        assert browser.get(f"/news/brief?week={wrong}").status_code == 404
        assert browser.get(f"/news/brief.pdf?week={wrong}").status_code == 404


@pytest.mark.parametrize(
    ("week", "beside"),
    [
        ("2025-W28", ["2025-W27", "Previous week", "2025-W29", "Next week"]),
        ("2025-W29", ["2025-W28", "Previous week", "2025-W30", "This week so far"]),
        ("2025-W30", ["2025-W29", "Previous week"]),
        ("2025-W01", ["2024-W52", "Previous week", "2025-W02", "Next week"]),
    ],
)
def test_a_week_leads_to_the_one_before_and_to_what_has_begun_after_it(built, week, beside):
    page = Browser(built, language="en").get(f"/news/brief?week={week}").text
    links = re.findall(
        r'<a href="/news/brief\?week=([^"]+)">(Previous week|Next week|This week so far)</a>', page
    )
    assert [said for link in links for said in link] == beside


def test_it_is_mailed_now_and_every_week_and_says_what_is_missing(built, postman):
    browser = Browser(built, language="en")
    refused = browser.post("/news/brief/plan", {"day": "friday", "at": "07:30"})
    assert "add and confirm an e-mail address on the Alerts" in refused.text
    built.alerts.put_channel(Channel("", "owner", "mail", "me@desk.example", is_confirmed=True))
    assert browser.post("/news/brief/send", {"week": WEEK}).status_code in (200, 303)
    (mail,) = postman.sent
    assert (mail.to, mail.attachments[0].name) == ("me@desk.example", f"vigie-{WEEK}-en.pdf")
    browser.post("/news/brief/plan", {"day": "friday", "at": "07:30"})
    page = browser.get("/news/brief").text
    assert "me@desk.example" in page
    assert '<option value="friday" selected>' in page
    browser.post("/news/brief/plan", {"off": "1", "day": "friday", "at": "07:30"})
    assert "Stop e-mails" not in browser.get("/news/brief").text
