/** Drawings of a person on a chart: what they are, undoing, and where their lines run. No document here. */

export const TOOLS = ["horizontal", "trend", "ray", "fib", "rectangle", "text"] as const;
export type Tool = (typeof TOOLS)[number];

export interface Point {
  ts: number;
  price: number;
}

export interface Drawing {
  id: string;
  kind: Tool;
  points: Point[];
  text?: string;
}

export type XY = [x: number, y: number];

export interface Shape {
  segments: { from: XY; to: XY; label?: string }[];
  box?: { from: XY; to: XY };
  text?: { at: XY; text: string };
  handles: XY[];
}

export const LEVELS = [0, 0.236, 0.382, 0.5, 0.618, 0.786, 1];
export const MOST = 200;
const NEAR = 7;

export function pointsOf(tool: Tool): 1 | 2 {
  return tool === "horizontal" || tool === "text" ? 1 : 2;
}

/** Read stored drawings; what is broken is left out. */
export function readDrawings(rows: unknown): Drawing[] {
  if (!Array.isArray(rows)) return [];
  const isPoint = (point: unknown): point is Point => {
    const { ts, price } = (point ?? {}) as Partial<Point>;
    return Number.isFinite(ts) && Number.isFinite(price);
  };
  return rows
    .filter((row) => TOOLS.includes(row?.kind) && Array.isArray(row.points) && row.points.every(isPoint) && row.points.length === pointsOf(row.kind))
    .slice(0, MOST)
    .map((row, place) => ({
      id: String(row.id ?? place),
      kind: row.kind as Tool,
      points: (row.points as Point[]).map(({ ts, price }) => ({ ts, price })),
      ...(typeof row.text === "string" ? { text: row.text.slice(0, 200) } : {}),
    }));
}

/** States one after the other, with a place in them. */
export class History {
  private states: Drawing[][];
  private place = 0;

  constructor(first: Drawing[] = []) {
    this.states = [first];
  }

  get now(): Drawing[] {
    return this.states[this.place] as Drawing[];
  }

  get canUndo(): boolean {
    return this.place > 0;
  }

  get canRedo(): boolean {
    return this.place < this.states.length - 1;
  }

  put(next: Drawing[]): void {
    this.states = [...this.states.slice(0, this.place + 1), next].slice(-100);
    this.place = this.states.length - 1;
  }

  undo(): boolean {
    if (!this.canUndo) return false;
    this.place -= 1;
    return true;
  }

  redo(): boolean {
    if (!this.canRedo) return false;
    this.place += 1;
    return true;
  }
}

/** Where a drawing's lines run, in pixels. */
export function shapeOf(drawing: Drawing, toXY: (point: Point) => XY | null, size: { width: number; height: number }, price: (value: number) => string): Shape | null {
  const places = drawing.points.map(toXY);
  if (places.some((place) => place === null)) return null;
  const handles = places as XY[];
  const [first, second] = handles;
  if (!first) return null;
  const one = drawing.points[0] as Point;
  const two = drawing.points[1];
  switch (drawing.kind) {
    case "horizontal":
      return { segments: [{ from: [0, first[1]], to: [size.width, first[1]], label: price(one.price) }], handles };
    case "text":
      return { segments: [], text: { at: first, text: drawing.text ?? "" }, handles };
    case "trend":
      return second ? { segments: [{ from: first, to: second }], handles } : null;
    case "ray":
      return second ? { segments: [{ from: first, to: beyond(first, second, size) }], handles } : null;
    case "rectangle":
      return second ? { segments: [], box: { from: first, to: second }, handles } : null;
    case "fib": {
      if (!second || !two) return null;
      const left = Math.min(first[0], second[0]);
      const segments = LEVELS.map((level) => {
        const y = second[1] + (first[1] - second[1]) * level;
        const label = `${level} (${price(two.price + (one.price - two.price) * level)})`;
        return { from: [left, y] as XY, to: [size.width, y] as XY, label };
      });
      return { segments: [...segments, { from: first, to: second }], handles };
    }
  }
}

/** The point where a ray leaves the pane. */
export function beyond(first: XY, second: XY, size: { width: number; height: number }): XY {
  const [dx, dy] = [second[0] - first[0], second[1] - first[1]];
  const reaches: number[] = [];
  if (dx !== 0) reaches.push(((dx > 0 ? size.width : 0) - first[0]) / dx);
  if (dy !== 0) reaches.push(((dy > 0 ? size.height : 0) - first[1]) / dy);
  const reach = Math.max(1, Math.min(...reaches.filter((value) => value >= 0), Number.MAX_SAFE_INTEGER));
  return reaches.length === 0 ? second : [first[0] + dx * reach, first[1] + dy * reach];
}

export function distance(at: XY, from: XY, to: XY): number {
  const [dx, dy] = [to[0] - from[0], to[1] - from[1]];
  const length = dx * dx + dy * dy;
  const share = length === 0 ? 0 : Math.max(0, Math.min(1, ((at[0] - from[0]) * dx + (at[1] - from[1]) * dy) / length));
  return Math.hypot(at[0] - from[0] - share * dx, at[1] - from[1] - share * dy);
}

/** Whether a place is on a shape: its handle's number, "body", or null. */
export function hit(shape: Shape, at: XY): number | "body" | null {
  const handle = shape.handles.findIndex((place) => Math.hypot(place[0] - at[0], place[1] - at[1]) <= NEAR + 2);
  if (handle >= 0) return handle;
  if (shape.segments.some(({ from, to }) => distance(at, from, to) <= NEAR)) return "body";
  if (shape.box) {
    const { from, to } = shape.box;
    const [left, right] = [Math.min(from[0], to[0]), Math.max(from[0], to[0])];
    const [top, bottom] = [Math.min(from[1], to[1]), Math.max(from[1], to[1])];
    if (at[0] >= left && at[0] <= right && at[1] >= top && at[1] <= bottom) return "body";
  }
  if (shape.text) {
    const [x, y] = shape.text.at;
    if (at[0] >= x && at[0] <= x + shape.text.text.length * 7 + 8 && Math.abs(at[1] - y) <= 10) return "body";
  }
  return null;
}
