import assert from "node:assert/strict";
import { test } from "node:test";
import { decimals, formats, priceDigits } from "../src/format.ts";
import { SPOKEN_ENGLISH, type Spoken } from "../src/texts.ts";

const SHORT = { s: "s", min: "min", h: "h", d: "d" };
const FRENCH: Spoken = {
  locale: "fr-FR", point: ",", isSpaced: true, isSignFirst: false, endings: ["", "k", "M", "Md"],
  bytes: ["o", "ko", "Mo", "Go", "To"], texts: {}, chart: {},
};
const SPANISH: Spoken = { ...FRENCH, locale: "es", endings: ["", "mil", "M"], bytes: SPOKEN_ENGLISH.bytes };
const english = formats(SPOKEN_ENGLISH, SHORT);
const french = formats(FRENCH, { ...SHORT, d: "j" });

test("Spanish writes points in thousands, also where its tables leave them out", () => {
  const spanish = formats(SPANISH, SHORT);
  assert.deepEqual([spanish.price(1584.78), spanish.unit(28308.1, "usd")], ["1.584,78", "28.308,10\u00a0$"]);
  assert.equal(spanish.unit(2.93e12, "usd"), "2.930.000\u00a0M\u00a0$");
});

test("a price keeps the digits that tell prices apart", () => {
  assert.equal(english.price(64210.5), "64,210.50");
  assert.equal(english.price(3.14159), "3.1416");
  assert.equal(english.price(0.00001234), "0.00001234");
  assert.equal(english.price(0.03909134), "0.039091");
  assert.equal(english.price(0), "0.00");
  assert.deepEqual(priceDigits(12.3), [2, 3]);
});

test("a price that had more decimals keeps them where its size has as many", () => {
  assert.equal(english.unit(1.25, "usd", 4), "$1.2500");
  assert.equal(english.unit(12.3, "price", 4), "12.300");
  assert.equal(english.unit(1.2537, "usd", 2), "$1.2537");
  assert.equal(english.unit(1.25, "usd"), "$1.25");
  assert.deepEqual([decimals("$1,234.50", SPOKEN_ENGLISH), decimals("1\u202f234,5\u00a0$", FRENCH), decimals("12", SPOKEN_ENGLISH)], [2, 1, 0]);
});

test("French writes a comma, a narrow space and a space before the per cent sign", () => {
  assert.equal(french.price(64210.5), "64\u202f210,50");
  assert.equal(french.unit(0.0124, "change"), "+1,24\u00a0%");
});

test("a change carries its sign, zero has none", () => {
  assert.equal(english.unit(0.0124, "change"), "+1.24%");
  assert.equal(english.unit(-0.0124, "change"), "\u22121.24%");
  assert.equal(english.unit(-1234.5, "ratio"), "\u22121,234.50");
  assert.equal(english.unit(-0.001, "ratio"), "0.00");
  assert.equal(english.unit(12.5, "USDT"), "12.50\u00a0USDT");
  assert.equal(english.unit(-0.000001, "change"), "0.00%");
  for (const unit of ["coins", "count", "index", "bytes", "usd", "USDT", "fraction", "rate"]) {
    for (const all of [english, french]) assert.doesNotMatch(all.unit(unit === "usd" ? -1e-15 : -0.0000001, unit), /[-\u2212+1-9]/, unit);
  }
});

test("what is not known is a dash, never zero or NaN", () => {
  for (const value of [null, undefined, Number.NaN, Number.POSITIVE_INFINITY]) assert.equal(english.unit(value, "usd"), "\u2013");
});

test("large amounts are written in short", () => {
  assert.equal(english.unit(2.31e12, "usd"), "$2.31T");
  assert.equal(french.unit(2.31e12, "usd"), "2\u202f310\u00a0Md\u00a0$");
  assert.equal(french.unit(-168.4e9, "usd"), "\u2212168,40\u00a0Md\u00a0$");
  assert.equal(english.unit(1_500_000, "count"), "1.50M");
  assert.equal(english.unit(12, "sat/vB"), "12 sat/vB");
  assert.deepEqual([43, 25.9].map((value) => english.unit(value, "index")), ["43", "25.90"]);
});

test("amounts of a column have the same decimals, and what rounds up takes the next ending", () => {
  assert.deepEqual([964e6, 3.2545e9, 21e6, 999.999e6].map((value) => english.unit(value, "usd")), ["$964.00M", "$3.25B", "$21.00M", "$1.00B"]);
  assert.deepEqual([3088, 2876.7].map((value) => english.unit(value, "coins")), ["3,088.00", "2,876.70"]);
});

test("bytes are written in steps of a thousand", () => {
  assert.deepEqual([0, 999, 1_234_567, 2e6, 5.2e9].map((size) => english.unit(size, "bytes")), ["0\u00a0B", "999\u00a0B", "1.2\u00a0MB", "2.0\u00a0MB", "5.2\u00a0GB"]);
  assert.equal(french.unit(1_234_567, "bytes"), "1,2\u00a0Mo");
});

test("an age is told in the largest unit that fits", () => {
  assert.deepEqual([0, 59_999, 60_000, 3_600_000, 90_000_000].map((ms) => french.age(ms)), ["0 s", "59 s", "1 min", "1 h", "1 j"]);
  assert.equal(french.age(-5_000), "0 s");
});

test("who counts in euros sees dollars in euros and every other unit as it is", () => {
  const euros = formats(SPOKEN_ENGLISH, SHORT, 0.5);
  assert.equal(euros.unit(91_642.5, "usd"), "\u20ac45,821.25");
  assert.equal(formats(FRENCH, SHORT, 0.5).unit(-3e9, "usd"), "\u22121,50\u00a0Md\u00a0\u20ac");
  assert.equal(euros.unit(3, "index"), "3");
  assert.deepEqual([euros.per("eur"), euros.per("usd"), formats(SPOKEN_ENGLISH, SHORT).per("eur")], [0.5, 1, 1]);
  assert.equal(formats(SPOKEN_ENGLISH, SHORT, Number.NaN).unit(2, "usd"), "$2.00");
});
