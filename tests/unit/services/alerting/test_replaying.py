"""What rules would have told before a home began: in the inbox, marked, and told to nobody."""

from __future__ import annotations

import pytest

from tests.databases import HandClock
from tests.houses import Browser, house, person
from vigie.domain.alert import INBOX, AlertRule, Channel
from vigie.domain.item import Sighting
from vigie.domain.person import OWNER
from vigie.domain.time import HOUR_MS
from vigie.ports.source_fetches import SourceFetch
from vigie.services.alerting.item_events import dispatch_read_items
from vigie.services.alerting.preview.kinds import PreviewSources
from vigie.services.alerting.preview.replaying import REPLAYED, replay_alerts
from vigie.services.needs import bound, provide
from vigie.services.news.analysis.item_reader import ItemReader
from vigie.services.operation_calls import run_operation

OLD, FRESH = "Bitcoin falls in Valmer", "Bitcoin rises in Valmer"


@pytest.fixture
def place(tmp_path):
    clock = HandClock()
    made = house(tmp_path / "home", with_bars=False, clock=clock)
    for title, ts in ((OLD, clock.now - 30 * HOUR_MS), (FRESH, clock.now - HOUR_MS)):
        seen = [Sighting("decrypt", title, f"https://decrypt.co/{len(title)}{ts}", title, ts_published=ts)]
        made.items.take(SourceFetch("decrypt", ts, seen))
    while ItemReader(made, tell=lambda *_: 0).read_some():
        pass
    mail = made.alerts.put_channel(Channel("", OWNER.user, "mail", "a@example.org", is_confirmed=True))
    made.alerts.put_rule(
        AlertRule(
            "", OWNER.user, "Bitcoin", "item", {"assets": ("bitcoin",)}, (INBOX, mail.id), daily_budget=1
        )
    )
    return made, clock


def rows(made):
    return run_operation(made, person(OWNER.user), "alert_log.inbox", {}).rows


def test_what_happened_before_is_in_the_inbox_marked_and_sent_to_nobody(place):
    made, clock = place
    sources, until = provide(made, PreviewSources), clock.now - 2 * HOUR_MS
    assert replay_alerts(sources, made.alerts, OWNER.user, until) == 1
    assert replay_alerts(sources, made.alerts, OWNER.user, until) == 0
    (row,) = rows(made)
    assert (row.title, row.state, row.why) == (OLD, "suppressed", REPLAYED)
    assert row.ts_done is None, "what was not sent has no time of sending"
    assert row.ts == clock.now - 30 * HOUR_MS
    assert made.alerts.count_unread(OWNER.user) == 0
    assert not made.alerts.take("p1", for_ms=10_000)
    assert not made.alerts.timings(None, 0)


@pytest.mark.parametrize(
    ("language", "word", "other"), [("en", "replayed", "not sent"), ("fr", "rejoué", "non envoyé")]
)
def test_the_page_says_replayed_in_place_of_not_sent(place, language, word, other):
    made, clock = place
    replay_alerts(provide(made, PreviewSources), made.alerts, OWNER.user, clock.now)
    inbox = Browser(made, language=language).get("/alerts").text.split('id="inbox"')[1].split("</section>")[0]
    assert inbox.count(f">{word}<") == 2
    assert other not in inbox


def test_what_was_replayed_uses_up_no_budget_and_is_told_when_it_happens_again(place):
    made, clock = place
    replay_alerts(provide(made, PreviewSources), made.alerts, OWNER.user, clock.now)
    seen = [Sighting("decrypt", "now", "https://decrypt.co/now", "Bitcoin now", ts_published=clock.now)]
    made.items.take(SourceFetch("decrypt", clock.now, seen))
    told = []
    while ItemReader(
        made, tell=lambda items: told.extend(items) or bound(made, dispatch_read_items)(items)
    ).read_some():
        pass
    assert told
    assert [(row.title, row.state) for row in rows(made)][:1] == [("Bitcoin now", "sent")]
    assert made.alerts.count_unread(OWNER.user) == 1
