import assert from "node:assert/strict";
import { test } from "node:test";
import { isShown } from "../src/inbox.ts";
import { APART_MS, Grouped, Told, fresh } from "../src/bell.ts";
import { partsOf } from "../src/cites.ts";
import { citation, place, quoteHref } from "../src/citations.ts";
import { type Press, meaning } from "../src/keys.ts";
import { entriesOf, move, remembered, withRecent } from "../src/palette.ts";
import { recentKey } from "../src/recent.ts";
import { compare } from "../src/tables.ts";
import { SPOKEN_ENGLISH, spoken, writer } from "../src/texts.ts";
import { after } from "../src/theme.ts";

const press = (changes: Partial<Press>): Press => ({
  key: "j", ctrlKey: false, metaKey: false, altKey: false, isField: false, isOn: true, isDialogOpen: false, ...changes,
});

test("single keys do nothing in fields, with modifiers, in dialogs or when switched off", () => {
  assert.equal(meaning(press({})), "next");
  for (const changes of [{ isField: true }, { altKey: true }, { ctrlKey: true }, { isDialogOpen: true }, { isOn: false }]) {
    assert.equal(meaning(press(changes)), null);
  }
});

test("the palette opens from a field and when single keys are off", () => {
  assert.equal(meaning(press({ key: "k", metaKey: true, isField: true, isOn: false })), "palette");
  assert.equal(meaning(press({ key: "K", ctrlKey: true })), "palette");
});

test("letters are left to the page's own keys", () => {
  assert.deepEqual(meaning(press({ key: "B" })), { key: "b" });
  assert.equal(meaning(press({ key: "?" })), "help");
  assert.equal(meaning(press({ key: "Enter" })), null);
});

test("the palette takes only entries that lead somewhere in this house", () => {
  const rows = [{ title: "A", href: "/a", kind: "Page" }, { title: "B", href: "https://b.example" }, { title: "C", href: "//c" }, { title: 3 }, null];
  assert.deepEqual(entriesOf({ items: rows }), [{ title: "A", href: "/a", kind: "Page" }]);
  assert.deepEqual(entriesOf(null), []);
});

test("the palette changes nothing at once but theme, language and density", () => {
  const row = (look: unknown) => ({ title: "A", kind: "Command", look });
  assert.deepEqual(entriesOf([row({ theme: "dark" })]), [{ title: "A", href: "", kind: "Command", look: { theme: "dark" } }]);
  assert.deepEqual(entriesOf([row({ zone: "UTC" }), row({ theme: 3 }), row("dark"), row(null), row({})]), []);
  assert.deepEqual(entriesOf([{ ...row({ theme: "dark" }), href: "/a" }]), [{ title: "A", href: "/a", kind: "Command" }]);
});

test("what was opened last stands on top, once, and only the newest five are kept", () => {
  const entry = (name: string) => ({ title: name, href: `/${name}`, kind: "Page" });
  const recent = ["a", "b", "c", "d", "e", "f", "b"].reduce((kept, name) => remembered(kept, entry(name)), entriesOf([]));
  assert.deepEqual(recent.map((one) => one.title), ["b", "f", "e", "d", "c"]);
  assert.deepEqual(withRecent(recent.slice(0, 2), [entry("a"), entry("b"), entry("z")]).map((one) => one.title), ["b", "f", "a", "z"]);
});

test("what was opened last is kept under a person, and of a visitor nothing is", () => {
  const shown = globalThis as { document?: unknown };
  const before = shown.document;
  shown.document = { body: { dataset: { person: "ab12" } } };
  assert.equal(recentKey(), "vigie:recent:ab12");
  shown.document = { body: { dataset: {} } };
  assert.equal(recentKey(), null);
  shown.document = before;
});

test("the choice goes round at both ends", () => {
  assert.equal(move(2, "ArrowDown", 3), 0);
  assert.equal(move(0, "ArrowUp", 3), 2);
  assert.equal(move(0, "ArrowDown", 0), -1);
});

test("what is not known is last in either order", () => {
  const texts = (a: string, b: string): number => a.localeCompare(b);
  const sorted = (isFalling: boolean): unknown[] => [3, null, 1, 2].sort((a, b) => compare(a, b, isFalling, texts));
  assert.deepEqual(sorted(false), [1, 2, 3, null]);
  assert.deepEqual(sorted(true), [3, 2, 1, null]);
});

test("a box stays inside the window", () => {
  const anchor = { left: 380, top: 700, bottom: 724 } as DOMRect;
  assert.deepEqual(place(anchor, { width: 300, height: 200 }, { width: 400, height: 740 }), { left: 92, top: 496 });
});

