"""The demonstration's mailbox in a browser: both languages, a narrow screen, a mail that comes while one looks."""

from __future__ import annotations

import pytest

from tests.e2e.houses import faults_of, served, tab
from tests.mails import demonstration, send

pytestmark = pytest.mark.browser
HTML = '<p style="color:red">Bonjour</p><script>document.title="owned"</script><img src="http://tracker.example/p">'
LONG = "https://valmer-markets.example/news/" + "a-long-word-" * 30


@pytest.fixture(scope="module")
def demo(tmp_path_factory):
    with demonstration(tmp_path_factory.mktemp("home")) as (built, world), served(built) as site:
        yield site, world


@pytest.mark.parametrize(("language", "scheme"), [("en-GB", "dark"), ("fr-FR", "light")])
def test_list_and_mail_have_no_faults_of_accessibility(browser, demo, language, scheme):
    site, world = demo
    send(world, "Valmer Markets Authority: Bitcoin", f"One line.\n{LONG}\n", HTML)
    with tab(
        browser, site, locale=language, color_scheme=scheme, viewport={"width": 320, "height": 640}
    ) as opened:
        page = opened.page
        for path in ("/demo/mail", f"/demo/mail/{world.mailbox.received_count}"):
            page.goto(path)
            assert page.locator("html").get_attribute("lang") == language[:2]
            assert page.locator("h1").count() == 1
            assert faults_of(page) == []
            root = "document.documentElement"
            assert page.evaluate(f"{root}.scrollWidth - {root}.clientWidth") <= 0
            assert page.locator(".demo a:visible").bounding_box()["height"] >= 24
        assert "owned" not in page.title()
        assert not any("tracker" in address for address in opened.asked)


def test_a_mail_that_comes_while_one_looks_appears_by_itself(browser, demo):
    site, world = demo
    world.mailbox.clear()
    with tab(browser, site, locale="en-GB") as opened:
        opened.page.goto("/demo/mail")
        opened.page.get_by_text("No e-mail yet").wait_for()
        send(world, "It came by itself", "Text.\n")
        opened.page.get_by_role("link", name="It came by itself").click()
        opened.page.get_by_role("heading", level=1, name="It came by itself").wait_for()
