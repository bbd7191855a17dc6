"""Links of a demonstration's items lead to its own page of them, in mails, feeds, files and answers."""

from __future__ import annotations

from dataclasses import replace
from urllib.parse import quote

import pytest

from tests.channels import notifiers_of
from tests.newsrooms import EVENT, read_all, told_house
from tests.unit.services.alerting.material import ADDRESS, URL, mailbox, mailing, read
from vigie.domain.item import Sighting
from vigie.domain.person import OWNER
from vigie.ports.source_fetches import SourceFetch
from vigie.services.alerting.delivery_worker import DeliveryWorker
from vigie.services.alerting.feeds import feed_address, render_feed
from vigie.services.alerting.item_events import dispatch_read_items
from vigie.services.demo_world import first_rules
from vigie.services.needs import bound
from vigie.services.news.news_rows import link_of, safe_link
from vigie.services.operation_calls import run_operation

PAGE = f"/demo/article?url={quote(URL, safe='')}"
INVENTED = "https://chainpost.example/a"


def test_an_invented_publishers_article_is_led_to_in_a_demonstration_only():
    assert link_of(URL, is_simulated=True) == PAGE
    assert link_of(URL, is_simulated=False) == URL
    assert safe_link(URL, ADDRESS, is_simulated=True) == ADDRESS + PAGE


@pytest.mark.parametrize(
    "url",
    [
        "https://www.sec.gov/a",
        "https://a.example.org/x",
        "https://a.example/x?y=1",
        "http://a.example/",
        "/news/1",
        "",
    ],
)
def test_every_other_address_leads_where_it_says(url):
    assert link_of(url, is_simulated=True) == url


@pytest.mark.parametrize("url", ["javascript:alert(1)", "//evil.example/", "data:,"])
def test_what_no_click_may_open_is_no_link(url):
    assert safe_link(url, ADDRESS, is_simulated=True) == ""


def test_what_would_break_out_of_a_link_is_written_so_that_it_does_not():
    hostile = 'https://a.example/"><script>alert(1)</script>'
    assert safe_link(hostile, ADDRESS, is_simulated=False) == ""
    assert not set(safe_link(hostile, ADDRESS, is_simulated=True)) & set("\"'<> ")


def test_where_nobody_knows_the_pages_nothing_leads_to_them():
    assert safe_link(URL, "", is_simulated=True) == ""


def test_mails_and_feeds_of_a_demonstration_lead_to_its_page(tmp_path):
    with mailbox() as (box, server):
        place = replace(mailing(tmp_path / "home", server), is_simulated=True)
        first_rules(place.alerts)
        bound(place, dispatch_read_items)([read()])
        DeliveryWorker(place).send_due()
        (rule,) = (
            one.id
            for one in place.alerts.rules(OWNER.user)
            if "bitcoin" in one.when.get("assets", ()) and one.kind == "item"
        )
    mail = box.mails[0]
    text, html = (mail.get_body((kind,)).get_content() for kind in ("plain", "html"))
    assert ADDRESS + PAGE in text
    assert f'href="{ADDRESS}{PAGE}"' in html
    assert URL not in text
    word = feed_address(place.notifiers, rule).rpartition("/")[2]
    assert f"<link>{ADDRESS}{PAGE}</link>" in bound(place, render_feed)(rule, word)


@pytest.fixture(scope="module")
def demonstration(tmp_path_factory):
    made = told_house(tmp_path_factory.mktemp("home") / "h")
    said = Sighting("sec_press", "i", INVENTED, "Bitcoin rule", "So.", ts_published=EVENT, precision="minute")
    made.items.take(SourceFetch("sec_press", EVENT + 1, (said,)))
    read_all(made)
    return replace(made, is_simulated=True, notifiers=notifiers_of(address=lambda: ADDRESS))


def test_a_brief_of_a_demonstration_leads_to_its_page(demonstration):
    found = run_operation(demonstration, OWNER, "news.brief", {"week": "2025-W29"})
    page = f"{ADDRESS}{link_of(INVENTED, is_simulated=True)}"
    assert f'href="{page}"' in found.html
    assert page in found.text
    assert f'href="{INVENTED}"' not in found.html


def test_a_program_is_told_what_opens_an_item_beside_its_address(demonstration):
    rows = run_operation(demonstration, OWNER, "news.list", {}).rows
    links = {row["url"]: row["link"] for row in rows}
    assert links[INVENTED] == link_of(INVENTED, is_simulated=True)
    assert all(link == url for url, link in links.items() if url != INVENTED)
