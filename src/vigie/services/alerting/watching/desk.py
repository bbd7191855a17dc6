"""Vigie itself, from where its facts are written: the audit, the accounts, the states of streams."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from vigie.domain.alert import AlertEvent
from vigie.domain.order import TradeRun
from vigie.domain.time import DAY_MS
from vigie.ports.audit import AuditEvent
from vigie.services.alerting.telling import on_happenings
from vigie.services.alerting.watching.saying import happening
from vigie.services.alerting.watching.standing import Standing, watched
from vigie.services.french import InFrench, as_it_is, told
from vigie.services.house import House
from vigie.services.trading.figures import limit_rows, marks_of, open_rows
from vigie.services.trading.happening_words import KINDS, why_of
from vigie.services.trading.happenings import named_account
from vigie.services.trading.story import story_of
from vigie.services.trading.wishes import wishes_of

PLACE = "alerts/audit"
LEVELS = (100, 80, 50)
_PAGE = 200
_SUBJECT_OF = {
    "trade.state": "state", "trade.halted": "halt", "trade.unexplained_position": "difference",
    "trade.unexplained_order": "difference",
}  # fmt: skip
_STATES = {"active": "actif", "reducing": "en réduction", "halted": "suspendu", "flat": "fermé"}
_SILENT = {"stale": "périmé", "failing": "en échec"}
# Written at each start, so that a look back knows of it.
STARTED = "vigie.started"
WRITTEN = ("job.failed", "trade.state", *(kind for kind, word in KINDS.items() if word.weight != "notice"))


def looking(french: InFrench) -> Callable[[House], int]:
    """Return a look that says in French why jobs and streams failed."""

    def look_in_french(house: House) -> int:
        return look(house, french)

    return look_in_french


def look(house: House, french: InFrench = as_it_is) -> int:
    """Raise what was written since the last look, and streams that fell silent; return how many alerts that makes."""
    begun = house.bookmarks.get(PLACE)
    if not house.alerts.rules_of("desk"):
        if begun:
            house.bookmarks.put(PLACE, "")
        return watched(house, "alerts/stream", (), lambda *_: ())
    seq = int(begun) if begun else house.audit.newest()
    made, now = 0, house.clock.wall_now()
    while page := house.audit.after(seq, limit=_PAGE, kinds=WRITTEN):
        made += on_happenings(house, [written(house, one, now, french) for one in page])
        seq = page[-1].seq
    if str(seq) != begun:
        house.bookmarks.put(PLACE, str(seq))
    return made + watched(
        house, "alerts/stream", ["stream"], lambda _, standing: _silent(house, standing, french)
    )


def look_at_losses(house: House) -> int:
    """Raise accounts that used half, four fifths or all of the loss allowed a day; return how many alerts."""
    rules = house.alerts.rules_of("desk")
    owners = {one.owner for one in rules if "loss" in one.when.get("subject", ("loss",))}
    happenings = [
        told for run in house.trades.accounts() if run.owner in owners for told in _losses(house, run)
    ]
    return on_happenings(house, happenings)


def restarted(house: House) -> int:
    """Write down and raise that Vigie was started, once a start."""
    event = house.audit.append(STARTED, actor="vigie", subject="vigie", text={})
    return on_happenings(house, [started(event, house.clock.wall_now())])


def started(event: AuditEvent, now: int) -> AlertEvent:
    """Return a start as what rules may be about."""
    return happening("desk", "restart", f"restart/{event.seq}", {}, now, subject="restart", url="/admin")


def written(house: House, event: AuditEvent, now: int, french: InFrench = as_it_is) -> AlertEvent:
    """Return an event of the audit as what rules may be about."""
    text = event.text or {}
    if event.kind == "job.failed":
        values = {"job": text.get("kind", ""), "why": text.get("message", "")}
        return happening(
            "desk", "job", f"job/{event.subject}", values, now, subject="job", owner=event.actor,
            url=f"/jobs/{event.subject}", french={name: french(value) for name, value in values.items()},
        )  # fmt: skip
    account = named_account(event)
    run = house.trades.run(account) if account else None
    sentence, known = why_of(event.kind, text)
    subject = _SUBJECT_OF.get(event.kind, "trouble")
    what = KINDS[event.kind].title
    values = {
        "account": account or event.subject, "why": sentence % known, "what": what,
        "state": text.get("state", ""), "before": text.get("before", ""),
    }  # fmt: skip
    states = {name: _STATES.get(values[name], values[name]) for name in ("state", "before")}
    return happening(
        "desk", subject, f"audit/{event.seq}", values, now, subject=subject,
        french={"why": told(sentence, known), "what": told(what, {}), **states},
        owner=run.owner if run is not None else event.actor, url="/trading",
    )  # fmt: skip


def _losses(house: House, run: TradeRun) -> Iterator[AlertEvent]:
    now = house.clock.market_now()
    with story_of(house, run) as story:
        rows = limit_rows(story, wishes_of(house, run), open_rows(story, marks_of(house, run)), now)
    share = next((float(row["share"] or 0.0) for row in rows if row["name"] == "daily_loss"), 0.0)
    level = next((one for one in LEVELS if 100 * share >= one), None)
    if level is None:
        return
    day = f"loss/{run.account}/{run.id}/{now // DAY_MS}"
    # Who recovers from all of it to four fifths is not told so again.
    if not house.alerts.sent_statuses("desk", [f"{day}/{one}" for one in LEVELS if one > level]):
        yield happening(
            "desk", "loss", f"{day}/{level}",
            {"account": run.account, "share": level}, house.clock.wall_now(), subject="loss", owner=run.owner,
            url="/trading",
        )  # fmt: skip


def _silent(house: House, standing: Standing, french: InFrench) -> list[AlertEvent]:
    now = house.clock.wall_now()
    health = {one.source: one for one in house.quotes.health() if one.mode in ("stream", "poll")}
    # While it polls, the stream is down.
    holds = {
        name: one.mode == "poll" or one.state in ("stale", "failing")
        for name, one in health.items()
        if one.state not in ("paused", "off", "waiting")
    }
    whys = {name: one.error or one.state for name, one in health.items()}
    return [
        happening(
            "desk", f"stream.{change.turn}", f"stream/{change.name}",
            {"name": change.name, "why": whys[change.name]}, now,
            status=f"{change.turn}/{change.number}", subject="stream", turn=change.turn, url="/sources",
            french={"why": _SILENT.get(whys[change.name]) or french(whys[change.name])},
        )
        for change in standing.changes(holds, first_counts=True)
    ]  # fmt: skip
