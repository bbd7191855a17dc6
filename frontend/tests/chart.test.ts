import assert from "node:assert/strict";
import { test } from "node:test";
import { assetsOf, meant } from "../src/chart/compare-field.ts";
import { changedAddress, isSameSpan } from "../src/chart/in-place.ts";
import { isAllowed, matching, readKinds, readWords, wordsOf } from "../src/chart/indicators.ts";
import { fileName } from "../src/chart/snapshot.ts";
import { type Bar, cut, intervalMs, join, logicalOf, momentOf, readData, span, tick, usualStep } from "../src/chart/data.ts";
import { heikinAshi } from "../src/chart/kinds.ts";
import { legendRoom, topMargin, valueAt } from "../src/chart/plot.ts";
import { Replay } from "../src/chart/replay.ts";
import { chartWriter } from "../src/chart/texts.ts";
import { SPOKEN_ENGLISH } from "../src/texts.ts";

const HOUR = 3_600_000;
const row = (ts: number, close = 10): number[] => [ts, close, close + 1, close - 1, close, 5];
const bar = (ts: number, close = 10): Bar => ({ ts, open: close, high: close + 1, low: close - 1, close, volume: 5 });

test("rows that are no bars are left out, the rest is in order, once each", () => {
  const data = readData({ bars: [row(2 * HOUR), row(HOUR), row(2 * HOUR, 12), [3], null, [1, 2, 3, 4, Number.NaN]], lines: "none", next: "https://other.example" });
  assert.deepEqual(data.bars.map(({ ts, close }) => [ts, close]), [[HOUR, 10], [2 * HOUR, 12]]);
  assert.deepEqual(data.lines, []);
  assert.equal(data.next, null);
});

test("an answer that is nothing gives an empty chart", () => {
  for (const answer of [null, undefined, 3, "x", []]) assert.equal(readData(answer).bars.length, 0);
});

test("the step is the usual distance, gaps do not count", () => {
  assert.equal(usualStep([0, HOUR, 2 * HOUR, 9 * HOUR, 10 * HOUR]), HOUR);
});

test("older bars are put before, values that both have are kept once", () => {
  const older = readData({ bars: [row(HOUR)], lines: [{ name: "a", unit: "usd", values: [[HOUR, 1]] }], next: "/older" });
  const newer = readData({ bars: [row(HOUR, 11), row(2 * HOUR)], lines: [{ name: "a", unit: "usd", values: [[HOUR, 3], [2 * HOUR, 2]] }] });
  const data = join(older, newer);
  assert.deepEqual(data.bars.map(({ close }) => close), [11, 10]);
  assert.deepEqual(data.lines[0]?.values, [[HOUR, 3], [2 * HOUR, 2]]);
  assert.equal(data.next, "/older");
});

test("a line keeps when what it says happened, also as older bars come", () => {
  const read = (ts: unknown) => readData({ bars: [row(HOUR)], lines: [{ name: "exit", values: [[HOUR, 1]], ts }] });
  assert.equal(join(readData({ bars: [row(0)] }), read(HOUR + 5)).lines[0]?.ts, HOUR + 5);
  assert.equal(read(null).lines[0]?.ts, undefined);
});

test("a replay shows nothing of later", () => {
  const data = readData({ bars: [row(HOUR), row(2 * HOUR), row(3 * HOUR)], lines: [{ name: "a", values: [[HOUR, 1], [3 * HOUR, 3]] }] });
  const then = cut(data, 2 * HOUR);
  assert.equal(Math.max(...then.bars.map(({ ts }) => ts)), 2 * HOUR);
  assert.deepEqual(then.lines[0]?.values, [[HOUR, 1]]);
});

test("a price inside the last bar moves it, one after it begins the next, an older one does nothing", () => {
  assert.deepEqual(tick(bar(HOUR), HOUR + 5, 20, HOUR), { ts: HOUR, open: 10, high: 20, low: 9, close: 20, volume: 5 });
  assert.deepEqual(tick(bar(HOUR), 3 * HOUR + 5, 8, HOUR), { ts: 3 * HOUR, open: 10, high: 10, low: 8, close: 8, volume: 0 });
  assert.equal(tick(bar(HOUR), HOUR - 1, 8, HOUR), null);
  assert.equal(tick(bar(HOUR), HOUR, Number.NaN, HOUR), null);
  assert.equal(tick(undefined, HOUR, 1, HOUR), null);
});

test("a moment has a place between and beyond the bars, and back", () => {
  const times = [HOUR, 2 * HOUR, 6 * HOUR];
  assert.equal(logicalOf(4 * HOUR, times, HOUR), 1.5);
  assert.equal(logicalOf(8 * HOUR, times, HOUR), 4);
  assert.equal(logicalOf(0, times, HOUR), -1);
  for (const place of [-3, 0, 1, 2, 5]) assert.equal(logicalOf(momentOf(place, times, HOUR), times, HOUR), place);
});

test("a range ends with the data", () => {
  assert.deepEqual(span([0, 100 * 24 * HOUR], "week"), [93 * 24 * HOUR, 100 * 24 * HOUR]);
  assert.equal(span([0, 1], "max"), null);
  assert.equal(span([], "day"), null);
});

test("the newest value of a line is never one of later", () => {
  const data = readData({ lines: [{ name: "a", values: [[10, 1], [20, 2], [30, null]] }] });
  assert.deepEqual([5, 10, 19, 20, 35].map((ts) => valueAt(data, "a", ts)), [null, 1, 1, 2, null]);
});

