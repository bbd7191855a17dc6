"""The demonstration's person: plans once, from a mail about a setup of its own coin, and then limits the account."""

from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace

import pytest

from tests.channels import notifiers_of
from tests.houses import KEY
from tests.left_to_plans import STRATEGY, left_house, trade_until
from tests.unit.services.alerting.material import ADDRESS, mailbox
from tests.unit.services.plans.material import OWNER, alive, at, close_of
from vigie.adapters.notifiers.mail.smtp import SmtpNotifier, mail_server
from vigie.domain.alert import AlertRule, Channel
from vigie.domain.time import HOUR_MS
from vigie.services.alerting.delivery_worker import DeliveryWorker
from vigie.services.alerting.watching import setups as watching
from vigie.services.needs import bound, provide
from vigie.services.operation_calls import run_operation
from vigie.services.operations import plans as plan_operations
from vigie.services.setups.following import SetupFollower
from vigie.services.trading.account_plans.trading_stores import TradingStores
from vigie.services.trading.gateway.overrides import load_overrides
from vigie.views.cli import demo_person
from vigie.views.cli.demo_person import DemoPerson


@pytest.fixture
def house(left_home, tmp_path, monkeypatch):
    monkeypatch.setattr(demo_person, "OWN_INSTRUMENT", "btc-usdt-perp")
    house = left_house(left_home, tmp_path / "home")
    mail = house.alerts.put_channel(Channel("", "owner", "mail", "reader@example.org", is_confirmed=True))
    when = {"state": ("confirmed",)}
    house.alerts.put_rule(AlertRule("", "owner", "Confirmed", "setup", when, ("inbox", mail.id)))
    bound(house, watching.look)()
    SetupFollower(provide(house, TradingStores), house.setups).follow_once()
    bound(house, watching.look)()
    close_of(house, "btc-usdt-perp", house.clock.market_now())
    return house


def switched_off(house):
    rows = run_operation(house, OWNER, "trading.slots", {"account": "main"}).rows
    return [row.slot for row in rows if not row.is_on]


def mail_what_is_due(house):
    with mailbox() as (box, url):
        notifier = SmtpNotifier(mail_server(url), "alerts@vigie.example.org", house.clock)
        post = notifiers_of(mail=lambda: notifier, address=lambda: ADDRESS, key=lambda: KEY)
        DeliveryWorker(replace(house, notifiers=post)).send_due()
        assert box.mails


def plans(house):
    return run_operation(house, OWNER, "plans.list", {}).rows


def test_it_waits_for_the_mail_plans_once_and_limits_the_account_once_it_is_traded(house):
    said: list[str] = []
    run_operation(house, OWNER, "trading.switch", {"account": "main", "slots": [STRATEGY], "on": True})
    person = DemoPerson(alive(house), lambda: True, is_new=True, say=said.append)
    assert not person.step()
    # Its coin is left to it, and nothing is planned from what no mail told of.
    assert (switched_off(house), plans(house)) == ([STRATEGY], [])
    mail_what_is_due(house)
    assert not person.step()
    (plan,) = plans(house)
    (setup,) = run_operation(house, OWNER, "setups.list", {"state": "confirmed"}).rows
    assert (plan.state, plan.setup, plan.stop) == ("armed", setup.setup, pytest.approx(setup.stop, rel=1e-4))
    assert not person.step()
    assert len(plans(house)) == 1
    run = house.trades.run("main")
    # A limit would count against the plan before it is in the market.
    assert load_overrides(house.accounts, run).max_positions is None
    house.trades.leave(house.trades.take("main", "trade@here:1", for_s=1))
    later = house.clock.market_now() + HOUR_MS
    trade_until(house, later)
    person.app_context = at(house, later)
    assert person.step()
    assert plans(person.app_context)[0].state == "entered"
    assert load_overrides(house.accounts, run).max_positions == demo_person.MOST_POSITIONS
    # A later start in the same home changes nothing any more.
    run_operation(house, OWNER, "trading.switch", {"account": "main", "slots": [STRATEGY], "on": True})
    assert DemoPerson(person.app_context, lambda: True, is_new=False, say=said.append).step()
    assert switched_off(house) == []


def test_a_suggestion_from_a_setup_has_the_bars_on_which_its_account_decides_plans(house, monkeypatch):
    (setup,) = run_operation(house, OWNER, "setups.list", {"state": "confirmed"}).rows
    asked = {"setup": setup.setup, "account": "main"}
    own = run_operation(house, OWNER, "plans.suggest", asked)
    four_hours = SimpleNamespace(slot=SimpleNamespace(timeframe="4h"))
    monkeypatch.setattr(plan_operations, "slot_of", lambda *_: four_hours)
    told = run_operation(house, OWNER, "plans.suggest", asked)
    assert (own.timeframe, told.timeframe) == ("1h", "4h")
    assert (told.stop, told.target, told.setup) == (own.stop, own.target, setup.setup)


def test_a_draft_of_somebody_is_no_decision_and_does_not_keep_it_from_planning(house):
    (setup,) = run_operation(house, OWNER, "setups.list", {"state": "confirmed"}).rows
    levels = run_operation(house, OWNER, "plans.suggest", {"setup": setup.setup, "account": "main"})
    run_operation(
        house, OWNER, "plans.make",
        {"place": levels.place, "account": "main", "side": levels.side, "stop": levels.stop,
         "target": levels.target, "low": levels.low, "high": levels.high, "setup": setup.setup},
    )  # fmt: skip
    assert [(plan.state, plan.setup) for plan in plans(house)] == [("draft", setup.setup)]
    mail_what_is_due(house)
    person = DemoPerson(alive(house), lambda: True, is_new=True)
    assert not person.step()
    assert sorted(plan.state for plan in plans(house)) == ["armed", "draft"]
    assert not person.step()
    assert len(plans(house)) == 2
