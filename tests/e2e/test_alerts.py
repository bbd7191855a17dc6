"""A journalist's alerts in a browser: a regulator's release in a real mail server, a list built, kept and told of."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest

from tests.e2e.houses import faults_of, served, tab
from tests.houses import VENUE, house, until
from tests.unit.services.alerting.material import HIM, mailbox, mailing
from vigie.domain.alert import INBOX, Alert, AlertDelivery, AlertEvent, AlertRule, alert_id, delivery_id
from vigie.domain.item import Sighting
from vigie.domain.person import OWNER
from vigie.domain.quote import Quote
from vigie.domain.time import HOUR_MS
from vigie.ports.source_fetches import SourceFetch
from vigie.services.alerting.delivery_worker import DeliveryWorker
from vigie.services.alerting.item_events import dispatch_read_items
from vigie.services.alerting.watching import metric_conditions, newcomers
from vigie.services.needs import bound
from vigie.services.news.analysis.item_reader import ItemReader
from vigie.services.running.beside import running_beside

pytestmark = pytest.mark.browser
RELEASE = "https://www.sec.gov/newsroom/press-releases/2026-311"


@pytest.fixture(scope="module")
def desk(tmp_path_factory, lent):
    home = tmp_path_factory.mktemp("home") / "home"
    with mailbox() as (box, url):
        built = replace(house(home), notifiers=mailing(home, url).notifiers)
        with served(built) as site, lent() as browser:
            yield site, browser, box


def test_five_interactions_lead_to_a_mail_of_a_regulators_release_with_the_right_link(desk):
    site, browser, box = desk
    place = site.house
    with tab(browser, site, locale="en-GB") as opened:
        page = opened.page
        page.goto("/alerts")
        page.get_by_label("New address").fill(HIM)
        page.get_by_role("button", name="Send code").click()
        page.get_by_text("Code sent. Enter it next to the address").wait_for()
        page.get_by_label("Confirmation code").fill(re.search(r"\d{8}", box.mails[-1]["Subject"])[0])
        page.get_by_role("button", name=f"Confirm: {HIM}").click()
        page.get_by_text("Address confirmed.").wait_for()
        page.get_by_role("button", name="Add rule: Regulators on Bitcoin").click()
        page.get_by_text("Rule created; it is on.").wait_for()

        now = place.clock.market_now()
        title = "SEC proposes custody rule for Bitcoin held by funds"
        release = Sighting(
            "sec_press", "2026-311", RELEASE, title, ts_published=now - 1_000, precision="second"
        )
        other = replace(
            release, key="2026-312", url=f"{RELEASE}x", title="SEC names a new head of its Denver office"
        )
        place.items.take(SourceFetch("sec_press", now, [release, other]))
        before = len(box.mails)
        while ItemReader(place, tell=dispatch_read_items).read_some():
            pass
        with running_beside(DeliveryWorker(place), "vigie-delivery-worker"):
            until(lambda: len(box.mails) > before)
            until(lambda: dict(place.alerts.counts()).get(("mail", "sent")))
        (mail,) = box.mails[before:]
        assert (mail["To"], mail["Subject"]) == (HIM, f"[Vigie] {title}")
        for kind in ("plain", "html"):
            assert RELEASE in mail.get_body((kind,)).get_content()
        page.reload()
        assert page.locator("#inbox").get_by_role("link", name=title).get_attribute("href") == RELEASE
        stages = page.locator("#level tbody tr")
        assert [stages.nth(place).locator("td").nth(2).inner_text() for place in range(4)] == [
            "2",
            "2",
            "1",
            "1",
        ]
        assert faults_of(page) == []


def test_an_alert_held_back_wraps_on_a_phone(desk):
    """Held back, it has no button that marks it read: its text is the only child of its row."""
    site, browser, _ = desk
    store, now = site.house.alerts, site.house.clock.wall_now()
    rule = store.put_rule(AlertRule("", OWNER.user, "A long one", "item"))
    told = AlertEvent("item", "held-back", " ".join(["Réglementation"] * 40), now, now)
    alert = Alert(alert_id(rule.id, told), rule.id, OWNER.user, told, now)
    why = "the daily limit of its rule was reached"
    held = AlertDelivery(
        delivery_id(alert.id, INBOX), alert.id, INBOX, "suppressed", now, ts_done=now, why=why
    )
    store.add([(alert, [held])])
    with tab(browser, site, locale="fr-FR", viewport={"width": 360, "height": 740}) as opened:
        page = opened.page
        page.goto("/alerts")
        row = page.locator("#inbox li", has_text="Réglementation Réglementation")
        assert row.get_by_role("button").count() == 0
        assert page.evaluate("document.documentElement.scrollWidth") <= 360
        assert faults_of(page) == []


def test_a_list_of_emerging_coins_is_built_kept_and_told_of(desk):
    site, browser, _ = desk
    place = site.house
    with tab(browser, site, locale="fr-FR") as opened:
        page = opened.page
        page.goto("/markets/screener")
        page.get_by_label("Champ", exact=True).select_option("change_24h")
        page.locator("#f-bound").fill("80 %")
        page.get_by_role("button", name="Ajouter la condition").click()
        page.locator("#f-name").fill("Qui émerge")
        page.get_by_role("button", name="Enregistrer", exact=True).click()
        page.get_by_role("link", name="Qui émerge").click()
        page.get_by_role("link", name="M’alerter des entrées et sorties").click()
        page.get_by_role("button", name="Créer la règle").click()
        page.locator("#rules").get_by_text("variation 24 h au-dessus de 80").wait_for()

        assert bound(place, metric_conditions.look)() == 0
        (rule,) = [one for one in place.alerts.rules(OWNER.user) if one.kind == "screener"]
        assert rule.when == {"subject": ("change_24h>0.8",), "turn": ("enters",)}
        now = place.clock.market_now()
        soars = Quote(VENUE, "sol-usdt-perp", 1e6, now, now, change_24h=0.9)
        place.quotes.put([soars])
        until(lambda: bound(place, metric_conditions.look)())
        page.goto("/alerts")
        page.locator("#inbox").get_by_text("Solana correspond maintenant à").first.wait_for()
        assert faults_of(page) == []


def test_the_list_of_newcomers_is_narrowed_kept_and_told_of(desk):
    site, browser, _ = desk
    place = site.house

    def listed(**liquidity: float) -> None:
        now = place.clock.market_now()
        rows = [
            {"id": f"eth_{name}", "name": name, "network": "eth", "ts_created": now - 30 * HOUR_MS,
             "liquidity_usd": value, "volume_24h_usd": 1e5, "is_new": True, "is_trending": False}
            for name, value in liquidity.items()
        ]  # fmt: skip
        place.facts.put_document("coingecko", "new_pools", now, {"rows": rows})

    listed(Profonde=2e5, Mince=2e4)
    with tab(browser, site, locale="fr-FR") as opened:
        page = opened.page
        page.goto("/markets/emerging")
        page.get_by_text("Mince", exact=True).first.wait_for()
        page.get_by_label("Liquidité minimale").fill("100 k")
        page.get_by_label("Chaîne").select_option("eth")
        page.get_by_role("button", name="Appliquer les filtres").click()
        page.wait_for_url("**where=liquidity_usd%3E%3D100000%2Cplace%3Deth")
        assert page.get_by_text("Profonde", exact=True).count() == 1
        assert page.get_by_text("Mince", exact=True).count() == 0
        page.locator("#f-name").fill("Liquides d’Ethereum")
        page.get_by_role("button", name="Enregistrer", exact=True).click()
        page.get_by_role("link", name="Liquides d’Ethereum").click()
        assert faults_of(page) == []
        page.get_by_role("link", name="M’alerter des nouvelles entrées").click()
        page.get_by_role("button", name="Créer la règle").click()
        page.get_by_text("Liquides d’Ethereum").wait_for()
        (rule,) = [one for one in place.alerts.rules(OWNER.user) if one.kind == "emerging"]
        assert rule.name == "Liquides d’Ethereum"
        assert rule.when == {"subject": ("liquidity_usd>=100000,place=eth",)}

        assert bound(place, newcomers.look)() == 0
        listed(Profonde=2e5, Mince=3e5)
        assert until(lambda: bound(place, newcomers.look)()) == 1
        page.goto("/alerts")
        page.locator("#inbox").get_by_text(
            "Mince entre dans la liste des cryptos émergentes"
        ).first.wait_for()


def test_a_sentence_is_completed_and_says_what_it_would_have_told(desk):
    site, browser, _ = desk
    with tab(browser, site, locale="en-GB") as opened:
        page = opened.page
        page.goto("/alerts?kind=price")
        told = page.locator("#told")
        told.get_by_text("Fill in the blanks").wait_for()
        # An example stands in the sentence until something else does.
        assert page.get_by_label("Number or field").input_value() == "\N{MINUS SIGN}5 %"
        page.get_by_label("Field", exact=True).select_option("price")
        page.get_by_label("Assets", exact=True).fill("BTC")
        page.get_by_label("is", exact=True).select_option("<")
        page.get_by_label("Number or field").fill("1,000,000")
        told.get_by_text("It would have reported").wait_for()
        page.wait_for_url("**/alerts?*bound=1%2C000%2C000*")
        assert "csrf" not in page.url
        assert "cool_down_minutes=0" in page.url
        assert "quiet_from" not in page.url
        # What was filled in is a link: who opens it sees the same sentence.
        page.goto(page.url)
        assert page.get_by_label("Number or field").input_value() == "1,000,000"
        assert page.get_by_label("is", exact=True).input_value() == "<"
        told.get_by_text("It would have reported").wait_for()
        page.get_by_role("button", name="Create rule").click()
        page.get_by_text("Rule created; it is on.").wait_for()
        (rule,) = [one for one in site.house.alerts.rules(OWNER.user) if one.kind == "price"]
        assert rule.when == {"assets": ("bitcoin",), "subject": ("price<1000000",), "turn": ("enters",)}
        assert page.locator("#rules").get_by_text("Price: Bitcoin, price below").count() >= 1
        assert faults_of(page) == []
