/** Colours of the page's theme, as plain values that a canvas takes. */
import { make } from "../dom.ts";

export interface Colours {
  surface: string;
  text: string;
  muted: string;
  line: string;
  lineStrong: string;
  drawing: string;
  up: string;
  down: string;
  volume: string;
  series: string[];
}

const TOKENS = {
  surface: "card", text: "text", muted: "muted", line: "line", lineStrong: "line-strong", drawing: "text",
  up: "candle-up", down: "candle-down", volume: "volume",
};
const SERIES = [1, 2, 3, 4, 5, 6, 7, 8].map((number) => `series-${number}`);

/** All are set before the first is read, so that styles are worked out once. */
export function readColours(stage: HTMLElement): Colours {
  const probe = make("span", { hidden: "" });
  // Where the system's colours replace ours, all would be the same: a drawing keeps its own, as the server's does.
  probe.style.setProperty("forced-color-adjust", "none");
  const ask = (token: string): (() => string) => {
    const one = make("span");
    one.style.color = `var(--${token})`;
    probe.append(one);
    return () => getComputedStyle(one).color;
  };
  const named = Object.entries(TOKENS).map(([name, token]) => [name, ask(token)] as const);
  const series = SERIES.map(ask);
  stage.append(probe);
  const found = Object.fromEntries(named.map(([name, read]) => [name, read()])) as Omit<Colours, "series">;
  const colours = { ...found, series: series.map((read) => read()) };
  probe.remove();
  return colours;
}

/** The same colour, seen through. */
export function faded(colour: string, alpha: number): string {
  const parts = colour.match(/[\d.]+/g);
  return parts && parts.length >= 3 ? `rgba(${parts.slice(0, 3).join(", ")}, ${alpha})` : colour;
}
