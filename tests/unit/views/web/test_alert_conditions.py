"""A condition on a price is made with fields, as in the screener; nobody has to know how conditions are written."""

from __future__ import annotations

import pytest

from tests.houses import Browser, house
from vigie.domain.person import OWNER


@pytest.fixture
def built(tmp_path):
    return house(tmp_path / "home")


@pytest.mark.parametrize(
    ("language", "bound", "made"), [("en", "99k", "price>99000"), ("fr", "99 000", "price>99000")]
)
def test_a_rule_on_a_price_is_made_with_fields(built, language, bound, made):
    browser = Browser(built, language=language)
    page = browser.get("/alerts?kind=price").text
    assert 'name="field"' in page
    # An example that can be kept or changed.
    assert '<option value="change_24h" selected' in page
    form = {"kind": "price", "assets": "BTC", "field": "price", "operator": ">", "bound": bound, "where": ""}
    assert browser.post("/alerts", {**form, "channels": "inbox", "pace": "at_once"}).status_code == 200
    (rule,) = built.alerts.rules(OWNER.user)
    assert made in str(rule.when)


def test_a_condition_by_fields_joins_what_is_written(built):
    browser = Browser(built)
    form = {"kind": "price", "assets": "BTC", "field": "change_24h", "operator": "<", "bound": "-5 %"}
    browser.post("/alerts", {**form, "where": "price>1000", "channels": "inbox", "pace": "at_once"})
    (rule,) = built.alerts.rules(OWNER.user)
    assert "price>1000,change_24h<-0.05" in str(rule.when)


def test_what_is_refused_stays_filled_in(built):
    form = {"kind": "price", "assets": "BTC", "field": "price", "operator": ">", "bound": "much"}
    page = Browser(built).post("/alerts", {**form, "where": "", "channels": "inbox"}).text
    assert "price&gt;much" in page
    assert built.alerts.rules(OWNER.user) == () or not built.alerts.rules(OWNER.user)
