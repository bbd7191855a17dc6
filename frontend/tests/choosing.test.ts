import assert from "node:assert/strict";
import { test } from "node:test";
import { chosenPlaces } from "../src/chart/choosing.ts";
import { spanAddress } from "../src/chart/span.ts";

test("bars that are drawn over are a span in either direction; a click that trembled, or no bar, is none", () => {
  assert.deepEqual(chosenPlaces({ x: 10, place: 2 }, { x: 60, place: 7 }), { from: 2, to: 7 });
  assert.deepEqual(chosenPlaces({ x: 60, place: 7 }, { x: 10, place: 2 }), { from: 2, to: 7 });
  assert.deepEqual(chosenPlaces({ x: 10, place: 2 }, { x: 16, place: 2 }), { from: 2, to: 2 });
  assert.equal(chosenPlaces({ x: 10, place: 2 }, { x: 12, place: 3 }), null);
  assert.equal(chosenPlaces({ x: 10, place: null }, { x: 60, place: 3 }), null);
});

test("a span of one bar is that bar, from where it opens to where it closes", () => {
  const hour = 3_600_000;
  assert.equal(spanAddress("/asset/bitcoin", { from: 1, to: 1 }, [hour, 2 * hour, 3 * hour], hour, "http://here"), "/asset/bitcoin?from=1970-01-01T02%3A00&to=1970-01-01T03%3A00#happened");
});
