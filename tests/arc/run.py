"""Start a demonstration, open its first page, and wait until every scene has left its trace where a person sees it.

It fails where one is missing after forty minutes. Times are seconds since the first page, by this machine's clock.
"""

from __future__ import annotations

import json
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http import HTTPStatus
from pathlib import Path
from typing import Any, Final

from tests.arc import past, setups
from tests.demonstrations import demonstration
from vigie.domain.time import HOUR_MS
from vigie.services.demo_world import WORLD

PORT: Final = 18_701
PATIENCE_S: Final = 40 * 60
EVERY_S: Final = 3.0
# The titles that the release of the scene may have.
RELEASE: Final = ("own funds of firms exposed", "must hold more capital", "raises the bar for firms")


# A stop that a scene touches is known when its bar closes; the account's longest takes four hours.
_SETTLES_MS: Final = 4 * HOUR_MS


@dataclass(slots=True)
class Demonstration:
    """A running demonstration, the seconds until it printed its link, and what was seen of it."""

    site: str
    home: Path
    link_s: float
    seen: dict[str, Any] = field(default_factory=dict)

    def scenes(self) -> list[dict[str, Any]]:
        """Return the scenes of the simulated market that have started."""
        world = (self.home / WORLD).read_text("ascii").strip()
        with urllib.request.urlopen(f"{world}/scenes", timeout=30) as answer:
            told = json.load(answer)
        return [*told["running"], *told["past"]]

    def ask(self, path: str) -> Any:
        """Return what an operation answers."""
        with urllib.request.urlopen(f"{self.site}/api/v1/{path}", timeout=30) as answer:
            return json.load(answer)

    def rows(self, path: str) -> list[dict[str, Any]]:
        """Return the rows that an operation answers; none about what is not there yet, such as an account."""
        try:
            rows: list[dict[str, Any]] = self.ask(path)["rows"]
        except urllib.error.HTTPError as fault:
            if fault.code != HTTPStatus.NOT_FOUND:
                raise
            return []
        return rows


def mail_about_the_release(demo: Demonstration) -> str:
    """Return the title of the release that was mailed."""
    for row in demo.rows("alert_log/list?limit=100"):
        if (
            row["channel"] != "inbox"
            and row["state"] == "sent"
            and any(text in row["title"] for text in RELEASE)
        ):
            return str(row["title"])
    return ""


def alert_of_the_squeeze(demo: Demonstration) -> str:
    """Return the alert that Solana rose."""
    for row in demo.rows("alert_log/list?limit=100"):
        if row["rule_name"].startswith("Solana rises") and row["why"] != "replayed":
            return str(row["title"])
    return ""


def story_that_is_denied(demo: Demonstration) -> str:
    """Return the story about the ban once it is disputed."""
    for row in demo.rows("stories/top?limit=50&least=1"):
        is_it = "self-custody" in row["title"] or "autoconservation" in row["title"]
        if is_it and row["status"] == "disputed":
            return f"{row['title']} ({row['publishers']} publishers)"
    return ""


def stopped_position(demo: Demonstration) -> str:
    """Return a trade that a crash ended at its stop while it lasted, as the market went."""
    crashes = [scene for scene in demo.scenes() if "crash" in scene["name"]]
    for row in demo.rows("journal/list?limit=100&replayed=without"):
        if row["side"] == "long" and row["reason"] in ("stop", "gap_through_level", "trailing_stop"):
            for scene in crashes:
                if scene["start_ms"] <= row["exit_ts"] <= scene["end_ms"] + _SETTLES_MS:
                    return f"{row['slot']}: {row['pnl']:+.2f}, by {scene['name']}"
    return ""


def source_that_was_silent(demo: Demonstration) -> str:
    """Return the venue once it was late or broken and answers again."""
    states = {row["id"]: row["state"] for row in demo.rows("sources/list?source=binance")}
    down = sorted(
        name for name, state in states.items() if state in ("failing", "stale", "polled", "retried")
    )
    if down and "down" not in demo.seen:
        demo.seen["down"] = down
    if "down" in demo.seen and all(states[name] == "live" for name in demo.seen["down"]):
        return ", ".join(demo.seen["down"])
    return ""


SCENES: Final[dict[str, Callable[[Demonstration], str]]] = {
    "a release and its mail": mail_about_the_release,
    "a squeeze": alert_of_the_squeeze,
    "a false story contradicted": story_that_is_denied,
    "a crash that stops a position": stopped_position,
    "a source silent and back": source_that_was_silent,
    "a setup that forms and is confirmed": setups.setup_that_formed_and_was_confirmed,
    "its plan, traded on paper": setups.plan_that_was_traded,
    "its mail, with picture, number and head": setups.mail_of_the_setup,
    "its trade in the journal": setups.trade_in_the_journal,
    "the record, held to the mail": setups.record_that_verifies,
    "the published record, held to the mail": setups.published_record_that_verifies,
    "a second setup, invalidated": setups.setup_that_was_invalidated,
    "a third, beyond the budget": setups.setup_beyond_the_budget,
    "an entry refused by a cap": setups.entry_that_a_cap_refused,
    "a first week of the past, replayed": past.first_week,
    "the whole past, replayed": past.whole_past,
    "its closed trades": past.closed_trades,
    "its backtests": past.backtests,
    "its news": past.news,
    "every part of the index": past.parts_of_the_index,
}


@contextmanager
def opened() -> Iterator[Demonstration]:
    """Start a demonstration and open its first page."""
    start = time.monotonic()
    with (
        tempfile.TemporaryDirectory(prefix="vigie-arc-") as folder,
        demonstration(Path(folder) / "home", PORT) as link,
    ):
        link_s = time.monotonic() - start
        site = link.partition("/link/")[0]
        urllib.request.urlopen(f"{site}/help", timeout=60).close()
        yield Demonstration(site, Path(folder) / "home-demo", link_s)


def main() -> int:
    """Wait for every scene; print when each was found and how."""
    found: dict[str, float] = {}
    with opened() as demo:
        begun = time.monotonic()
        print(f"the link was there {demo.link_s:.0f} s after the command", flush=True)
        while len(found) < len(SCENES) and time.monotonic() - begun < PATIENCE_S:
            for name, look in SCENES.items():
                if name in found:
                    continue
                trace = look(demo)
                if trace:
                    found[name] = time.monotonic() - begun
                    print(f"{found[name]:5.0f} s  {name}: {trace}", flush=True)
            time.sleep(EVERY_S)
    missing = [name for name in SCENES if name not in found]
    for name in missing:
        print(f"missing  {name}", flush=True)
    return bool(missing)


if __name__ == "__main__":
    sys.exit(main())
