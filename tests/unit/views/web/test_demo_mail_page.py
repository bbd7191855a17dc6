"""The mailbox of the demonstration: what was taken is listed and shown, whatever it holds."""

import base64
import re
from dataclasses import replace

import pytest

from tests.houses import Browser, house
from tests.mails import demonstration, send
from vigie.adapters.world_mailbox import WorldMailbox
from vigie.drawing.raster import render_png
from vigie.services.operations.demo import html_to_text
from vigie.views.web.pages.demo.page import split_links

HOSTILE = (
    '<style>p{display:none}</style><script>alert("x")</script><p onclick="steal()">Hello <b>there</b></p>'
    '<a href="javascript:alert(1)">press</a> <a href="https://news.example/a?b=1&amp;c=2">read</a>'
    '<img src="http://tracker.example/p.gif"><iframe src="//evil.example"></iframe>'
)


@pytest.fixture(scope="module")
def demo(tmp_path_factory):
    with demonstration(tmp_path_factory.mktemp("home")) as opened:
        yield opened


@pytest.fixture(autouse=True)
def emptied(demo):
    demo[1].mailbox.clear()


@pytest.mark.parametrize(
    ("language", "words"), [("en", ("Demo mailbox", "No e-mail yet")),
                            ("fr", ("Boîte de réception de la démo", "Pas encore d’e-mail"))],
)  # fmt: skip
def test_an_empty_mailbox_says_what_lands_in_it(demo, language, words):
    text = Browser(demo[0], language=language).get("/demo/mail").text
    assert all(word in text for word in words)


@pytest.mark.parametrize("language", ["en", "fr"])
def test_a_mail_is_listed_with_its_time_and_shown_with_its_text(demo, language):
    built, world = demo
    send(world, "Valmer on Bitcoin & more", "It says so.\nhttps://valmer-markets.example/news/1.\n")
    browser = Browser(built, language=language)
    listed = browser.get("/demo/mail").text
    number = world.mailbox.received_count
    assert f'<a href="/demo/mail/{number}">Valmer on Bitcoin &amp; more</a>' in listed
    assert re.search(r"1(?:er)? [Jj]anv? 2026 11:00:00", listed.replace("janv.", "janv"))
    assert "anna@desk.example" in listed
    shown = browser.get(f"/demo/mail/{number}").text
    assert "It says so." in shown
    assert 'valmer-markets.example%2Fnews%2F1" rel="noopener noreferrer nofollow"' in shown
    assert "Thu, 01 Jan 2026 11:00:00 +0000" in shown


def test_markup_in_a_mail_is_never_markup_of_the_page(demo):
    built, world = demo
    send(world, "<script>alert(2)</script>", "<img src=x onerror=alert(3)>", HOSTILE)
    for path in ("/demo/mail", f"/demo/mail/{world.mailbox.received_count}"):
        text = Browser(built).get(path).text
        assert "<script>alert" not in text
        assert "<img src=x" not in text
        assert 'href="javascript' not in text
    assert "&lt;script&gt;alert(2)&lt;/script&gt;" in text
    assert "tracker.example" not in text
    assert "evil.example" not in text
    assert 'href="https://news.example/a?b=1&amp;c=2"' in text
    assert "Hello there" in text


