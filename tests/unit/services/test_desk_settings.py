"""Settings: defaults, history, the way back, time zones, how long things are kept."""

from __future__ import annotations

import os

import pytest

from tests.clocks import START, JumpingClock
from tests.houses import house, person
from vigie.domain.errors import Conflict, Forbidden, NotFound, UsageError
from vigie.domain.person import VISITOR
from vigie.domain.time import DAY_MS
from vigie.services.needs import bound
from vigie.services.operation_calls import run_operation
from vigie.services.running import retention

OWNER, ANN = person(), person("u-ann", "viewer")


@pytest.fixture
def built(tmp_path):
    return house(tmp_path / "home", with_bars=False, clock=JumpingClock())


def test_what_was_never_set_has_its_default(built):
    answer = run_operation(built, OWNER, "settings.read", {})
    assert (answer.revision, answer.values["zone"], answer.values["theme"]) == (0, "UTC", "auto")


def test_changes_are_kept_for_the_local_owner_and_for_nobody_else(built):
    run_operation(built, OWNER, "settings.change", {"zone": "Europe/Paris", "language": "fr"})
    assert run_operation(built, OWNER, "settings.read", {}).values["zone"] == "Europe/Paris"
    assert run_operation(built, ANN, "settings.read", {}).values["zone"] == "UTC"
    with pytest.raises(Forbidden):
        run_operation(built, VISITOR, "settings.change", {"theme": "dark"})


@pytest.mark.parametrize(
    "values", [{"zone": "Europe/Nowhere"}, {"zone": "../etc/passwd"}, {"zone": ""}, {"theme": "pink"}]
)
def test_what_is_no_setting_is_refused(built, values):
    with pytest.raises(UsageError):
        run_operation(built, OWNER, "settings.change", values)


def test_same_again_is_no_revision(built):
    first = run_operation(built, OWNER, "settings.change", {"theme": "dark"})
    assert run_operation(built, OWNER, "settings.change", {"theme": "dark"}).revision == first.revision == 1


def test_second_tab_is_told(built):
    run_operation(built, OWNER, "settings.change", {"theme": "dark", "revision": 0})
    with pytest.raises(Conflict):
        run_operation(built, OWNER, "settings.change", {"theme": "light", "revision": 0})


def test_history_says_what_changed_and_leads_back(built):
    run_operation(built, OWNER, "settings.change", {"theme": "dark"})
    run_operation(built, OWNER, "settings.change", {"theme": "light", "currency": "eur"})
    rows = run_operation(built, OWNER, "settings.history", {}).rows
    assert [(row["revision"], len(row["changes"])) for row in rows] == [(2, 2), (1, 1)]
    assert rows[0]["changes"][0] == {"name": "theme", "before": "dark", "after": "light"}
    back = run_operation(built, OWNER, "settings.undo", {"revision": 1}).values
    assert (back["theme"], back["currency"]) == ("dark", "usd")
    again = run_operation(built, OWNER, "settings.undo", {"revision": 2}).values
    assert (again["theme"], again["currency"]) == ("light", "eur")
    assert run_operation(built, OWNER, "settings.undo", {"revision": 0}).values["theme"] == "auto"
    with pytest.raises(NotFound):
        run_operation(built, OWNER, "settings.undo", {"revision": 99})


def test_zone_is_found_by_its_city(built):
    rows = run_operation(built, OWNER, "settings.zones", {"search": "new york"}).rows
    assert dict(rows[0]) == {"zone": "America/New_York", "city": "New York"}
    assert run_operation(built, OWNER, "settings.zones", {"search": "no such place"}).rows == []


def test_retention_is_the_administrators_and_removes_what_is_too_old(built):
    assert run_operation(built, ANN, "settings.retention", {}).jobs_days == 180
    with pytest.raises(Forbidden):
        run_operation(built, ANN, "settings.keep", {"jobs_days": 1})
    run_operation(built, OWNER, "settings.keep", {"documents_days": 2, "jobs_days": 7, "revision": 0})
    with pytest.raises(Conflict):
        run_operation(built, OWNER, "settings.keep", {"jobs_days": 9, "revision": 0})
    assert built.audit.after(0)[-1].text == {"documents_days": 2, "jobs_days": 7}
    job = built.jobs.put("backtest", {}, owner="owner")
    built.jobs.cancel(job.id)
    built.clock.now += 7 * DAY_MS
    assert bound(built, retention.remove_old)()[1] == 0
    built.clock.now += 1
    assert bound(built, retention.remove_old)()[1] == 1


def test_forecast_grows_by_what_came_in_a_day(built, tmp_path):
    logs = tmp_path / "home" / "logs"
    logs.mkdir()
    (logs / "web.log").write_bytes(b"x" * 1_000)
    old = (START - 10 * DAY_MS) / 1_000
    os.utime(logs / "web.log", (old, old))
    row = next(
        row for row in run_operation(built, OWNER, "settings.forecast", {}).rows if row["what"] == "logs"
    )
    assert (row["bytes"], row["per_day"], row["in_a_year"]) == (1_000, 100.0, 37_500.0)


def test_forecast_of_a_database_counts_the_days_since_the_home_began_and_documents_go(built):
    built.audit.append("retention.changed", actor="owner", subject="retention", text={})
    kept = built.documents.put("page", "k", START, {"text": "x" * 9_000})
    built.clock.now += 300 * DAY_MS
    rows = {row["what"]: row for row in run_operation(built, OWNER, "settings.forecast", {}).rows}
    size = built.documents.size_bytes()
    assert size >= len(kept.body["text"])
    raw = rows["documents"]
    # Of 90 days, where more of them went than are kept: it is as large as it will be.
    assert (raw["days"], raw["bytes"], raw["per_day"], raw["in_a_year"]) == (90, size, size / 90, size)
    base = rows["database"]
    assert base["days"] is None
    assert base["bytes"] > 0
    assert (base["per_day"] * 300, base["in_a_year"]) == pytest.approx(
        (base["bytes"], base["bytes"] * 665 / 300)
    )
