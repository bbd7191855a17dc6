"""What happens, in time order as the clock goes on: by plan, after moves of the market, around scenes, by hand.

Nothing here tells of the future: reports follow what the tape shows, and what else happens was drawn without it. Around
planned scenes something happens before or after as a coin falls, of a kind that knows nothing of the direction.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, Final

from vigie.domain.time import DAY_MS, HOUR_MS, MINUTE_MS
from vigie.sandbox.world.grains import key_of, uniforms
from vigie.sandbox.world.newcomers import newcomers
from vigie.sandbox.world.newsroom.cues import Cue
from vigie.sandbox.world.newsroom.facts import Event, facts_of
from vigie.sandbox.world.newsroom.grammar import Template, brought_by, words
from vigie.sandbox.world.newsroom.licences import Register
from vigie.sandbox.world.walk import HIGH, LOW, OPEN
from vigie.sandbox.world.world import World

PAST_MS: Final = 9 * DAY_MS
# A world that has run for long begins with this much of its past: nobody asks for older news.
KEPT_MS: Final = 20 * DAY_MS
ARC: Final = "enforcement.fine"
_STEPS: Final = {
    "story": 40 * MINUTE_MS,
    "routine": 5 * HOUR_MS,
    "homonym": 4 * HOUR_MS,
    "word": 3 * HOUR_MS,
    "giveaway": 26 * HOUR_MS,
    "arc": 22 * HOUR_MS,
}
_REGULATOR, _OFFICE = 0.12, 0.20
_WORD_MS: Final = 5 * DAY_MS
_AROUND_MS: Final = 90 * MINUTE_MS
# A move is told of from five usual hours on, and no smaller than this; two coins an hour at most.
_LOUD, _LEAST, _MOST_COINS = 5.0, 0.015, 2
_HOUR_OF_DAY: Final = 0.204


class Plan:
    """Hands out every event once.

    Parameters
    ----------
    world : World
        Whose clock, tape and scenes.
    """

    def __init__(self, world: World) -> None:
        self._world = world
        self.first_ms = world.opened_ms - PAST_MS
        self.register = Register(world.seed, self.first_ms)
        begin = max(self.first_ms, world.clock.now_ms() - KEPT_MS)
        self._slots = {name: begin // step for name, step in _STEPS.items()}
        self._cues = 0
        self._hour = begin // HOUR_MS
        self._newcomers = begin // HOUR_MS * HOUR_MS
        self._scenes: set[int] = set()
        self._outages: set[int] = set()

    def events(self, now_ms: int) -> Iterator[Event]:
        """Yield what has not been handed out and may matter until now; some of it may lie ahead."""
        asked = [cue for cue in self._world.cues[self._cues :] if cue.ts <= now_ms]
        self._cues += len(asked)
        for name, step in _STEPS.items():
            while self._slots[name] * step <= now_ms:
                yield from self._planned(name, self._slots[name])
                self._slots[name] += 1
        yield from self._licences(now_ms, asked)
        yield from self._newcomers_until(now_ms)
        yield from self._moves_until(now_ms)
        yield from self._around_scenes(now_ms)
        yield from self._outages_until(now_ms)
        for number, cue in enumerate(asked, start=self._cues - len(asked)):
            yield from self._asked(number, cue)

    def _planned(self, name: str, slot: int) -> Iterator[Event]:
        u = uniforms(key_of(self._world.seed, "news", name), range(slot * 4, slot * 4 + 4)).tolist()
        ts = _second(slot * _STEPS[name] + u[0] * 0.98 * _STEPS[name])
        id_ = f"{name}/{slot}"
        if name == "arc":
            yield from self._arc(Event(id_, ARC, ts, is_arc=True))
        elif name == "word":
            yield from self._word(id_, ts, u)
        elif name == "story":
            who = "regulator" if u[1] < _REGULATOR else "office" if u[1] < _OFFICE else "media"
            yield Event(id_, _one(u[2], brought_by(who)).id, ts)
        else:
            yield Event(
                id_, _one(u[2], brought_by(name)).id, ts, self._giveaway() if name == "giveaway" else {}
            )

    def _giveaway(self) -> dict[str, Any]:
        bitcoin = self._world.coins[0]
        return {"coin": (bitcoin.name, bitcoin.symbol)}

    def _arc(self, event: Event) -> Iterator[Event]:
        yield event
        facts = facts_of(self._world.seed, event, self._world.coins)
        kept = {name: facts[name] for name in ("coin", "firm", "amount", "person")}
        later = int((60 + facts["days"]) * MINUTE_MS)
        yield Event(f"{event.id}/denial", "legal.denial", event.ts + later, kept)

    def _word(self, id_: str, ts: int, u: Sequence[float]) -> Iterator[Event]:
        age = ts % _WORD_MS / _WORD_MS
        if u[1] < 0.1 + 0.9 * age:
            among = words()["emerging"]
            word = among[(ts // _WORD_MS + self._world.seed) % len(among)]
            yield Event(id_, "emerging.first" if u[2] > age else "emerging.spread", ts, {"word": word})

    def _licences(self, now_ms: int, asked: Sequence[Cue]) -> Iterator[Event]:
        for change in self.register.until(now_ms, asked):
            kind = "granted" if change.is_granted else "withdrawn"
            yield Event(
                f"register/{change.number}", f"regulation.licence_{kind}", change.ts, {"firm": change.firm}
            )

    def _newcomers_until(self, now_ms: int) -> Iterator[Event]:
        edge = now_ms // HOUR_MS * HOUR_MS
        if edge <= self._newcomers:
            return
        for one in newcomers(self._world, edge):
            if one.listed_ms <= self._newcomers:
                continue
            u = uniforms(key_of(self._world.seed, "news", one.id), range(2)).tolist()
            # An hour later at least: listings are looked at once an hour, and the past stays as it was.
            ts = _second(one.listed_ms + HOUR_MS * (1.0 + u[0]))
            given = {"coin": (one.name, one.symbol), "network": one.network[1], "liquidity": one.liquidity}
            if u[1] < 0.6:
                yield Event(f"newcoin/{one.id}", "newcoin.listed", ts, given)
        self._newcomers = edge

    def _moves_until(self, now_ms: int) -> Iterator[Event]:
        tape = self._world.tape
        while (self._hour + 1) * HOUR_MS <= min(now_ms, tape.hours_end_ms):
            place = self._hour - tape.first_ms // HOUR_MS
            if place >= 0:
                yield from self._moves(place)
            self._hour += 1

    def _moves(self, place: int) -> Iterator[Event]:
        hours = self._world.tape.hours()[:, :, place]
        found = []
        for coin in self._world.coins:
            if not coin.is_watched:
                continue
            row = hours[coin.number]
            up, down = row[HIGH] / row[OPEN] - 1.0, 1.0 - row[LOW] / row[OPEN]
            move = max(up, down)
            loud = max(_LEAST, _LOUD * _HOUR_OF_DAY * coin.profile.sigma_day)
            if move > loud:
                found.append((move / loud, coin, "up" if up > down else "down", move))
        for _, coin, way, move in sorted(found, key=lambda one: -one[0])[:_MOST_COINS]:
            id_ = f"market/{self._hour}/{coin.symbol}"
            delay = uniforms(key_of(self._world.seed, "news", id_), [0])[0] * 15 * MINUTE_MS
            given = {"coin": (coin.name, coin.symbol), "move": 100.0 * move}
            yield Event(id_, f"market.{way}", _second((self._hour + 1) * HOUR_MS + delay), given)

    def _around_scenes(self, now_ms: int) -> Iterator[Event]:
        for scene in self._world.playbill.until(now_ms + _AROUND_MS):
            if scene.asked or scene.start_ms in self._scenes:
                continue
            self._scenes.add(scene.start_ms)
            u = uniforms(
                key_of(self._world.seed, "news", "around"), range(scene.start_ms // 1_000, scene.start_ms // 1_000 + 3)
            )  # fmt: skip
            ts = _second(scene.start_ms + (2.0 * u[0] - 1.0) * _AROUND_MS)
            symbol = scene.script.coins[0] if scene.script.coins else "BTC"
            coin = self._world.coin_by_symbol[symbol]
            kinds = [one for one in brought_by("media") if _is_about_coins(one)]
            yield Event(
                f"around/{scene.start_ms}", _one(u[1], kinds).id, ts, {"coin": (coin.name, coin.symbol)}
            )

    def _outages_until(self, now_ms: int) -> Iterator[Event]:
        """Report venues that do not answer: some minutes after it began, planned or asked for."""
        for scene in self._world.playbill.until(now_ms):
            if not scene.script.venue or scene.start_ms in self._outages:
                continue
            self._outages.add(scene.start_ms)
            if scene.start_ms < self.first_ms:
                continue
            delay = uniforms(key_of(self._world.seed, "news", "outage"), [scene.start_ms // 1_000])[0]
            ts = _second(scene.start_ms + (2.0 + 8.0 * delay) * MINUTE_MS)
            yield Event(
                f"outage/{scene.start_ms}",
                "market.venue_out",
                ts,
                {"exchange": scene.script.venue.capitalize()},
            )

    def _asked(self, number: int, cue: Cue) -> Iterator[Event]:
        coin = self._world.coin_by_id[cue.coin]
        given = {"coin": (coin.name, coin.symbol)}
        id_ = f"asked/{number}"
        u = uniforms(key_of(self._world.seed, "news", "asked"), [number])[0]
        if cue.what == "regulator":
            kinds = [one for one in brought_by("regulator") if _is_about_coins(one)]
            yield Event(id_, _one(u, kinds).id, cue.ts, given)
        elif cue.what == "story":
            yield from self._arc(Event(id_, ARC, cue.ts, given, is_arc=True))
        elif cue.what == "giveaway":
            yield Event(id_, "scam.giveaway", cue.ts, given)


def _is_about_coins(template: Template) -> bool:
    return "{coin}" in template.wordings["en"].titles[0]


def _second(ms: float) -> int:
    return int(ms) // 1_000 * 1_000


def _one(u: float, among: Sequence[Any]) -> Any:
    return among[int(u * len(among))]