def test_a_picture_that_we_draw_is_shown_and_no_other_format_is(demo):
    built, world = demo
    namespace = 'xmlns="http://www.w3.org/2000/svg"'
    drawn = render_png(f'<svg {namespace} width="9" height="9"><rect width="5" height="9"/></svg>')
    send(world, "Confirmed: XRP long", "Its levels.", "<p>Its levels.</p>", attached=(
        ("setup-s1.png", "image/png", drawn),
        ("x.svg", "image/svg+xml", b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'),
        ("fake.png", "image/png", b"<svg><script>alert(2)</script></svg>"),
        ("large.png", "image/png", drawn + bytes(400_000)),
        ("p.gif", "image/gif", b"GIF89a"),
    ))  # fmt: skip
    answer = Browser(built, language="fr").get(f"/demo/mail/{world.mailbox.received_count}")
    sources = re.findall(r'<img[^>]* src="([^"]*)"', answer.text)
    assert sources == [f"data:image/png;base64,{base64.b64encode(drawn).decode()}"]
    assert "setup-s1.png" in answer.text
    assert 'alt="Image jointe à l’e-mail"' in answer.text
    assert "img-src 'self' data:" in answer.headers["content-security-policy"]


@pytest.mark.parametrize(("language", "title", "size"), [("en", "Attachments", "1,505 bytes"),
                                                         ("fr", "Pièces jointes", "1\u202f505 octets")])  # fmt: skip
def test_attachments_are_listed_and_saved_and_never_shown(demo, language, title, size):
    built, world = demo
    letter = b"%PDF-" + bytes(1_500)
    send(world, "Your week", "Worth.", "<p>Worth.</p>", attached=(
        ("lettre été.pdf", "application/pdf", letter),
        ('"x;.html', "text/html", b"<script>alert(1)</script>"),
    ))  # fmt: skip
    browser = Browser(built, language=language)
    address = f"/demo/mail/{world.mailbox.received_count}"
    text = browser.get(address).text
    assert title in text
    assert f"application/pdf · {size}" in text
    saved = browser.get(re.search(rf'href="({address}/attachment/1)" download>lettre été.pdf<', text)[1])
    assert saved.content == letter
    page = browser.get(f"{address}/attachment/2")
    for answer in (saved, page):
        assert answer.headers["content-type"] == "application/octet-stream"
        assert answer.headers["content-disposition"].startswith("attachment; filename*=UTF-8''")
        assert answer.headers["x-content-type-options"] == "nosniff"
    for place in ("0", "3", "x"):
        assert browser.get(f"{address}/attachment/{place}").status_code == 404
    assert Browser(built, is_owner=False).get(f"{address}/attachment/1").status_code == 403


def test_the_text_of_a_document_is_what_is_read_in_it():
    assert html_to_text(HOSTILE) == "Hello there\npress read https://news.example/a?b=1&c=2"
    assert html_to_text("<ul><li>one</li><li>t<i>w</i>o</li></ul>tail <![bad").startswith("one\ntwo\ntail")
    assert html_to_text("<script>never ends") == ""


@pytest.mark.parametrize(
    ("line", "pieces"),
    [
        (
            "see https://a.example/x.",
            [("see ", ""), ("https://a.example/x", "https://a.example/x"), (".", "")],
        ),
        ("none", [("none", "")]),
        ("ftp://a.example javascript:x", [("ftp://a.example javascript:x", "")]),
    ],
)
def test_addresses_in_a_line_become_links(line, pieces):
    assert split_links(line) == pieces


@pytest.mark.parametrize("number", ["0", "999999", "x", "1" * 30])
def test_a_mail_that_is_not_there_is_not_found(demo, number):
    assert Browser(demo[0]).get(f"/demo/mail/{number}").status_code == 404


def test_the_menu_names_the_mailbox_in_a_demonstration_only(demo, tmp_path):
    assert 'href="/demo/mail"' in Browser(demo[0]).get("/sources").text
    assert 'href="/demo/mail"' not in Browser(house(tmp_path, with_bars=False)).get("/sources").text


def test_a_home_of_the_real_market_says_that_it_has_none(tmp_path):
    browser = Browser(house(tmp_path, with_bars=False))
    answer = browser.get("/demo/mail")
    assert answer.status_code == 200
    assert "Not a demo" in answer.text
    assert browser.call("demo.mails").json()["rows"] == []
    assert browser.call("demo.mail", number=1).status_code == 404


def test_a_world_that_does_not_answer_is_said_so(demo):
    gone = replace(demo[0], mailbox=WorldMailbox("http://127.0.0.1:9"))
    answer = Browser(gone).get("/demo/mail")
    assert answer.status_code == 503
    assert "vigie demo" in answer.text


def test_who_is_not_signed_in_reads_no_mail(demo):
    built, world = demo
    send(world, "private", "words")
    answer = Browser(built, is_owner=False).get(f"/demo/mail/{world.mailbox.received_count}")
    assert answer.status_code == 403
    assert "words" not in answer.text
