import assert from "node:assert/strict";
import { test } from "node:test";
import { type NewsMark, assetsOf, clustered, placeOf, readMarks, soon } from "../src/chart/news.ts";
import { spanAddress } from "../src/chart/span.ts";

const HOUR = 3_600_000;
const STORY = "0123456789abcdef0123";
const mark = (ts: number): NewsMark => ({ ts, published: null, title: "t", source: "s", language: "en", story: STORY });

test("rows that are no stories are left out, the rest is in order", () => {
  const rows = [{ kind: "story", ts: 2, title: "b", source: "s", story: STORY }, { kind: "price", ts: 1 }, null, { kind: "story", ts: 1, title: "a", story: STORY }, { kind: "story", ts: 3, story: "../x" }];
  assert.deepEqual(readMarks({ rows }).map(({ ts, title }) => [ts, title]), [[1, "a"], [2, "b"]]);
  assert.equal(readMarks({ rows: [{ kind: "story", ts: 1, name: "Ether", title: "a", story: STORY }] })[0]?.title, "Ether: a");
  for (const answer of [null, {}, { rows: "none" }]) assert.deepEqual(readMarks(answer), []);
});

test("when something was published is read where the source says so", () => {
  const rows = [{ kind: "story", ts: 5, ts_published: 2, story: STORY }, { kind: "story", ts: 6, ts_published: null, story: STORY }, { kind: "story", ts: 7, ts_published: "x", story: STORY }];
  assert.deepEqual(readMarks({ rows }).map(({ published }) => published), [2, null, null]);
});

test("news stands at the bar in which it was known, at the last one after it, nowhere before the first", () => {
  const times = [HOUR, 2 * HOUR, 5 * HOUR];
  assert.deepEqual([HOUR - 1, HOUR, 2 * HOUR - 1, 2 * HOUR, 5 * HOUR, 50 * HOUR].map((ts) => placeOf(ts, times, HOUR)), [null, 0, 0, 1, 2, 2]);
  assert.equal(placeOf(1, [], HOUR), null);
});

test("marks that would lie over one another are one, those out of sight are none", () => {
  const found = clustered([0, 5, 19, 20, 100, -1].map(mark), ({ ts }) => (ts < 0 ? null : ts));
  assert.deepEqual(found.map(({ x, marks }) => [x, marks.length]), [[0, 3], [20, 1], [100, 1]]);
});

test("an address of marks says of which assets there may be news", () => {
  assert.deepEqual(assetsOf("/api/v1/assets/happened?asset=bitcoin&kind=story&start=1"), ["bitcoin"]);
  assert.deepEqual(assetsOf("/api/v1/assets/news_marks?assets=bitcoin,%20ethereum,"), ["bitcoin", "ethereum"]);
  assert.deepEqual(assetsOf("/api/v1/assets/happened"), []);
});

test("marks are read again once for several stories, and again for one that comes later", () => {
  const waiting: (() => void)[] = [];
  let read = 0;
  const again = soon(() => (read += 1), (work) => waiting.push(work));
  for (let count = 0; count < 3; count += 1) again();
  assert.deepEqual([waiting.length, read], [1, 0]);
  waiting[0]?.();
  again();
  waiting[1]?.();
  assert.deepEqual([waiting.length, read], [2, 2]);
});

test("what is seen of the chart is a span of its bars, to the minute", () => {
  const times = [HOUR, 2 * HOUR, 3 * HOUR, 4 * HOUR];
  const address = (from: number, to: number): string => spanAddress("/asset/bitcoin?range=1w&from=x", { from, to }, times, HOUR, "http://here");
  assert.equal(address(0.6, 2.2), "/asset/bitcoin?range=1w&from=1970-01-01T02%3A00&to=1970-01-01T04%3A00#happened");
  assert.equal(address(-9, 90), "/asset/bitcoin?range=1w&from=1970-01-01T01%3A00&to=1970-01-01T05%3A00#happened");
});
