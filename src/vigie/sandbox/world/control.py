"""What a person or a test can ask of the world itself: its clock, its scenes, its faults."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any, Final

from vigie.domain.errors import UsageError
from vigie.domain.time import iso, parse_time
from vigie.sandbox.world.newsroom.cues import CUES
from vigie.sandbox.world.newsroom.letters import NEWSLETTERS, READER
from vigie.sandbox.world.scenes import SCRIPTS, Scene
from vigie.sandbox.world.wire import Reply, wanted_number
from vigie.sandbox.world.world import SERVICES, World

_CONTROL: Final = ("/clock", "/scenes", "/faults", "/news", "/mail", "/letters")


class Control:
    """Answers ``/``, ``/clock``, ``/scenes``, ``/faults``, ``/news``, ``/mail`` and ``/letters``.

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
        what = parts[0] if parts else ""
        if what == "clock" and len(parts) == 1:
            return self._clock(method, body)
        if what == "scenes" and len(parts) <= 2:
            return self._scenes(method, parts[1] if len(parts) == 2 else "")
        if what == "faults" and len(parts) <= 2:
            return self._faults(method, parts[1] if len(parts) == 2 else None, body)
        if what == "news" and len(parts) <= 2:
            return self._news(method, parts[1] if len(parts) == 2 else "", body)
        if what == "mail" and len(parts) <= 2:
            return self._mail(method, parts[1] if len(parts) == 2 else "")
        if path.strip("/") == "letters":
            port = self._world.letters_port
            imap = None if port is None else {"host": "127.0.0.1", "port": port}
            return Reply({"imap": imap, "user": READER, "folders": [one.folder for one in NEWSLETTERS]})
        if not what:
            return Reply({"services": list(SERVICES), "control": list(_CONTROL)} | self._told())
        return Reply({"error": f"nothing is at {path}"}, 404)

    def _told(self) -> dict[str, Any]:
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
            speed = wanted_number(body["speed"], "speed") if "speed" in body else None
            self._world.now_ms()
            self._world.clock.change(speed=speed, paused=paused, jump_to=_moment(body.get("jump_to")))
        return Reply(self._told())

    def _scenes(self, method: str, name: str) -> Reply:
        world = self._world
        if method == "POST":
            return Reply(_scene(world.start_scene(name), world.now_ms()))
        now = world.now_ms()
        known = world.playbill.until(now)
        waiting = [one for one in world.playbill.asked if one.start_ms > now]
        coming = sorted([*waiting, *world.playbill.coming(now)], key=lambda one: one.start_ms)
        return Reply(
            {
                "market_ms": now,
                "coming": [_scene(one, now) for one in coming],
                "running": [_scene(one, now) for one in known if one.end_ms > now],
                "past": [_scene(one, now) for one in known if one.end_ms <= now],
                "names": list(SCRIPTS),
            }
        )

    def _news(self, method: str, what: str, body: dict[str, Any]) -> Reply:
        if method == "POST":
            unknown = sorted(set(body) - {"coin"})
            if unknown:
                raise UsageError(f"news has coin, not {', '.join(unknown)}")
            return Reply(asdict(self._world.publish(what, str(body.get("coin", "bitcoin")))))
        return Reply({"names": CUES, "asked": [asdict(one) for one in self._world.cues]})

    def _mail(self, method: str, number: str) -> Reply:
        box = self._world.mailbox
        if number:
            mail = (
                box.find(int(number)) if number.isascii() and number.isdigit() and len(number) < 10 else None
            )
            return (
                Reply({"error": f"no mail {number} is kept"}, 404)
                if mail is None
                else Reply(mail.told(is_whole=True))
            )
        if method == "DELETE":
            box.empty()
        smtp = None if box.port is None else {"host": "127.0.0.1", "port": box.port}
        return Reply(
            {"smtp": smtp, "taken": box.taken, "mails": [one.told(is_whole=False) for one in box.newest()]}
        )

    def _faults(self, method: str, service: str | None, body: dict[str, Any]) -> Reply:
        book = self._world.faults
        if method == "POST":
            return Reply(book.add(body if service is None else {"service": service, **body}).told())
        if method == "DELETE":
            book.clear(service)
        return Reply({"faults": [one.told() for one in book.all() if service in (None, one.service)]})


def _moment(value: Any) -> int | None:
    if value is None:
        return None
    if isinstance(value, str):
        return parse_time(value)
    return int(wanted_number(value, "jump_to"))


def _scene(scene: Scene, now_ms: int) -> dict[str, Any]:
    return {
        "name": scene.script.name,
        "title": scene.script.title,
        "about": scene.script.about,
        "start_ms": scene.start_ms,
        "end_ms": scene.end_ms,
        "in_minutes": max(0, (scene.start_ms - now_ms) // 60_000),
        "asked": scene.asked,
    }
