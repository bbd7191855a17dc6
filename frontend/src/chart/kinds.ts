/** How bars are drawn: as candles, as a line of closes, or averaged (Heikin-Ashi). No document here. */
import type { Bar } from "./data.ts";

export const KINDS = ["candles", "line", "heikin"] as const;
export type Kind = (typeof KINDS)[number];

/** Return averaged bars; each opens in the middle of the one before it. */
export function heikinAshi(bars: readonly Bar[], before: Bar | null = null): Bar[] {
  let last = before;
  return bars.map((bar) => {
    const close = (bar.open + bar.high + bar.low + bar.close) / 4;
    const open = last ? (last.open + last.close) / 2 : (bar.open + bar.close) / 2;
    last = { ...bar, open, close, high: Math.max(bar.high, open, close), low: Math.min(bar.low, open, close) };
    return last;
  });
}

const KEY = "vigie.chart.kind";

/** Return how this browser draws bars; a browser that keeps nothing draws candles. */
export function keptKind(): Kind {
  try {
    return KINDS.find((kind) => kind === localStorage.getItem(KEY)) ?? "candles";
  } catch {
    return "candles";
  }
}

export function keepKind(kind: Kind): void {
  try {
    localStorage.setItem(KEY, kind);
  } catch {
    // A browser that keeps nothing begins with candles again.
  }
}
