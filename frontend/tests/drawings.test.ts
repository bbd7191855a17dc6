import assert from "node:assert/strict";
import { test } from "node:test";
import { type Drawing, History, LEVELS, beyond, distance, hit, readDrawings, shapeOf } from "../src/chart/drawings.ts";
import { DrawingStore, type Outcome } from "../src/chart/store.ts";

const SIZE = { width: 200, height: 100 };
const draw = (kind: Drawing["kind"], ...points: [number, number][]): Drawing => ({ id: kind, kind, points: points.map(([ts, price]) => ({ ts, price })) });
const shape = (drawing: Drawing): NonNullable<ReturnType<typeof shapeOf>> => {
  const found = shapeOf(drawing, ({ ts, price }) => [ts, 100 - price], SIZE, String);
  assert.ok(found);
  return found;
};

test("stored drawings that are broken are left out", () => {
  const good = draw("trend", [1, 2], [3, 4]);
  const rows = [good, { ...good, points: [{ ts: 1, price: 2 }] }, { ...good, kind: "circle" }, { ...good, points: [{ ts: "1", price: 2 }, { ts: 3, price: 4 }] }, null];
  assert.deepEqual(readDrawings(rows), [good]);
  assert.deepEqual(readDrawings("nothing"), []);
});

test("undo and redo go back and on; a new drawing ends what could be redone", () => {
  const history = new History();
  history.put([draw("horizontal", [1, 1])]);
  history.put([]);
  assert.equal(history.undo(), true);
  assert.equal(history.now.length, 1);
  assert.equal(history.redo(), true);
  assert.equal(history.now.length, 0);
  history.undo();
  history.put([draw("horizontal", [2, 2])]);
  assert.equal(history.canRedo, false);
  assert.deepEqual([history.undo(), history.undo(), history.undo()], [true, true, false]);
});

test("a level spans the pane, a ray leaves it, a trend line ends at its points", () => {
  assert.deepEqual(shape(draw("horizontal", [50, 40])).segments[0]?.to, [200, 60]);
  assert.deepEqual(shape(draw("ray", [0, 100], [50, 75])).segments[0]?.to, [200, 100]);
  assert.deepEqual(shape(draw("trend", [0, 100], [50, 75])).segments[0]?.to, [50, 25]);
});

test("a ray to the left, straight up, or onto itself is finite", () => {
  assert.deepEqual(beyond([100, 50], [50, 50], SIZE), [0, 50]);
  assert.deepEqual(beyond([100, 50], [100, 40], SIZE), [100, 0]);
  assert.deepEqual(beyond([100, 50], [100, 50], SIZE), [100, 50]);
});

test("Fibonacci levels run from the second point (0) to the first (1)", () => {
  const { segments } = shape(draw("fib", [0, 100], [100, 0]));
  assert.equal(segments.length, LEVELS.length + 1);
  assert.equal(segments[0]?.from[1], 100);
  assert.equal(segments[LEVELS.length - 1]?.from[1], 0);
  assert.equal(segments[3]?.label, "0.5 (50)");
});

test("a press finds handles before bodies and nothing beside", () => {
  const trend = shape(draw("trend", [0, 100], [100, 0]));
  assert.equal(hit(trend, [1, 1]), 0);
  assert.equal(hit(trend, [50, 52]), "body");
  assert.equal(hit(trend, [150, 20]), null);
  assert.equal(hit(shape(draw("rectangle", [10, 90], [60, 20])), [30, 50]), "body");
});

test("the distance to a segment is that to its nearer end beyond it", () => {
  assert.equal(distance([13, 4], [0, 0], [10, 0]), 5);
  assert.equal(distance([3, 4], [0, 0], [0, 0]), 5);
});

const answers = (status: number, body: unknown) => ({ ok: status < 400, status, json: () => Promise.resolve(body) });

test("the version goes round with the drawings", async () => {
  const sent: unknown[] = [];
  const store = new DrawingStore("/d", "token", () => undefined, async (_url, options) => {
    if (options?.method === "PUT") sent.push(JSON.parse(String(options.body)), (options.headers as Record<string, string>)["X-CSRF-Token"]);
    return answers(200, { drawings: [], version: sent.length + 1 });
  });
  await store.load();
  await store.send([]);
  await store.send([]);
  assert.deepEqual(sent, [{ drawings: [], version: 1 }, "token", { drawings: [], version: 3 }, "token"]);
});

test("a change in another tab is told with what is there now", async () => {
  const there = [draw("horizontal", [1, 1])];
  const store = new DrawingStore("/d", "", () => undefined, async (_url, options) => (options?.method === "PUT" ? answers(409, {}) : answers(200, { drawings: there, version: 9 })));
  assert.deepEqual(await store.send([]), { kind: "conflict", drawings: there } satisfies Outcome);
});

test("a refusal and a dead server are told, not thrown", async () => {
  const refused = new DrawingStore("/d", "", () => undefined, async () => answers(403, {}));
  assert.deepEqual(await refused.send([]), { kind: "failed", why: "403" });
  const dead = new DrawingStore("/d", "", () => undefined, () => Promise.reject(new Error("no network")));
  assert.deepEqual(await dead.send([]), { kind: "failed", why: "no network" });
  assert.deepEqual(await dead.load(), []);
});
