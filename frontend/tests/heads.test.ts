import assert from "node:assert/strict";
import { test } from "node:test";
import { markWhole } from "../src/heads.ts";

function wrapOf(scrollWidth: number, clientWidth: number) {
  const found = new Set<string>();
  const classList = { toggle: (name: string, isOn?: boolean) => (isOn ? found.add(name) : found.delete(name), isOn === true) };
  return { found, wrap: { scrollWidth, clientWidth, classList: classList as unknown as DOMTokenList } };
}

test("a table that fits stands whole, one that is too wide keeps its scroller", () => {
  const { found, wrap } = wrapOf(600, 600);
  markWhole(wrap);
  assert.deepEqual([...found], ["is-whole"]);
  markWhole({ ...wrap, scrollWidth: 601 });
  assert.deepEqual([...found], ["is-wide"]);
});
