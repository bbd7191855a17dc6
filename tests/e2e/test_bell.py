"""The bell in a browser: the same count in every tab, emptied by keyboard; messages of alerts that disturb nobody."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.e2e.houses import faults_of, site_of
from tests.e2e.houses import opened as open_tab
from tests.unit.services.alerting.material import read
from vigie.domain.alert import INBOX, AlertRule
from vigie.domain.person import OWNER
from vigie.services.alerting.delivery_worker import DeliveryWorker
from vigie.services.alerting.item_events import dispatch_read_items
from vigie.services.needs import bound

pytestmark = pytest.mark.browser


@pytest.fixture
def site(tmp_path):
    with site_of(tmp_path / "home") as opened:
        yield opened


def end_job(site):
    job = site.house.jobs.put("backtest", {"assets": "bitcoin"}, owner=OWNER.user)
    assert site.house.jobs.take("w", ("backtest",), stale_ms=10**12).id == job.id
    site.house.jobs.finish(job.id, "w", "done", message="", answer=None)


def tell(site, *titles):
    """Let a rule find items, and put what it says into the inbox."""
    for title in titles:
        bound(site.house, dispatch_read_items)([read(title, title=title)])
    DeliveryWorker(site.house).send_due()


@pytest.fixture
def told(site):
    """Give a site where everything that is read is an alert."""
    site.house.alerts.put_rule(AlertRule("", OWNER.user, "All", "item", {}, (INBOX,)))
    return site


# What a person is at, and which messages are shown to it.
SHOWN = "() => [...document.querySelectorAll('.toast > :first-child')].map(one => one.textContent)"


@pytest.mark.parametrize(("language", "two"), [("en-GB", "2 new alerts"), ("fr-FR", "2 nouvelles alertes")])
def test_messages_of_alerts_come_ten_seconds_apart_and_take_no_focus(browser, told, language, two):
    with open_tab(browser, told, locale=language) as opened:
        page, count = opened.page, opened.page.locator(".bell-count")
        page.clock.install()
        page.goto("/help")
        page.wait_for_selector("[data-palette]:not([hidden])")
        at = page.locator("main a").first
        at.focus()
        tell(told, "First")
        expect(count).to_have_text("1")
        # The bell and its message are changed by one piece of script: what is not shown by now does not come.
        assert len(page.evaluate(SHOWN)) == 1
        expect(at).to_be_focused()
        for number, title in (("2", "Second"), ("3", "Third")):
            tell(told, title)
            expect(count).to_have_text(number)
        assert len(page.evaluate(SHOWN)) == 1
        page.clock.fast_forward(10_000)
        assert page.evaluate(SHOWN)[-1] == two
        expect(at).to_be_focused()
        assert faults_of(page) == []
        assert opened.said == []


def test_the_bell_counts_alike_in_two_tabs_and_is_emptied_by_keyboard(browser, site):
    with open_tab(browser, site, locale="en-GB") as first:
        page, other = first.page, first.page.context.new_page()
        for one in (page, other):
            one.goto("/help")
        counts = [one.locator(".bell-count") for one in (page, other)]
        # The bell's own script is fetched once there is something to tell.
        page.locator("[data-stream-chip]").wait_for(state="attached")
        assert not any("/bell" in url for url in first.asked)
        end_job(site)
        for count in counts:
            expect(count).to_have_text("1")
        assert any("/bell" in url for url in first.asked)
        expect(page.locator("[data-bell]")).to_have_attribute("aria-label", "Notifications, 1 unread")
        page.locator("[data-bell]").focus()
        page.keyboard.press("Enter")
        page.wait_for_url("**/notifications")
        assert faults_of(page) == []
        page.get_by_role("button", name="Mark all as read").focus()
        page.keyboard.press("Enter")
        page.get_by_text("You are up to date.").wait_for()
        for count in counts:
            expect(count).to_be_hidden()
        assert first.said == []


def test_an_open_page_of_notifications_shows_what_the_bell_counts_and_no_message_in_calm(browser, told):
    site = told
    site.house.accounts.put_settings(OWNER.user, {"calm": "on"})
    with open_tab(browser, site, locale="en-GB") as opened:
        page = opened.page
        page.goto("/notifications")
        page.get_by_text("No backtest, sweep or import has finished yet.").wait_for()
        end_job(site)
        expect(page.locator(".bell-count")).to_have_text("1")
        expect(page.locator("#new-jobs li")).to_have_count(1)
        expect(page.locator("#inbox .page-head")).to_contain_text("1 unread")
        tell(site, "First")
        expect(page.locator(".bell-count")).to_have_text("2")
        assert page.locator(".toast").count() == 0
        assert opened.said == []


def test_a_message_is_put_into_a_part_that_stood_before_and_takes_no_focus(browser, site):
    with open_tab(browser, site, locale="en-GB") as opened:
        page = opened.page
        page.goto("/help")
        page.wait_for_selector("[data-palette]:not([hidden])")
        region = page.locator("body > .toasts[role=status]")
        expect(region).to_have_count(1)
        expect(region).to_be_empty()
        page.locator("main a").first.focus()
        page.evaluate("window.region = document.querySelector('.toasts')")
        page.evaluate(
            "document.dispatchEvent(new CustomEvent('vigie:toast', {detail: {text: 'A rule fired.'}}))"
        )
        expect(region).to_contain_text("A rule fired.")
        assert page.evaluate("window.region === document.querySelector('.toasts')")
        assert page.evaluate("document.activeElement.matches('main a')")
        assert faults_of(page) == []
