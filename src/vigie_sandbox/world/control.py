"""What a person or a test can ask of the world itself: its clock, its scenes, its faults."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any, Final

from vigie.domain.errors import UsageError
from vigie.domain.time import iso, parse_time
from vigie_sandbox.world.newsroom.news_requests import NEWS_KINDS
from vigie_sandbox.world.newsroom.newsletters import NEWSLETTERS, READER
from vigie_sandbox.world.scenes.arc import ARC, COIN_CRASH, TRADED_ARC
from vigie_sandbox.world.scenes.scenarios import SCENARIOS
from vigie_sandbox.world.scenes.schedule import Scene
from vigie_sandbox.world.service_names import service_names
from vigie_sandbox.world.wire import Reply, require_number
from vigie_sandbox.world.world import World

_CONTROL: Final = ("/clock", "/scenes", "/arc", "/faults", "/news", "/mail", "/letters")


class WorldControl:
    """Answers ``/``, ``/clock``, ``/scenes``, ``/arc``, ``/faults``, ``/news``, ``/mail`` and ``/letters``.

    Parameters
    ----------
    world : World
        What is controlled.
    """

    def __init__(self, world: World) -> None:
        self._world = world

    def answer(self, method: str, path: str, body: Any) -> Reply:
        """Return the answer; raises `UsageError` for what cannot be."""
        if not isinstance(body, dict):
            raise UsageError(f"the body must be a JSON object, was {body!r}")
        parts = [part for part in path.split("/") if part]
        topic = parts[0] if parts else ""
        if topic == "clock" and len(parts) == 1:
            return self._clock(method, body)
        if topic == "scenes" and len(parts) <= 2:
            return self._scenes(method, parts[1] if len(parts) == 2 else "")
        if topic == "arc" and len(parts) == 1:
            return self._arc(method, body)
        if topic == "faults" and len(parts) <= 2:
            return self._faults(method, parts[1] if len(parts) == 2 else None, body)
        if topic == "news" and len(parts) <= 2:
            return self._news(method, parts[1] if len(parts) == 2 else "", body)
        if topic == "mail" and len(parts) <= 2:
            return self._mail(method, parts[1] if len(parts) == 2 else "")
        if path.strip("/") == "letters":
            port = self._world.letters_port
            imap = None if port is None else {"host": "127.0.0.1", "port": port}
            return Reply(
                {"imap": imap, "user": READER, "folders": [newsletter.folder for newsletter in NEWSLETTERS]}
            )
        if not topic:
            return Reply({"services": list(service_names()), "control": list(_CONTROL)} | self._clock_state())
        return Reply({"error": f"nothing is at {path}"}, 404)

    def _clock_state(self) -> dict[str, Any]:
        clock = self._world.clock
        now = self._world.now_ms()
        return {
            "market_ms": now,
            "market_time": iso(now // 1_000 * 1_000),
            "speed": clock.speed,
            "paused": clock.paused,
            "opened_ms": self._world.opened_ms,
            "seed": self._world.seed,
        }

    def _clock(self, method: str, body: dict[str, Any]) -> Reply:
        if method == "POST":
            unknown = sorted(set(body) - {"speed", "paused", "jump_to"})
            if unknown:
                raise UsageError(f"clock has speed, paused and jump_to, not {', '.join(unknown)}")
            paused = body.get("paused")
            if paused is not None and not isinstance(paused, bool):
                raise UsageError(f"paused must be true or false, was {paused!r}")
            speed = require_number(body["speed"], "speed") if "speed" in body else None
            self._world.now_ms()
            self._world.clock.change(speed=speed, paused=paused, jump_to=_parse_jump(body.get("jump_to")))
        return Reply(self._clock_state())

    def _scenes(self, method: str, name: str) -> Reply:
        world = self._world
        if method == "POST":
            return Reply(_scene_row(world.start_scene(name), world.now_ms()))
        now = world.now_ms()
        started = world.schedule.until(now)
        coming = world.schedule.coming(now)
        return Reply(
            {
                "market_ms": now,
                "coming": [_scene_row(scene, now) for scene in coming],
                "running": [_scene_row(scene, now) for scene in started if scene.end_ms > now],
                "past": [_scene_row(scene, now) for scene in started if scene.end_ms <= now],
                "names": list(SCENARIOS),
                "scenes": [
                    {"name": scenario.name, "title": scenario.title, "about": scenario.about}
                    for scenario in SCENARIOS.values()
                ],
                "speed": world.clock.speed,
                "arc": _arc_state(world),
            }
        )

    def _arc(self, method: str, body: Any) -> Reply:
        if method == "POST" and body and body.get("is_traded"):
            self._world.begin_second_part()
        elif method == "POST":
            self._world.begin_arc()
        return Reply(_arc_state(self._world))

    def _news(self, method: str, kind: str, body: dict[str, Any]) -> Reply:
        if method == "POST":
            unknown = sorted(set(body) - {"coin"})
            if unknown:
                raise UsageError(f"news has coin, not {', '.join(unknown)}")
            return Reply(asdict(self._world.publish(kind, str(body.get("coin", "bitcoin")))))
        return Reply(
            {
                "names": NEWS_KINDS,
                "asked": [asdict(news_request) for news_request in self._world.news_requests],
            }
        )

    def _mail(self, method: str, number: str) -> Reply:
        mailbox = self._world.mailbox
        if number:
            mail = (
                mailbox.find(int(number))
                if number.isascii() and number.isdigit() and len(number) < 10
                else None
            )
            return (
                Reply({"error": f"no mail {number} is kept"}, 404)
                if mail is None
                else Reply(mail.to_json(is_whole=True))
            )
        if method == "DELETE":
            mailbox.clear()
        smtp = None if mailbox.port is None else {"host": "127.0.0.1", "port": mailbox.port}
        return Reply(
            {
                "smtp": smtp,
                "taken": mailbox.received_count,
                "mails": [item.to_json(is_whole=False) for item in mailbox.newest()],
            }
        )

    def _faults(self, method: str, service: str | None, body: dict[str, Any]) -> Reply:
        faults = self._world.faults
        if method == "POST":
            return Reply(faults.add(body if service is None else {"service": service, **body}).to_json())
        if method == "DELETE":
            faults.clear(service)
        return Reply(
            {"faults": [fault.to_json() for fault in faults.all() if service in (None, fault.service)]}
        )


def _parse_jump(value: Any) -> int | None:
    if value is None:
        return None
    if isinstance(value, str):
        return parse_time(value)
    return int(require_number(value, "jump_to"))


def _scene_row(scene: Scene, now_ms: int) -> dict[str, Any]:
    return {
        "name": scene.scenario.name,
        "title": scene.scenario.title,
        "about": scene.scenario.about,
        "start_ms": scene.start_ms,
        "end_ms": scene.end_ms,
        "in_minutes": max(0, (scene.start_ms - now_ms) // 60_000),
        "asked": scene.origin == "asked",
        "of_arc": scene.origin == "arc",
    }


def _arc_state(world: World) -> dict[str, object]:
    arc = world.schedule.arc
    return {
        "is_awaited": arc is not None and arc.begun_ms is None,
        "begun_ms": None if arc is None else arc.begun_ms,
        "is_traded": arc is not None and arc.traded_ms is not None,
        "scenes": [{"name": name, "after_minutes": minutes} for name, minutes in ARC] if arc else [],
        "traded_scenes": [
            {"name": name, "after_minutes": minutes} for name, minutes in ((COIN_CRASH, 0), *TRADED_ARC)
        ]
        if arc
        else [],
    }
