import assert from "node:assert/strict";
import { test } from "node:test";
import { type Mark, markText, momentText } from "../src/chart/times.ts";

const paris = { locale: "en-GB", zone: "Europe/Paris", isIntraday: true };
const noon = (day: string): number => Date.parse(`${day}T12:00:00Z`);

test("short bars are told in the visitor's zone, which is named, over both changes of the clock", () => {
  const told = ["2026-03-28", "2026-03-29", "2026-10-24", "2026-10-25"].map((day) => momentText(noon(day), paris));
  assert.deepEqual(told.map((text) => text.replace(/^.*, /, "")), ["13:00 CET", "14:00 CEST", "14:00 CEST", "13:00 CET"]);
});

test("bars of a day have UTC days wherever the visitor is", () => {
  const midnight = Date.parse("2026-11-20T00:00:00Z");
  const york = { locale: "en-GB", zone: "America/New_York", isIntraday: false };
  assert.equal(momentText(midnight, york), "20 Nov 2026");
  assert.equal(markText(midnight, 2, york), "20");
});

test("marks of the axis are of the same zone as what is told", () => {
  const marks = ([1, 2, 3] as Mark[]).map((mark) => markText(Date.parse("2026-07-31T23:30:00Z"), mark, paris));
  assert.deepEqual(marks, ["Aug", "1", "01:30"]);
});