test("a replay stays between its ends", () => {
  const replay = new Replay(10);
  assert.equal(replay.place, 6);
  assert.equal(replay.go(99), true);
  assert.equal(replay.isAtEnd, true);
  assert.equal(replay.go(10), false);
  replay.go(-4);
  assert.equal(replay.place, 1);
});

test("the chart speaks the language of the page, and English where that has no text", () => {
  const say = chartWriter({ ...SPOKEN_ENGLISH, chart: { remove: "Retirer le dessin" } });
  assert.equal(say("remove"), "Retirer le dessin");
  assert.equal(say("placed", { tool: "Ray" }), "Ray placed");
});

test("what is typed to compare with means the asset of that id, name or ticker", () => {
  const known = assetsOf({ items: [
    { title: "Ethereum ETH", href: "/asset/ethereum", kind: "Asset" },
    { title: "Bitcoin Cash BCH", href: "/asset/bitcoin-cash", kind: "Asset" },
    { title: "Markets", href: "/markets", kind: "Page" },
    { title: 7 },
  ] });
  assert.deepEqual(known.map(({ id }) => id), ["ethereum", "bitcoin-cash"]);
  for (const typed of ["ETH", " ethereum ", "Ethereum", "ethereum eth"]) assert.equal(meant(typed, known), "ethereum");
  assert.equal(meant("bch", known), "bitcoin-cash");
  assert.equal(meant("Nowhere", known), "nowhere");
  for (const broken of [null, {}, { items: 3 }]) assert.deepEqual(assetsOf(broken), []);
});

test("averaged bars open in the middle of the one before and hold their own range", () => {
  const bars: Bar[] = [
    { ts: HOUR, open: 10, high: 14, low: 8, close: 12, volume: 1 },
    { ts: 2 * HOUR, open: 12, high: 13, low: 11, close: 12, volume: 2 },
  ];
  const [first, second] = heikinAshi(bars) as [Bar, Bar];
  assert.deepEqual([first.open, first.high, first.low, first.close], [11, 14, 8, 11]);
  assert.deepEqual([second.open, second.high, second.low, second.close], [11, 13, 11, 12]);
  assert.deepEqual(heikinAshi(bars.slice(1), first), [second]);
  assert.deepEqual(bars[1]?.open, 12);
});

test("lines have the names that the page gives them", () => {
  const data = readData({ lines: [{ name: "stop", unit: "price", values: [[HOUR, 1]] }, { name: "sma", values: [] }] }, { stop: "Stop-loss" });
  assert.deepEqual(data.lines.map(({ name }) => name), ["Stop-loss", "sma"]);
});

test("indicators are read from an address and written to it", () => {
  const kinds = readKinds({ indicators: [
    { name: "bollinger", title: "Bollinger", parameters: [{ name: "window", usual: 20, least: 2, most: 400, is_whole: true }, { name: "deviations", usual: 2, least: 0.1, most: 10, is_whole: false }] },
    { name: "macd", title: "MACD", parameters: [] }, { title: "nameless" },
  ] });
  assert.deepEqual(kinds.map(({ name }) => name), ["bollinger", "macd"]);
  const chosen = readWords("bollinger_30, macd,unknown", kinds);
  assert.equal(wordsOf(chosen), "bollinger_30_2,macd");
  assert.deepEqual(matching(kinds, "boll").map(({ name }) => name), ["bollinger"]);
  const [bars, width] = kinds[0]?.parameters ?? [];
  assert.ok(bars && width);
  assert.deepEqual([2.5, 1, 20].map((value) => isAllowed(value, bars)), [false, false, true]);
  assert.deepEqual([2.5, 11, NaN].map((value) => isAllowed(value, width)), [true, false, false]);
});

test("a changed address keeps the rest of the query and forgets the page of a table", () => {
  assert.equal(changedAddress("http://here/asset/bitcoin?range=1y&cursor=5#bars", { lines: "macd" }), "/asset/bitcoin?range=1y&lines=macd");
  assert.equal(changedAddress("http://here/asset/bitcoin?range=1y&as_of=2025", { as_of: null }), "/asset/bitcoin?range=1y");
});

test("what is seen stays where only the lines change", () => {
  const at = (query: string): string => `/api/v1/assets/chart?asset=bitcoin&${query}`;
  assert.equal(isSameSpan(at("range=1y"), at("range=1y&lines=macd")), true);
  assert.equal(isSameSpan(at("range=1y&lines=rsi_14"), at("range=1m&lines=rsi_14")), false);
});

test("an interval lasts as its name says", () => {
  assert.deepEqual(["15m", " 4h ", "1w", "auto", "4x"].map(intervalMs), [900_000, 14_400_000, 604_800_000, 0, 0]);
});

test("a picture is called after its title and moment", () => {
  assert.equal(fileName("Bitcoin (BTC) · Prix, 1 mois", Date.UTC(2026, 0, 2, 3, 4)), "bitcoin-btc-prix-1-mois-2026-01-020304.png");
});

test("lines of one indicator share a scale of their own", () => {
  const { lines } = readData({ lines: [{ name: "MACD", pane: "own", indicator: "macd", unit: "", values: [] }, { name: "EMA 20", pane: "price", indicator: "ema_20", unit: "usd", values: [] }] });
  assert.deepEqual(lines.map(({ group }) => group), ["macd", ""]);
});

test("the legend's room is a share of the chart, however small that is", () => {
  assert.equal(topMargin(28, 400), 0.1);
  assert.equal(topMargin(60, 0), 0);
  assert.equal(topMargin(300, 400), 0.5);
  assert.equal(topMargin(legendRoom(205), 205) <= 0.5, true);
  assert.equal(topMargin(legendRoom(205), 205) * 205 >= legendRoom(205) + 12, true);
});