test("a citation stands alone", () => {
  const text = citation({ title: "Bitcoin", value: "64,210.50 $", source: "Bitget", time: "1 Jan 2026", address: "http://x/" });
  assert.equal(text, "Bitcoin: 64,210.50 $ \u00b7 Bitget \u00b7 1 Jan 2026 \u00b7 http://x/");
  const invented = citation({ title: "Bitcoin", value: "1 $", source: "", time: "", address: "http://x/", note: "simulated" });
  assert.equal(invented, "Bitcoin: 1 $ \u00b7 simulated \u00b7 http://x/");
});

test("texts are those of the page's own script, else English", () => {
  assert.equal(writer(spoken())("results", { n: 3 }), "3 results");
  globalThis.vigieLanguage = { ...SPOKEN_ENGLISH, texts: { results: "{n} r\u00e9sultats" } };
  assert.equal(writer(spoken())("results", { n: 3 }), "3 r\u00e9sultats");
  assert.equal(writer(spoken())("noResults"), "No results");
  globalThis.vigieLanguage = undefined;
});

test("the theme goes round", () => {
  assert.deepEqual([after("auto"), after("dark"), after("light")], ["dark", "light", "auto"]);
});

test("a cell's box names the most telling source, the time of its row and the link to it", () => {
  const facts = {
    row: "Bitcoin", column: "Price", definition: "Last trade.", value: "$64,210.50", ts: 5, href: "/markets?as_of=x", anchor: "prices-bitcoin",
    sources: ["", "bitget-perp:btc-usdt-perp", "venues"] as [string, string, string],
  };
  const parts = partsOf(facts, (ts) => `at ${ts}`);
  assert.deepEqual(parts, {
    cite: "Bitcoin, Price", citeValue: "$64,210.50", citeSource: "bitget-perp:btc-usdt-perp", citeTime: "at 5",
    citeFormula: "Last trade.", citeHref: "/markets?as_of=x#prices-bitcoin",
  });
  assert.equal(partsOf({ ...facts, sources: ["coingecko", "x", "y"], ts: 0 }, String)["citeSource"], "coingecko");
  assert.equal(partsOf({ ...facts, ts: 0 }, String)["citeTime"], "");
});

test("the link of a live price holds what the stream told last", () => {
  const row = { last: 64_210.5, ts_event: 7, ts_known: 9, bid: null };
  assert.equal(quoteHref("quote:bitget-perp:btc-usdt-perp", row), "/quote/bitget-perp:btc-usdt-perp?price=64210.5&ts=7&known=9");
  assert.equal(quoteHref("quote:a:b", undefined), "/quote/a:b?");
});

test("alerts that come close together are told as one message, ten seconds apart", () => {
  const told: [number, string][] = [];
  const due: [() => void, number][] = [];
  let now = 1_000;
  const toasts = new Grouped((count, title) => told.push([count, title]), () => now, (work, ms) => due.push([work, ms]));
  toasts.add(1, "first");
  now += 4_000;
  toasts.add(1, "second");
  toasts.add(2, "third");
  assert.deepEqual(told, [[1, "first"]]);
  assert.deepEqual(due.map(([, ms]) => ms), [APART_MS - 4_000]);
  now += APART_MS - 4_000;
  due[0]?.[0]();
  assert.deepEqual(told, [[1, "first"], [3, "third"]]);
  now += APART_MS;
  toasts.add(1, "later");
  assert.deepEqual(told.at(-1), [1, "later"]);
});

test("an alert that this tab told is not told again on a page gone back to", () => {
  const kept = new Map<string, string>();
  const store = { getItem: (name: string) => kept.get(name) ?? null, setItem: (name: string, value: string) => void kept.set(name, value) };
  new Told(() => store).ts = 9;
  new Told(() => store).ts = 7;
  const later = new Told(() => store);
  assert.equal(later.ts, 9);
  assert.equal(fresh({ count: 2, ts: Math.max(5, later.ts) }, { count: 4, ts: 9 }), 0);
  const blocked = new Told(() => {
    throw new Error("no storage");
  });
  blocked.ts = 9;
  assert.equal(blocked.ts, 0);
});

test("alerts are new where the newest is later than what was known", () => {
  assert.equal(fresh({ count: 2, ts: 5 }, { count: 4, ts: 9 }), 2);
  assert.equal(fresh({ count: 2, ts: 5 }, { count: 2, ts: 9 }), 1);
  assert.equal(fresh({ count: 2, ts: 5 }, { count: 1, ts: 5 }), 0);
});

test("the bell is fetched for what a page does not show yet", () => {
  const shown = { bell: "2", bellTs: "1500", bellUnread: "3" };
  const now = { count: 3, alerts: 2, ts: 1_500, titles: {} };
  assert.equal(isShown(shown, now), true);
  assert.deepEqual([{ count: 4 }, { alerts: 1 }, { ts: 1_501 }].map((other) => isShown(shown, { ...now, ...other })), [false, false, false]);
});
