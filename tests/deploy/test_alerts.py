"""Alerts and the dashboard ask for figures that `/metrics` has, and say what to do."""

from __future__ import annotations

import json
import re

import promql_parser
import pytest
import yaml

from tests import houses
from tests.deploy.material import DEPLOY
from vigie.services.needs import bound
from vigie.services.trading.accounts.account_metrics import AccountMetricsReader
from vigie.views.web.metrics import MetricsCollector

GROUPS = yaml.safe_load((DEPLOY / "prometheus" / "rules.yml").read_text(encoding="utf-8"))["groups"]
RULES = [rule for group in GROUPS for rule in group["rules"]]
DASHBOARD = json.loads((DEPLOY / "grafana" / "dashboards" / "vigie.json").read_text(encoding="utf-8"))
PANELS = [panel for panel in DASHBOARD["panels"] if panel["type"] != "row"]
EXPRESSIONS = [rule["expr"] for rule in RULES]
EXPRESSIONS += [target["expr"] for panel in PANELS for target in panel["targets"]]
# What Prometheus has by itself.
OWN = {"up", "ALERTS"}


@pytest.fixture(scope="module")
def told(tmp_path_factory):
    """Return the names of all figures of a home in which nothing has happened yet."""
    house = houses.house(tmp_path_factory.mktemp("home") / "home", with_bars=False)
    names = set()
    for name, kind in re.findall(r"(?m)^# TYPE (\w+) (\w+)$", houses.Browser(house).get("/metrics").text):
        names |= {f"{name}_{part}" for part in ("bucket", "count", "sum")} if kind == "histogram" else {name}
    return names


def asked(expression):
    """Return the figures that an expression asks for."""
    plain = re.sub(r'"[^"]*"', '""', expression)
    return set(re.findall(r"\b(vigie_\w+|up|ALERTS)\b", plain))


def test_every_figure_that_is_asked_for_is_told(told):
    wanted = set().union(*map(asked, EXPRESSIONS)) - OWN
    assert len(wanted) > 20
    assert wanted - told == set()


def test_a_planted_figure_that_nobody_tells_is_found(told):
    assert asked('rate(vigie_trade_equty{account="vigie_x"}[5m]) > 1') - told == {"vigie_trade_equty"}


@pytest.fixture(scope="module")
def labels(tmp_path_factory):
    """Return the labels of all figures, by name; those that Prometheus adds by itself are everywhere."""
    house = houses.house(tmp_path_factory.mktemp("labels") / "home", with_bars=False)
    found = {"up": {"job"}, "ALERTS": {"alertstate"}}
    for one in MetricsCollector(house, lambda: 0, bound(house, AccountMetricsReader)()).collect():
        for tail in ("", "_total", "_bucket", "_count", "_sum"):
            found[f"{one.name}{tail}"] = {*one._labelnames, *(("le",) if tail == "_bucket" else ())}
    return found


def strange(expression, labels):
    """Return the labels that an expression matches or groups by and that none of its figures has."""
    named = {
        label for part in re.findall(r"\{(.*?)\}", expression) for label in re.findall(r"(\w+)\s*[=!]", part)
    }
    grouped = re.findall(r"\b(?:by|on) \(([^)]*)\)", expression)
    named |= {label.strip() for part in grouped for label in part.split(",")}
    return named - set().union(*(labels[name] for name in asked(expression)))


@pytest.mark.parametrize("expression", EXPRESSIONS)
def test_labels_that_are_matched_exist(expression, labels):
    assert strange(expression, labels) == set()


def test_planted_labels_that_no_figure_has_are_found(labels):
    planted = 'sum by (acount) (vigie_trade_state{state="halted", slot="x"})'
    assert strange(planted, labels) == {"acount", "slot"}


def test_legends_name_labels_that_are_left(labels):
    for panel in PANELS:
        for target in panel["targets"]:
            legend = re.findall(r"\{\{(\w+)\}\}", target.get("legendFormat", ""))
            known = set().union(*(labels[name] for name in asked(target["expr"])))
            assert set(legend) <= known, target


@pytest.mark.parametrize("expression", EXPRESSIONS)
def test_an_expression_is_one_that_prometheus_reads(expression):
    promql_parser.parse(expression)


def test_an_expression_that_prometheus_refuses_is_found():
    with pytest.raises(ValueError, match="invalid promql"):
        promql_parser.parse("rate(vigie_trade_orders_total)[5m] > ")


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule["alert"])
def test_an_alert_says_how_urgent_it_is_what_is_wrong_and_what_to_do(rule):
    assert rule["labels"]["severity"] in ("page", "ticket")
    assert rule["annotations"].keys() == {"summary", "action"}
    page = (DEPLOY.parent / "docs" / "observing.md").read_text(encoding="utf-8")
    assert f"`{rule['alert']}`" in page


def test_what_trading_must_never_be_silent_about_has_an_alert():
    names = {rule["alert"] for rule in RULES if rule["labels"]["severity"] == "page"}
    assert {
        "PositionWithoutStop",
        "PositionsDiffer",
        "VigiePartSilent",
        "TradingHalted",
        "PricesSilent",
    } <= names


def test_prometheus_reads_the_rules_and_signs_in_with_a_secret():
    made = yaml.safe_load((DEPLOY / "prometheus" / "prometheus.yml").read_text(encoding="utf-8"))
    assert made["rule_files"] == ["rules.yml"]
    [job] = made["scrape_configs"]
    assert job["metrics_path"] == "/metrics"
    assert job["authorization"]["credentials_file"] == "/run/secrets/metrics_token"


def test_panels_lie_beside_one_another_and_say_where_their_figures_come_from():
    taken = set()
    for panel in DASHBOARD["panels"]:
        place = panel["gridPos"]
        cells = {
            (x, y)
            for x in range(place["x"], place["x"] + place["w"])
            for y in range(place["y"], place["y"] + place["h"])
        }
        assert max(x for x, _ in cells) < 24
        assert not cells & taken, panel["title"]
        taken |= cells
    uid = yaml.safe_load(
        (DEPLOY / "grafana" / "provisioning" / "datasources" / "prometheus.yml").read_text(encoding="utf-8")
    )["datasources"][0]["uid"]
    assert {panel["datasource"]["uid"] for panel in PANELS} == {uid}
    assert len({panel["id"] for panel in DASHBOARD["panels"]}) == len(DASHBOARD["panels"])
