"""A trading account: money, positions, trades, orders with their life, refusals, limits, and the hands on it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final
from urllib.parse import urlencode

from starlette.responses import RedirectResponse, Response

from vigie.domain.errors import UsageError
from vigie.services.operation import Figure
from vigie.services.trading.alive import STREAM_SILENT_S
from vigie.views.drawing.frame import Frame
from vigie.views.web.page import Page
from vigie.views.web.pages.trading import happenings, words
from vigie.views.web.pages.trading.charts import described, equity_chart
from vigie.views.web.visit import Visit

PARTS: Final = ("", "trades", "days", "orders", "refusals", "slots", "limits", "events")
CONFIRMED: Final = ("stop", "resume", "flatten")
FEW: Final = 8
MANY: Final = 50


def show(visit: Visit) -> Mapping[str, Any]:
    """Ask for an account, and for the part of it that is looked at."""
    accounts = visit.ask("trading.accounts").rows
    if not accounts and not visit.query.get("account"):
        return {"accounts": [], "account": None}
    name = visit.query.get("account") or _first(accounts)
    part = visit.query.get("part", "")
    part = part if part in PARTS else ""
    account = visit.ask("trading.account", account=name)
    confirm = visit.query.get("confirm", "")
    done = visit.query.get("done", "")
    return {
        "accounts": accounts, "account": account, "part": part, "parts": PARTS,
        "confirm": confirm if confirm in CONFIRMED and visit.caller.may("trade") else "",
        "begun": next(row["ts"] for row in accounts if row["account"] == name),
        "done": done if done in (*CONFIRMED, "limits", "lifted", "seen") else "",
        "is_silent": account.is_traded and (account.silent_s or 0.0) > STREAM_SILENT_S,
        "order_states": words.ORDER_STATES, **words.of(visit), **words.standing(visit, account),
        **happenings.of(visit, account.currency),
        **_PARTS[part](visit, account),
    }  # fmt: skip


def _first(accounts: list[dict[str, Any]]) -> str:
    """Return the account that is shown where none is named: the main one, else the first."""
    names = [row["account"] for row in accounts]
    return "main" if "main" in names else str(names[0])


def _overview(visit: Visit, account: Any) -> dict[str, Any]:
    curve = visit.ask("trading.curve", account=account.account)
    frame = Frame(
        "equity",
        visit.text("Equity"),
        described(visit, account, curve),
        language=visit.tongue.language,
        zone="UTC",
    )
    return {
        "concerns": visit.ask("trading.concerns", account=account.account),
        "positions": visit.ask("trading.positions", account=account.account),
        "trades": visit.ask("trading.closed_trades", account=account.account, limit=FEW),
        "strategies": visit.ask("trading.strategies", account=account.account),
        "equity": equity_chart(visit, curve, frame),
        "tiles": _tiles(visit, account),
    }


def _tiles(visit: Visit, account: Any) -> list[tuple[str, Figure, str, float | None, str]]:
    """Return (title, figure, live address, change, its live address)."""
    source = f"{account.mode} on {account.venue}"

    def figure(value: float, unit: str) -> Figure:
        return Figure(value=value, unit=unit, source=source, ts_event=account.event_ts)

    here, quote = f"account:{account.account}", account.currency
    equity, day = figure(account.equity, quote), figure(account.day_pnl, quote)
    return [
        (visit.text("Equity"), equity, f"{here}:equity", account.result_fraction, f"{here}:result_fraction"),
        (visit.text("Result of the day"), day, f"{here}:day_pnl", account.day_fraction, f"{here}:day_fraction"),
        (visit.text("Open result"), figure(account.open_pnl, quote), f"{here}:open_pnl", None, ""),
        (visit.text("Closed trades"), figure(account.trades, "count"), "", None, ""),
    ]  # fmt: skip


def _table(operation: str) -> Any:
    def ask(visit: Visit, account: Any) -> dict[str, Any]:
        return {"table": visit.ask(operation, account=account.account, limit=MANY)}

    return ask


def _whole(operation: str) -> Any:
    def ask(visit: Visit, account: Any) -> dict[str, Any]:
        return {"table": visit.ask(operation, account=account.account)}

    return ask


def _events(visit: Visit, account: Any) -> dict[str, Any]:
    cursor = visit.query.get("cursor", "")
    return {
        "table": visit.ask("trading.events", account=account.account, limit=MANY, cursor=cursor),
        "cursor": cursor,
    }


_PARTS: Final = {
    "": _overview,
    "trades": _table("trading.closed_trades"),
    "days": _table("trading.daily_stats"),
    "orders": _table("trading.orders"),
    "refusals": _table("trading.refusals"),
    "slots": _whole("trading.slots"),
    "limits": _whole("trading.limits"),
    "events": _events,
}


def _back(form: Mapping[str, str], **more: str) -> Response:
    kept = {"account": form.get("account", ""), "part": form.get("part", ""), **more}
    query = urlencode({key: value for key, value in kept.items() if value})
    return RedirectResponse(f"/trading?{query}", 303)


def order(visit: Visit, form: Mapping[str, str]) -> Response:
    """Stop, resume or close an account."""
    what = form.get("what", "")
    if what not in CONFIRMED:
        raise UsageError(f"what must be one of {' '.join(CONFIRMED)}, was {what!r}")
    values = {"account": form.get("account", ""), "why": form.get("why", "").strip() or None}
    if what == "flatten":
        values["confirm"] = form.get("typed", "").strip()
    visit.ask(f"trading.{what}", **values)
    return _back(form, done=what)


def switch(visit: Visit, form: Mapping[str, str]) -> Response:
    """Switch a slot, or all of them."""
    slots = [slot for slot in form.get("slots", "").split(",") if slot]
    if slots:
        visit.ask("trading.switch", account=form.get("account", ""), slots=slots, on=form.get("to") == "on")
    return _back(form)


def tighten(visit: Visit, form: Mapping[str, str]) -> Response:
    """Set limits of one's own; empty fields leave the plan's."""
    most, loss = form.get("max_positions", "").strip(), form.get("daily_loss", "").strip().replace(",", ".")
    try:
        fraction = float(loss) / 100.0 if loss else None
    except ValueError:
        raise UsageError(f"the loss of the day must be a number of per cent, was {loss!r}") from None
    visit.ask(
        "trading.tighten",
        account=form.get("account", ""),
        max_positions=most or None,
        daily_loss_fraction=fraction,
    )
    return _back(form, done="limits")


def lift(visit: Visit, form: Mapping[str, str]) -> Response:
    """End the limits of loss that refuse entries now, with a reason."""
    visit.ask(
        "trading.lift",
        account=form.get("account", ""),
        why=form.get("why", "").strip(),
        confirm=form.get("typed", "").strip(),
    )
    return _back(form, done="lifted")


def see(visit: Visit, form: Mapping[str, str]) -> Response:
    """Take note of what is grave."""
    visit.ask("trading.seen", account=form.get("account", ""), until=form.get("until") or 0)
    return _back(form, done="seen")


PAGES = (
    Page(
        name="trading",
        path="/trading",
        title="Trading",
        description="Trading accounts: money, positions, trades, orders, refusals, what happened, limits, switches.",
        show=show,
        acts={
            "/trading/order": order,
            "/trading/switch": switch,
            "/trading/limits": tighten,
            "/trading/lift": lift,
            "/trading/seen": see,
        },
    ),
)
