/** What stands at the cursor: in a corner for those who look, as a sentence for those who listen. */
import { make } from "../dom.ts";
import type { Formats } from "../format.ts";
import { type Plot, legendRoom } from "./plot.ts";
import type { ChartSay } from "./texts.ts";

export class Legend {
  readonly element = make("div", { class: "chart-legend", "aria-hidden": "true" });

  private place: number | null = null;
  /** Of so many lines it is too long in full; null where none is. */
  private crowded: number | null = null;

  constructor(
    private readonly plot: Plot,
    private readonly format: Formats,
    private readonly unit: string,
    private readonly say: ChartSay,
  ) {}

  /** Say less where all does not fit, and keep off what is drawn; return the height that is taken. */
  fit(height: number): number {
    const most = legendRoom(height);
    if (height > 0) this.element.style.setProperty("--legend-most", `${most}px`);
    const count = this.plot.names.length;
    if (this.crowded !== null && count < this.crowded) this.crowded = null;
    else if (this.element.scrollHeight > most && height > 0) this.crowded = Math.min(count, this.crowded ?? count);
    else return this.element.offsetHeight;
    this.show(this.place);
    return this.element.offsetHeight;
  }

  show(place: number | null): void {
    this.place = place;
    const isShort = this.crowded !== null;
    const at = place ?? this.plot.times.length - 1;
    const { bar, values } = this.plot.valuesAt(at);
    const parts: HTMLElement[] = [];
    if (bar) {
      const before = this.plot.data.bars[at - 1]?.close ?? bar.open;
      parts.push(make("span", { class: "muted" }, this.plot.label(bar.ts)));
      for (const [name, value] of [["open", bar.open], ["high", bar.high], ["low", bar.low], ["close", bar.close]] as const) {
        parts.push(make("span", name === "close" ? {} : { class: "hide-phone" }, `${this.say(name)} `, make("b", {}, this.format.price(value))));
      }
      const change = before ? bar.close / before - 1 : 0;
      parts.push(make("b", { class: change > 0 ? "delta-up" : change < 0 ? "delta-down" : "muted" }, this.format.unit(change, "change")));
      if (bar.volume > 0) parts.push(make("span", { class: "muted hide-phone" }, `${this.say("volume")} ${this.format.unit(bar.volume, "count")}`));
    }
    this.plot.names.forEach(({ name, unit, colour, dash, isApart }, number) => {
      // In little room a line has its name, and at the cursor its value; a pane of its own says both at its edge.
      if (isShort && isApart && place === null) return;
      const value = make("b", {}, this.plot.amount(values[number], unit));
      const key = make("span", { class: "chart-key" }, swatch(colour, dash), ...(isShort ? [place === null ? name : value] : [`${name} `, value]));
      // Of a bar that is still open an indicator is not known yet: what stands here is of the last one that closed.
      const known = this.plot.newestOf(name);
      if (!isShort && bar && known !== null && known < bar.ts) key.append(make("span", { class: "muted" }, ` ${this.plot.label(known)}`));
      parts.push(key);
    });
    this.element.replaceChildren(...parts);
  }

  sentence(place: number): string {
    const { bar, values } = this.plot.valuesAt(place);
    const ts = this.plot.times[place];
    if (ts === undefined) return "";
    const told = this.plot.names.map(({ name, unit }, number) => `${name} ${this.plot.amount(values[number], unit)}`);
    if (!bar) return this.say("spokenLine", { time: this.plot.label(ts), values: told.join(", ") });
    const before = this.plot.data.bars[place - 1]?.close ?? bar.open;
    const price = (value: number): string => this.format.unit(value, this.unit);
    const first = this.say("spoken", {
      time: this.plot.label(ts), open: price(bar.open), high: price(bar.high), low: price(bar.low), close: price(bar.close),
      change: this.format.unit(before ? bar.close / before - 1 : 0, "change"),
    });
    return [first, ...told].join(", ");
  }
}

function swatch(colour: string, dash: string): SVGSVGElement {
  const space = "http://www.w3.org/2000/svg";
  const svg = document.createElementNS(space, "svg");
  const line = document.createElementNS(space, "line");
  for (const [name, value] of Object.entries({ x1: "0", x2: "16", y1: "4", y2: "4", stroke: colour, "stroke-width": "2", "stroke-dasharray": dash || "none" })) line.setAttribute(name, value);
  svg.setAttribute("viewBox", "0 0 16 8");
  svg.append(line);
  return svg;
}
