"""What happens, in time order as the clock goes on: by plan, after moves of the market, around scenes, by hand.

Nothing here tells of the future: reports follow what the tape shows, and what else happens was drawn without it. Around
planned scenes something happens before or after as a coin falls, of a kind that knows nothing of the direction.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, Final

from vigie.domain.bar import FloatArray
from vigie.domain.time import DAY_MS, HOUR_MS, MINUTE_MS
from vigie_sandbox.world.hashed_random import derive_key, uniforms
from vigie_sandbox.world.newcomers import list_newcomers
from vigie_sandbox.world.newsroom.facts import NewsEvent, draw_facts, floor_second, pick
from vigie_sandbox.world.newsroom.grammar import is_about_coins, load_words, templates_by_origin
from vigie_sandbox.world.newsroom.licences import Register
from vigie_sandbox.world.newsroom.news_requests import NewsRequest
from vigie_sandbox.world.newsroom.scene_news import SceneNews
from vigie_sandbox.world.price_walk import CLOSE, HIGH, LOW, OPEN
from vigie_sandbox.world.world import World

PAST_MS: Final = 32 * DAY_MS
# A world that has run for long begins with this much of its past: nobody asks for older news.
RETENTION_MS: Final = 40 * DAY_MS
ARC: Final = "enforcement.fine"
_INTERVALS_MS: Final = {
    "story": 40 * MINUTE_MS,
    "routine": 5 * HOUR_MS,
    "homonym": 4 * HOUR_MS,
    "word": 3 * HOUR_MS,
    "giveaway": 26 * HOUR_MS,
    "arc": 22 * HOUR_MS,
}
_REGULATOR, _OFFICE = 0.12, 0.20
_WORD_MS: Final = 5 * DAY_MS
# A move is told of from five usual hours on, and no smaller than this; two coins an hour at most.
_LOUD_FACTOR, _MIN_MOVE, _MOST_COINS = 5.0, 0.015, 2
_HOUR_OF_DAY: Final = 0.204


class EventPlan:
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
        begin = max(self.first_ms, world.clock.now_ms() - RETENTION_MS)
        self._slots = {name: begin // step for name, step in _INTERVALS_MS.items()}
        self._n_requests = 0
        self._hour = begin // HOUR_MS
        self._newcomers = begin // HOUR_MS * HOUR_MS
        self._scene_news = SceneNews(world, self.first_ms)

    def events(self, now_ms: int) -> Iterator[NewsEvent]:
        """Yield what has not been handed out and may matter until now; some of it may lie ahead."""
        requests = [
            news_request
            for news_request in self._world.news_requests[self._n_requests :]
            if news_request.ts <= now_ms
        ]
        self._n_requests += len(requests)
        for name, step in _INTERVALS_MS.items():
            while self._slots[name] * step <= now_ms:
                yield from self._planned(name, self._slots[name])
                self._slots[name] += 1
        yield from self._licences(now_ms, requests)
        yield from self._newcomers_until(now_ms)
        yield from self._moves_until(now_ms)
        yield from self._scene_news.until(now_ms)
        for number, news_request in enumerate(requests, start=self._n_requests - len(requests)):
            yield from self._requested(number, news_request)

    def _planned(self, name: str, slot: int) -> Iterator[NewsEvent]:
        u = uniforms(derive_key(self._world.seed, "news", name), range(slot * 4, slot * 4 + 4)).tolist()
        ts = floor_second(slot * _INTERVALS_MS[name] + u[0] * 0.98 * _INTERVALS_MS[name])
        id_ = f"{name}/{slot}"
        if name == "arc":
            yield from self._arc(NewsEvent(id_, ARC, ts, is_arc=True))
        elif name == "word":
            yield from self._emerging_word(id_, ts, u)
        elif name == "story":
            origin = "regulator" if u[1] < _REGULATOR else "office" if u[1] < _OFFICE else "media"
            yield NewsEvent(id_, pick(u[2], templates_by_origin(origin)).id, ts)
        else:
            yield NewsEvent(
                id_,
                pick(u[2], templates_by_origin(name)).id,
                ts,
                self._giveaway() if name == "giveaway" else {},
            )

    def _giveaway(self) -> dict[str, Any]:
        bitcoin = self._world.coins[0]
        return {"coin": (bitcoin.name, bitcoin.symbol)}

    def _arc(self, event: NewsEvent) -> Iterator[NewsEvent]:
        yield event
        facts = draw_facts(self._world.seed, event, self._world.coins)
        shared_facts = {name: facts[name] for name in ("coin", "firm", "amount", "person")}
        delay_ms = int((60 + facts["days"]) * MINUTE_MS)
        yield NewsEvent(f"{event.id}/denial", "legal.denial", event.ts + delay_ms, shared_facts)

    def _emerging_word(self, id_: str, ts: int, u: Sequence[float]) -> Iterator[NewsEvent]:
        age = ts % _WORD_MS / _WORD_MS
        if u[1] < 0.1 + 0.9 * age:
            candidates = load_words()["emerging"]
            word = candidates[(ts // _WORD_MS + self._world.seed) % len(candidates)]
            yield NewsEvent(id_, "emerging.first" if u[2] > age else "emerging.spread", ts, {"word": word})

    def _licences(self, now_ms: int, requests: Sequence[NewsRequest]) -> Iterator[NewsEvent]:
        for change in self.register.until(now_ms, requests):
            kind = "granted" if change.is_granted else "withdrawn"
            yield NewsEvent(
                f"register/{change.number}", f"regulation.licence_{kind}", change.ts, {"firm": change.firm}
            )

    def _newcomers_until(self, now_ms: int) -> Iterator[NewsEvent]:
        edge = now_ms // HOUR_MS * HOUR_MS
        if edge <= self._newcomers:
            return
        for newcomer in list_newcomers(self._world, edge):
            if newcomer.listed_ms <= self._newcomers:
                continue
            u = uniforms(derive_key(self._world.seed, "news", newcomer.id), range(2)).tolist()
            # An hour later at least: listings are looked at once an hour, and the past stays as it was.
            ts = floor_second(newcomer.listed_ms + HOUR_MS * (1.0 + u[0]))
            fixed_facts = {
                "coin": (newcomer.name, newcomer.symbol),
                "network": newcomer.network[1],
                "liquidity": newcomer.liquidity,
            }
            if u[1] < 0.6:
                yield NewsEvent(f"newcoin/{newcomer.id}", "newcoin.listed", ts, fixed_facts)
        self._newcomers = edge

    def _moves_until(self, now_ms: int) -> Iterator[NewsEvent]:
        tape = self._world.tape
        while (self._hour + 1) * HOUR_MS <= min(now_ms, tape.hours_end_ms):
            hour_index = self._hour - tape.first_ms // HOUR_MS
            if hour_index >= 0:
                yield from self._hour_moves(hour_index)
            self._hour += 1

    def _hour_moves(self, hour_index: int) -> Iterator[NewsEvent]:
        hours = self._world.tape.hours()[:, :, hour_index]
        moves = []
        for coin in self._world.coins:
            if not coin.is_watched:
                continue
            direction, move = _tell_move(hours[coin.number])
            threshold = max(_MIN_MOVE, _LOUD_FACTOR * _HOUR_OF_DAY * coin.profile.sigma_day)
            if move > threshold:
                moves.append((move / threshold, coin, direction, move))
        for _, coin, direction, move in sorted(moves, key=lambda entry: -entry[0])[:_MOST_COINS]:
            id_ = f"market/{self._hour}/{coin.symbol}"
            delay = uniforms(derive_key(self._world.seed, "news", id_), [0])[0] * 15 * MINUTE_MS
            fixed_facts = {"coin": (coin.name, coin.symbol), "move": 100.0 * move}
            yield NewsEvent(
                id_, f"market.{direction}", floor_second((self._hour + 1) * HOUR_MS + delay), fixed_facts
            )

    def _requested(self, number: int, news_request: NewsRequest) -> Iterator[NewsEvent]:
        coin = self._world.coin_by_id[news_request.coin]
        fixed_facts = {"coin": (coin.name, coin.symbol)}
        id_ = f"asked/{number}"
        u = uniforms(derive_key(self._world.seed, "news", "asked"), [number])[0]
        if news_request.what == "regulator":
            matching = [template for template in templates_by_origin("regulator") if is_about_coins(template)]
            yield NewsEvent(id_, pick(u, matching).id, news_request.ts, fixed_facts)
        elif news_request.what == "story":
            yield from self._arc(NewsEvent(id_, ARC, news_request.ts, fixed_facts, is_arc=True))
        elif news_request.what == "giveaway":
            yield NewsEvent(id_, "scam.giveaway", news_request.ts, fixed_facts)


def _tell_move(bar: FloatArray) -> tuple[str, float]:
    """Return how an hour is told, and by how much: up and down end on that side, what comes back is a swing."""
    up, down = float(bar[HIGH] / bar[OPEN] - 1.0), float(1.0 - bar[LOW] / bar[OPEN])
    direction, move = ("up", up) if up > down else ("down", down)
    if (bar[CLOSE] > bar[OPEN]) == (direction == "up"):
        return direction, move
    return "swing", float(bar[HIGH] / bar[LOW] - 1.0)
