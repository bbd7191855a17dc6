/** Bars and lines of a chart: read with suspicion, joined, cut, and moved on by live prices. No document here. */

export interface Bar {
  ts: number;
  open: number;
  high: number;
  low: number;
  close: number;
  volume: number;
}

export interface Line {
  name: string;
  unit: string;
  /** Lines of one group share a scale; empty over the bars. */
  group?: string;
  /** When what the line says happened; without one it is of its newest value. */
  ts?: number;
  values: [ts: number, value: number | null][];
}

/** A number that a sentence of the page has, at a bar or a level. */
export interface NumberedPoint {
  number: number;
  ts: number;
  price: number;
  place: "above" | "below" | "at";
}

export interface ChartData {
  bars: Bar[];
  lines: Line[];
  points: NumberedPoint[];
  next: string | null;
  step: number;
}

const DAY = 86_400_000;
/** Lengths of the ranges in milliseconds; null is everything. */
export const RANGES = { day: DAY, week: 7 * DAY, month: 30 * DAY, year: 365 * DAY, max: null } as const;
export type Range = keyof typeof RANGES;

/** Return how long an interval named like `15m`, `4h` or `1d` lasts; 0 where it is none. */
export function intervalMs(name: string): number {
  const [, count, unit] = /^\s*(\d+)([mhdw])\s*$/.exec(name) ?? [];
  const lengths: Record<string, number> = { m: 60_000, h: 3_600_000, d: DAY, w: 7 * DAY };
  return Number(count ?? 0) * (lengths[unit ?? ""] ?? 0);
}

function isNumber(value: unknown): value is number {
  return typeof value === "number" && Number.isFinite(value);
}

function inOrder<T>(rows: T[], at: (row: T) => number): T[] {
  const byTime = new Map(rows.map((row) => [at(row), row]));
  return [...byTime.values()].sort((a, b) => at(a) - at(b));
}

/** Return the distance of most neighbours. */
export function usualStep(times: readonly number[]): number {
  const counts = new Map<number, number>();
  for (let place = 1; place < times.length; place += 1) {
    const gap = (times[place] as number) - (times[place - 1] as number);
    counts.set(gap, (counts.get(gap) ?? 0) + 1);
  }
  return [...counts].sort((a, b) => b[1] - a[1])[0]?.[0] ?? DAY;
}

/** Read an answer of the server, its lines under the page's names for them; rows that are no bars are left out. */
export function readData(answer: unknown, names: Readonly<Record<string, string>> = {}): ChartData {
  const given = (answer ?? {}) as { bars?: unknown; lines?: unknown; points?: unknown; next?: unknown; step_ms?: unknown };
  const bars = (Array.isArray(given.bars) ? given.bars : [])
    .filter((row): row is number[] => Array.isArray(row) && row.slice(0, 5).every(isNumber) && row.length >= 5)
    .map(([ts, open, high, low, close, volume]) => ({ ts, open, high, low, close, volume: isNumber(volume) ? volume : 0 }) as Bar);
  const lines = (Array.isArray(given.lines) ? given.lines : [])
    .filter((line) => typeof line?.name === "string" && Array.isArray(line.values))
    .map((line) => ({
      name: names[String(line.name)] ?? String(line.name),
      unit: String(line.unit ?? ""),
      group: line.pane === "own" ? String(line.indicator ?? line.name) : "",
      ...(isNumber(line.ts) ? { ts: line.ts } : {}),
      values: inOrder(
        (line.values as unknown[]).filter((row): row is [number, number | null] => Array.isArray(row) && isNumber(row[0])),
        (row) => row[0],
      ).map(([ts, value]): [number, number | null] => [ts, isNumber(value) ? value : null]),
    }));
  const points = (Array.isArray(given.points) ? given.points : [])
    .filter((point) => isNumber(point?.number) && isNumber(point.ts) && isNumber(point.price))
    .map(({ number, ts, price, place }): NumberedPoint => ({ number, ts, price, place: place === "above" || place === "below" ? place : "at" }));
  const sorted = inOrder(bars, (bar) => bar.ts);
  const times = sorted.length > 0 ? sorted.map((bar) => bar.ts) : (lines[0]?.values.map(([ts]) => ts) ?? []);
  const step = isNumber(given.step_ms) && given.step_ms > 0 ? given.step_ms : usualStep(times);
  return { bars: sorted, lines, points, next: typeof given.next === "string" && given.next.startsWith("/") ? given.next : null, step };
}

/** Put older data before what is there. */
export function join(older: ChartData, newer: ChartData): ChartData {
  const names = new Set([...older.lines, ...newer.lines].map((line) => line.name));
  const lines = [...names].map((name) => {
    const parts = [older, newer].map((data) => data.lines.find((line) => line.name === name));
    return {
      name,
      unit: parts[1]?.unit ?? parts[0]?.unit ?? "",
      group: parts[1]?.group ?? parts[0]?.group ?? "",
      ...(parts[1]?.ts !== undefined ? { ts: parts[1].ts } : {}),
      values: inOrder([...(parts[0]?.values ?? []), ...(parts[1]?.values ?? [])], (row) => row[0]),
    };
  });
  return { bars: inOrder([...older.bars, ...newer.bars], (bar) => bar.ts), lines, points: newer.points, next: older.next, step: newer.step };
}

/** Return what was known at a moment: bars that had closed, values up to then. */
export function cut(data: ChartData, at: number): ChartData {
  return {
    ...data,
    bars: data.bars.filter((bar) => bar.ts <= at),
    points: data.points.filter((point) => point.ts <= at),
    lines: data.lines.map((line) => ({ ...line, values: line.values.filter(([ts]) => ts <= at) })),
    next: null,
  };
}

/** Move the last bar on by a price, or begin the next; null when the price is older than the last bar. */
export function tick(last: Bar | undefined, ts: number, price: number, step: number): Bar | null {
  if (!last) return null;
  const start = last.ts + Math.floor((ts - last.ts) / step) * step;
  if (start < last.ts || !isNumber(price) || price <= 0) return null;
  if (start > last.ts) return { ts: start, open: last.close, high: Math.max(last.close, price), low: Math.min(last.close, price), close: price, volume: 0 };
  return { ...last, high: Math.max(last.high, price), low: Math.min(last.low, price), close: price };
}

/** Return the first and last moment of a range that ends with the data, or null for everything. */
export function span(times: readonly number[], range: Range): [number, number] | null {
  const last = times.at(-1);
  const length = RANGES[range];
  if (last === undefined || length === null) return null;
  return [last - length, last];
}

/** Place of a moment among times, with parts of a step; beyond both ends the step goes on. */
export function logicalOf(ts: number, times: readonly number[], step: number): number {
  const first = times[0];
  const last = times.at(-1);
  if (first === undefined || last === undefined) return 0;
  if (ts <= first) return (ts - first) / step;
  if (ts >= last) return times.length - 1 + (ts - last) / step;
  let low = 0;
  let high = times.length - 1;
  while (high - low > 1) {
    const middle = (low + high) >> 1;
    if ((times[middle] as number) <= ts) low = middle;
    else high = middle;
  }
  const start = times[low] as number;
  return low + (ts - start) / ((times[high] as number) - start);
}

/** The moment at a place: the bar's own inside, a step further each beyond the ends. */
export function momentOf(logical: number, times: readonly number[], step: number): number {
  const count = times.length;
  const place = Math.round(logical);
  if (count === 0) return 0;
  if (place < 0) return (times[0] as number) + place * step;
  if (place >= count) return (times[count - 1] as number) + (place - count + 1) * step;
  return times[place] as number;
}
