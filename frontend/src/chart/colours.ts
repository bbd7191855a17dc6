/** Colours of the page's theme, as plain values that a canvas takes. */

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

export function readColours(stage: HTMLElement): Colours {
  const probe = document.createElement("span");
  probe.hidden = true;
  stage.append(probe);
  const read = (token: string): string => {
    probe.style.color = `var(--${token})`;
    return getComputedStyle(probe).color;
  };
  const found = {
    surface: read("surface"), text: read("text"), muted: read("muted"), line: read("line"), lineStrong: read("line-strong"),
    drawing: read("text"), up: read("candle-up"), down: read("candle-down"), volume: read("volume"),
    series: [1, 2, 3, 4, 5, 6, 7, 8].map((number) => read(`series-${number}`)),
  };
  probe.remove();
  return found;
}

/** The same colour, seen through. */
export function faded(colour: string, alpha: number): string {
  const parts = colour.match(/[\d.]+/g);
  return parts && parts.length >= 3 ? `rgba(${parts.slice(0, 3).join(", ")}, ${alpha})` : colour;
}
