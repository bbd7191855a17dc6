"""A mailbox of newsletters added by its form, in French, on a phone: its letters are read by IMAP and are news."""

from __future__ import annotations

import asyncio
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest

from tests.e2e.houses import faults_of, served, tab
from tests.houses import house
from tests.newsrooms import read_all
from tests.unit.sandbox.world.hands import small_world
from vigie.wiring.news import NewsConnectors
from vigie_sandbox.world.server import serving

pytestmark = pytest.mark.browser
BOX = {"host": "imap.veille-jeton.example", "user": "reader@demo.example", "folder": "Actualités"}


def letters(built, world):
    """Read the mailbox as the collector of a simulated home does."""
    made = NewsConnectors(
        built,
        None,
        None,
        built.directory.feeds.folder,
        urls={"newsroom": f"{world}/newsroom"},
        keys={},
        speedup=1.0,
    )
    (connector,) = made.changed_connectors()
    assert (connector.off, connector.brings_news) == ("", True)
    # The browser's own loop runs in this thread.
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(asyncio.run, connector.source.pull("")).result().shown


def test_letters_of_a_mailbox_that_was_added_by_its_form_are_news(browser, tmp_path):
    built = replace(house(tmp_path / "home", with_bars=False), is_simulated=True)
    phone = {"width": 360, "height": 740}
    with (
        serving(small_world()) as world,
        served(built) as site,
        tab(browser, site, locale="fr-FR", viewport=phone) as opened,
    ):
        page = opened.page
        page.goto("/sources/feeds")
        form = page.locator("#mailbox form")
        form.get_by_label("Serveur (IMAP sur TLS)").fill("127.0.0.1")
        for name in ("user", "folder"):
            form.locator(f"[name={name}]").fill(BOX[name])
        form.get_by_role("button", name="Ajouter").click()
        # What is refused keeps what was typed, and says why in French.
        page.get_by_role("alert").filter(has_text="internet public").wait_for()
        assert form.locator("[name=folder]").input_value() == BOX["folder"]
        opened.said.clear()  # the browser notes the refusal
        form.get_by_label("Serveur (IMAP sur TLS)").fill(BOX["host"])
        form.locator("[name=title]").fill("Ma lettre")
        form.get_by_role("button", name="Ajouter").click()
        page.get_by_text("Boîte ajoutée. Elle sera lue dès que vous aurez").wait_for()
        page.locator("#own").get_by_text("VIGIE_MAIL_MA_LETTRE_KEY=").wait_for()
        assert faults_of(page) == []
        assert (
            page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth") <= 0
        )
        shown = letters(built, world)
        built.items.take(shown)
        read_all(built)
        page.goto("/news?source=ma_lettre&everything=1")
        title = max(shown.sightings, key=lambda one: one.ts_published).title
        page.get_by_role("heading", name=title).wait_for()
