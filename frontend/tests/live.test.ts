import assert from "node:assert/strict";
import { test } from "node:test";
import { LiveState, direction, parseAddress } from "../src/live-state.ts";
import { MarketClock } from "../src/market-clock.ts";
import { SaidPrices } from "../src/said-price.ts";

test("an address names a key with colons and a field", () => {
  assert.deepEqual(parseAddress("quote:bitget-perp:btc-usdt-perp:last"), { key: "quote:bitget-perp:btc-usdt-perp", field: "last" });
  assert.deepEqual(parseAddress("clock:market_ms"), { key: "clock", field: "market_ms" });
  for (const broken of ["", "quote", "quote:", ":last", "a:b"]) assert.equal(parseAddress(broken), null);
});

test("the latest state wins and is drained once", () => {
  const live = new LiveState();
  live.take({ kind: "quote", rows: [{ id: "a:b", last: 1, bid: 0.9 }] });
  live.take({ kind: "quote", rows: [{ id: "a:b", last: 2 }] });
  assert.deepEqual([...live.drain()], ["quote:a:b"]);
  assert.equal(live.drain().size, 0);
  assert.equal(live.value({ key: "quote:a:b", field: "last" }), 2);
  assert.equal(live.value({ key: "quote:a:b", field: "bid" }), 0.9);
});

test("log events are taken once each, also when two streams tell them", () => {
  const live = new LiveState();
  assert.equal(live.take({ kind: "log", rows: [{ seq: 4 }, { seq: 5 }] }).length, 2);
  assert.equal(live.take({ kind: "log", rows: [{ seq: 5 }, { seq: 6 }] }).length, 1);
  assert.equal(live.lastSeq, 6);
});

test("where the log begins is taken once, and told to tabs that join", () => {
  const live = new LiveState();
  assert.equal(live.lastSeq, -1);
  live.take({ kind: "hello", rows: [{ seq: 7 }] });
  live.take({ kind: "hello", rows: [{ seq: 9 }] });
  assert.equal(live.lastSeq, 7);
  assert.equal(live.take({ kind: "log", rows: [{ seq: 7 }, { seq: 8 }] }).length, 1);
  const late = new LiveState();
  for (const message of live.snapshot()) late.take(message);
  assert.equal(late.lastSeq, 8);
});

test("a tab that joins late is told everything that is known, by kind", () => {
  const live = new LiveState();
  live.take({ kind: "quote", rows: [{ id: "a:b", last: 1 }, { id: "a:c", last: 2 }] });
  live.take({ kind: "clock", rows: [{ market_ms: 1, wall_ms: 1 }] });
  const late = new LiveState();
  for (const message of live.snapshot()) late.take(message);
  assert.deepEqual(late.state, live.state);
});

test("a change has a direction only between two numbers", () => {
  assert.equal(direction(1, 2), "up");
  assert.equal(direction(2, 1), "down");
  assert.equal(direction(undefined, 1), "none");
});

test("the market's clock runs as fast as two readings say", () => {
  let local = 0;
  const clock = new MarketClock(1_000, () => local);
  local = 500;
  assert.equal(clock.now(), 1_500);
  clock.take({ market_ms: 10_000, wall_ms: 0 });
  clock.take({ market_ms: 70_000, wall_ms: 1_000 });
  local = 1_500;
  assert.equal(clock.now(), 130_000);
});

test("a clock that was set back does not run backwards", () => {
  let local = 0;
  const clock = new MarketClock(null, () => local);
  assert.equal(clock.isKnown, false);
  clock.take({ market_ms: 90_000, wall_ms: 0 });
  assert.equal(clock.isKnown, true);
  clock.take({ market_ms: 10_000, wall_ms: 1_000 });
  local = 1_000;
  assert.equal(clock.now(), 11_000);
});

test("an age on a fast market is told in whole readings and stands still between them", () => {
  let local = 0;
  const clock = new MarketClock(0, () => local);
  clock.take({ market_ms: 0, wall_ms: 0 });
  assert.equal(clock.age(-1_500), 1_500);
  local = 1_000;
  clock.take({ market_ms: 60_000, wall_ms: 1_000 });
  const told = [0, 300, 600, 900].map((ms) => {
    local = 1_000 + ms;
    return clock.age(59_000);
  });
  assert.deepEqual(told, [60_000, 60_000, 60_000, 60_000]);
  assert.equal(clock.age(60_000 - 3_240_000 - 1), 3_300_000);
});

test("a sentence is read again once its price has been left, and not with every tick", () => {
  let now = 0;
  const live = new LiveState();
  const said = new SaidPrices(live, () => now);
  const tick = (last: number): boolean => {
    live.take({ kind: "quote", rows: [{ id: "a:b", last }] });
    return said.isDue("quote:a:b:last", "100", live.drain());
  };
  assert.equal(tick(100.1), false);
  assert.equal(tick(99.7), true);
  assert.equal(tick(99), false);
  now = 2_000;
  assert.equal(tick(98), true);
  now = 4_000;
  assert.equal(said.isDue("quote:a:c:last", "100", new Set(["quote:a:b"])), false);
  assert.equal(said.isDue("", "", new Set(["quote:a:b"])), false);
});
