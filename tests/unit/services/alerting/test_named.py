"""Rules name whom they are about as people do; whom nobody knows is refused, who was merged is told of still."""

from __future__ import annotations

import pytest

from tests.databases import HandClock
from tests.unit.services.alerting.material import mailing, read, rule
from vigie.domain.entity import Amendment
from vigie.domain.errors import NotFound
from vigie.domain.person import OWNER, SCOPES_OF, Caller
from vigie.services.alerting.reading import on_read
from vigie.services.asking import ask

ME = Caller(OWNER.user, OWNER.role, SCOPES_OF["admin"])


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    return mailing(tmp_path_factory.mktemp("home"), "smtp://127.0.0.1:9", HandClock())


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ({"entities": ["SEC", "org:sec", "securities and exchange commission"]}, {"entities": ("org:sec",)}),
        ({"entities": ["Banque centrale européenne"]}, {"entities": ("org:ecb",)}),
        ({"entities": ["Bitcoin"]}, {"entities": ("coin:bitcoin",)}),
        ({"entities": ["org:of-my-own"]}, {"entities": ("org:of-my-own",)}),
        ({"sources": ["CoinDesk", "coindesk", "esma_casps"]}, {"source": ("coindesk", "esma_casps")}),
    ],
)
def test_a_rule_takes_names_and_keeps_what_they_stand_for(place, given, kept):
    made = ask(place, ME, "alerts.put", {"name": "Mine", **given})
    held = place.alerts.rule(OWNER.user, made.rule)
    assert held.when == kept
    ask(place, ME, "alerts.set", {"rule": made.rule, "becomes": "delete"})


@pytest.mark.parametrize(
    ("given", "says"),
    [({"entities": ["Nobody Ltd"]}, "no entity 'Nobody Ltd'"), ({"sources": ["Coin Desk"]}, "no source of news")],
)  # fmt: skip
@pytest.mark.parametrize("name", ["alerts.put", "alerts.preview"])
def test_whom_nobody_knows_is_refused_instead_of_waited_for(place, name, given, says):
    named = {"name": "Mine"} if name == "alerts.put" else {}
    with pytest.raises(NotFound, match=says):
        ask(place, ME, name, {**named, **given})


@pytest.mark.parametrize(("way", "old"), [("entities", "org:sec"), ("followed", "org:esma")])
def test_who_was_merged_is_told_of_under_the_name_that_a_rule_has(place, way, old):
    if way == "followed":
        ask(place, ME, "entities.follow", {"entity": old, "watchlist": ""})
    made = rule(place, when={"entities": (old,)} if way == "entities" else {"followed": ("yes",)})
    named = {"entities": {"found": [{"id": "org:valmer"}], "assets": []}}
    assert on_read(place, [read(f"{way} before", found=named)]) == 0
    place.names.amend(Amendment("", "merge", old, "", "org:valmer", OWNER.user))
    assert on_read(place, [read(f"{way} after", found=named)]) == 1
    ask(place, ME, "alerts.set", {"rule": made.id, "becomes": "delete"})
