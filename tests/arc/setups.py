"""What a demonstration shows of setups and plans, each found where a person sees it: pages, mails, the record.

The market is simulated, and where a setup forms depends on the hour at which it opened: what is looked for is any
setup that did, beside the one that the demonstration's person plans from.
"""

from __future__ import annotations

import email
import os
import re
import subprocess
import sys
import tempfile
from email.message import EmailMessage
from email.policy import default
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tests.arc.run import Demonstration

_ANCHOR = re.compile(r"\b(\d+)\D{1,40}?\b([0-9a-f]{64})\b")
_PAGE = re.compile(r"/setup/([0-9a-f]{16})")


def live_setups(demo: Demonstration, **wanted: str) -> list[dict[str, Any]]:
    """Return the setups of the account that are not replayed."""
    asked = "&".join(f"{name}={value}" for name, value in {"limit": "1000", **wanted}.items())
    return [row for row in demo.rows(f"setups/list?{asked}") if not row["is_replayed"]]


def setup_that_formed_and_was_confirmed(demo: Demonstration) -> str:
    """Return a setup that formed first and was confirmed later."""
    for row in live_setups(demo):
        changes = demo.rows(f"setups/changes?setup={row['setup']}&account=main")
        states = sorted((change["ts_known"], change["state"]) for change in changes)
        if [state for _, state in states][:2] == ["forming", "confirmed"]:
            return f"{row['slot']} {row['side']}"
    return ""


def planned_setup(demo: Demonstration) -> dict[str, Any] | None:
    """Return the plan that came of a setup and was traded to its end."""
    plans = demo.rows("plans/list?limit=100")
    return next((row for row in plans if row["setup"] and row["state"] == "closed"), None)


def mails(demo: Demonstration) -> list[EmailMessage]:
    """Return the mails that the world took."""
    folder = demo.home / "world" / "mails"
    files = sorted(file for file in folder.glob("*") if file.is_file()) if folder.exists() else []
    found = [email.message_from_bytes(file.read_bytes(), policy=default) for file in files]
    return [mail for mail in found if isinstance(mail, EmailMessage)]


def mail_of_the_setup(demo: Demonstration) -> str:
    """Return the subject of the mail about the setup that was planned: with its picture, number and head."""
    plan = planned_setup(demo)
    for mail in mails(demo) if plan is not None else ():
        body = mail.get_body(("plain",))
        text = "" if body is None else body.get_content()
        about = _PAGE.search(text)
        anchor = _ANCHOR.search(text)
        has_picture = any(part.get_content_type() == "image/png" for part in mail.walk())
        if plan is not None and about and about[1] == plan["setup"] and anchor and has_picture:
            demo.seen["anchor"] = f"{anchor[1]}:{anchor[2]}"
            return str(mail["Subject"])
    return ""


def plan_that_was_traded(demo: Demonstration) -> str:
    """Return what became of the plan on paper."""
    plan = planned_setup(demo)
    return "" if plan is None else f"{plan['instrument']} {plan['side']}: {plan['code']}, {plan['pnl']:+.2f}"


def trade_in_the_journal(demo: Demonstration) -> str:
    """Return the trade of the plan, which the journal names with its setup."""
    plan = planned_setup(demo)
    for row in demo.rows("journal/list?account=main&limit=100&replayed=without") if plan else ():
        if plan and row["plan"] == plan["plan"] and row["setup"] == plan["setup"]:
            return f"{row['slot']}: {row['pnl']:+.2f}"
    return ""


def setup_that_was_invalidated(demo: Demonstration) -> str:
    """Return another setup that is void."""
    plan = planned_setup(demo)
    for row in live_setups(demo, state="invalidated") if plan else ():
        if plan and row["setup"] != plan["setup"]:
            return f"{row['slot']} {row['side']}: {row['cause']}"
    return ""


def setup_beyond_the_budget(demo: Demonstration) -> str:
    """Return a confirmed setup that was not mailed for the number a day, with its rank."""
    for row in demo.rows("setups/notices?limit=100"):
        if row["held"] in ("full", "below") and row["rank"] >= 1:
            return f"{row['instrument']} {row['side']}: {row['held']}, rank {row['rank']} of {row['of']}"
    return ""


def entry_that_a_cap_refused(demo: Demonstration) -> str:
    """Return an entry that the account refused for the number of its positions, after the plan: none of its past."""
    plan = planned_setup(demo)
    for row in demo.rows("trading/refusals?account=main&limit=200") if plan else ():
        if plan and row["code"] == "max_positions" and row["ts"] > plan["ts_made"]:
            return f"{row['slot']}: limit {row['limit']:g}, was {row['value']:g}"
    return ""


def record_that_verifies(demo: Demonstration) -> str:
    """Return what `vigie alerts verify` says of the record, held to the mail's number and head."""
    anchor = demo.seen.get("anchor")
    if anchor is None:
        return ""
    told = _run(demo, "-m", "vigie", "alerts", "verify", "--anchor", anchor)
    return told.strip().splitlines()[-1]


def published_record_that_verifies(demo: Demonstration) -> str:
    """Return what `verify.py` says of the published record, alone and held to the mail's number and head."""
    anchor = demo.seen.get("anchor")
    if anchor is None:
        return ""
    with tempfile.TemporaryDirectory(prefix="vigie-record-") as folder:
        record, program = Path(folder) / "record.zip", Path(folder) / "verify.py"
        _run(demo, "-m", "vigie", "alerts", "publish", folder)
        program.write_text(_run(demo, "-m", "vigie", "alerts", "program"), "utf-8")
        _run(demo, str(program), str(record))
        _run(demo, "-m", "vigie", "alerts", "verify", "--published", str(record), "--anchor", anchor)
        told = _run(demo, str(program), str(record), "--anchor", anchor).splitlines()
    return f"{told[0]}; {told[-1]}" if "SIMULATED" in told[0] else ""


def _run(demo: Demonstration, *words: str) -> str:
    """Return what a command in the demonstration's home says; the run ends where it fails."""
    world = (demo.home / "world.txt").read_text("ascii").strip()
    environment = {**os.environ, "VIGIE_HOME": str(demo.home), "VIGIE_WORLD_URL": world}
    command = [sys.executable, *words]
    done = subprocess.run(command, env=environment, check=False, capture_output=True, text=True, timeout=300)
    if done.returncode:
        raise SystemExit(f"{' '.join(words)} ended with {done.returncode}:\n{done.stdout}{done.stderr}")
    return done.stdout
