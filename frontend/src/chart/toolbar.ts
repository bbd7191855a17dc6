/** The chart's controls: ranges, scale, drawing tools, replay, comparison. */
import { make } from "../dom.ts";
import { RANGES, type Range } from "./data.ts";
import { TOOLS, type Tool } from "./drawings.ts";
import { KINDS, type Kind } from "./kinds.ts";
import type { Scale } from "./plot.ts";
import type { ChartSay } from "./texts.ts";

const SCALES: Scale[] = ["linear", "logarithmic", "percent"];
const PATHS = {
  horizontal: "M2 8h12M8 6.5v3",
  trend: "M3 13L13 3M2 14h.1M14 2h.1",
  ray: "M3 13L14.5 2M3 13m-1.500 0a1.500 1.500 0 1 0 3 0a1.500 1.500 0 1 0-3 0",
  fib: "M2 3h12M2 6.500h12M2 9.500h12M2 13h12",
  rectangle: "M2.500 4h11v8h-11z",
  text: "M3.500 4V3h9v1M8 3v10M6 13h4",
  undo: "M6 3.500L2.500 7 6 10.500M2.500 7H10a3.500 3.500 0 0 1 0 7H7",
  redo: "M10 3.500L13.500 7 10 10.500M13.500 7H6a3.500 3.500 0 0 0 0 7h3",
  move: "M8 2v12M2 8h12M6 4l2-2 2 2M6 12l2 2 2-2M4 6L2 8l2 2M12 6l2 2-2 2",
  compare: "M2.500 11L6 6.500l3 2.500 4.500-5M2.500 6l3 5 3-3 5 4",
  happened: "M2.500 8h11M5 5L2.500 8 5 11M11 5l2.500 3L11 11M8 4v8",
  plan: "M2.500 13.500h11M4 11V5M8 11V2.500M12 11V7M2.500 5h3M6.500 4h3M10.500 8h3",
  indicators: "M2.500 11.500c2-7 4-7 5.500-3s3 3 5.500-4M2.500 14h11",
  news: "M8 14s4.300-4.200 4.300-7.400a4.300 4.300 0 0 0-8.600 0C3.700 9.800 8 14 8 14zM8 5.500v2",
  instant: "M2.800 4h10.400v9H2.800zM2.800 7h10.400M5.500 2.500V5M10.500 2.500V5",
  snapshot: "M2.500 5h2.300l1-1.500h4.400l1 1.500h2.300v8h-11zM8 6.500a2.200 2.200 0 1 0 .01 0",
  remove: "M2.500 4.500h11M6 4.500v-2h4v2M4 4.500l.7 9h6.600l.7-9",
  whole: "M2.500 6V2.500H6M10 2.500h3.500V6M13.500 10v3.500H10M6 13.500H2.500V10",
  replay: "M3 8a5 5 0 1 1 1.500 3.500M3 12.500V8.500h4M7.500 6l3 2-3 2z",
};

type Worded = "indicators" | "compare" | "news" | "instant";

export interface ToolbarHooks {
  range(range: Range): void;
  scale(scale: Scale): void;
  kind(kind: Kind): void;
  whole: (() => void) | null;
  tool(tool: Tool): void;
  undo(): void;
  redo(): void;
  move(): void;
  remove(): void;
  replay(): void;
  snapshot(): void;
  indicators: (() => void) | null;
  news: (() => void) | null;
  instant: (() => void) | null;
  happened: (() => void) | null;
  plan: (() => void) | null;
  compare: (() => void) | null;
  drop(name: string): void;
}

export function icon(name: keyof typeof PATHS): SVGSVGElement {
  const space = "http://www.w3.org/2000/svg";
  const svg = document.createElementNS(space, "svg");
  const path = document.createElementNS(space, "path");
  svg.setAttribute("class", "icon");
  svg.setAttribute("viewBox", "0 0 16 16");
  svg.setAttribute("aria-hidden", "true");
  path.setAttribute("d", PATHS[name]);
  svg.append(path);
  return svg;
}

function press(button: HTMLElement, isOn: boolean): void {
  button.setAttribute("aria-pressed", String(isOn));
}

export class Toolbar {
  private readonly ranges = new Map<Range, HTMLButtonElement>();
  private readonly scales = new Map<Scale, HTMLButtonElement>();
  private readonly kinds = new Map<Kind, HTMLButtonElement>();
  private readonly tools = new Map<Tool, HTMLButtonElement>();
  private readonly undo: HTMLButtonElement;
  private readonly redo: HTMLButtonElement;
  private readonly move: HTMLButtonElement;
  private readonly remove: HTMLButtonElement;
  private readonly news: HTMLButtonElement | null;
  private readonly replay: HTMLButtonElement;
  private readonly others = make("div", { class: "toolbar-group" });

  constructor(host: HTMLElement, stage: HTMLElement, private readonly say: ChartSay, private readonly hooks: ToolbarHooks, hasBars: boolean) {
    const group = (label: string, kind: string, ...children: Node[]): HTMLElement =>
      make("div", { class: kind, role: "group", "aria-label": label }, ...children);
    const small = (name: keyof typeof PATHS, run: () => void): HTMLButtonElement => {
      const button = make("button", { type: "button", class: "button button-quiet button-small button-icon", "aria-label": say(name), title: say(name) }, icon(name));
      button.addEventListener("click", run);
      return button;
    };
    const worded = (name: Worded, run: () => void): HTMLButtonElement => {
      const button = make("button", { type: "button", class: "button button-quiet button-small", title: say(name), "data-tool": name }, icon(name), make("span", {}, say(name)));
      button.addEventListener("click", run);
      return button;
    };
    for (const range of Object.keys(RANGES) as Range[]) this.ranges.set(range, choice(say(range), () => hooks.range(range)));
    for (const scale of SCALES) this.scales.set(scale, choice(say(scale), () => hooks.scale(scale)));
    for (const kind of KINDS) this.kinds.set(kind, choice(say(kind), () => hooks.kind(kind)));
    this.kinds.get("heikin")?.setAttribute("title", say("heikinWhy"));
    for (const tool of TOOLS) this.tools.set(tool, small(tool, () => hooks.tool(tool)));
    this.undo = small("undo", hooks.undo);
    this.redo = small("redo", hooks.redo);
    this.move = small("move", hooks.move);
    this.remove = small("remove", hooks.remove);
    this.news = hooks.news ? worded("news", hooks.news) : null;
    this.replay = small("replay", hooks.replay);
    host.append(opener(host, say("tools")));
    // Where the page has links of its own for ranges, they stay: each brings bars of a fitting length.
    if (!host.parentElement?.querySelector(".card-head .segments")) host.append(group(say("range"), "segments", ...this.ranges.values()));
    if (hasBars) host.append(group(say("kind"), "segments", ...this.kinds.values()));
    const more: [name: Worded, run: (() => void) | null][] = [["indicators", hooks.indicators], ["compare", hooks.compare]];
    for (const [name, run] of more) if (run) host.append(worded(name, run));
    host.append(this.others);
    if (this.news) host.append(this.news);
    if (hasBars) host.append(this.replay);
    if (hooks.instant) host.append(worded("instant", hooks.instant));
    if (hasBars && hooks.happened) host.append(small("happened", hooks.happened));
    if (hasBars && hooks.plan) host.append(small("plan", hooks.plan));
    host.append(group(say("scale"), "segments push", ...this.scales.values()), small("snapshot", hooks.snapshot));
    if (hooks.whole) host.append(small("whole", hooks.whole));
    if (!hasBars) return;
    // Beside the bars where there is room, among the other tools on a phone.
    const draw = group(say("draw"), "chart-draw", ...this.tools.values(), this.move, this.undo, this.redo, this.remove);
    if (matchMedia("(max-width: 47.99rem)").matches) host.append(draw);
    else {
      stage.append(draw);
      stage.setAttribute("data-chart-draw", "");
    }
  }

  setRange(chosen: Range | null): void {
    for (const [range, button] of this.ranges) press(button, range === chosen);
  }

  setScale(chosen: Scale): void {
    for (const [scale, button] of this.scales) press(button, scale === chosen);
  }

  setKind(chosen: Kind): void {
    for (const [kind, button] of this.kinds) press(button, kind === chosen);
  }

  setDrawing(state: { tool: Tool | null; canUndo: boolean; canRedo: boolean; canRemove: boolean; isMoving: boolean }): void {
    for (const [tool, button] of this.tools) press(button, tool === state.tool);
    this.undo.disabled = !state.canUndo;
    this.redo.disabled = !state.canRedo;
    this.remove.disabled = !state.canRemove;
    this.move.disabled = !state.canRemove;
    press(this.move, state.isMoving);
  }

  /** Name the compared series, each with a way to take it off. */
  setOthers(names: readonly string[]): void {
    this.others.replaceChildren(...names.map((name) => {
      const button = make("button", { type: "button", class: "button button-quiet button-small", "aria-label": this.say("removeSeries", { name }) }, `${name} \u00d7`);
      button.addEventListener("click", () => this.hooks.drop(name));
      return button;
    }));
  }

  setNews(isOn: boolean): void {
    if (this.news) press(this.news, isOn);
  }

  setReplay(isOn: boolean): void {
    press(this.replay, isOn);
  }
}

/** On a phone one button holds the tools; on a desk they stand side by side. */
function opener(host: HTMLElement, text: string): HTMLButtonElement {
  const button = make("button", { type: "button", class: "button button-small chart-tools-opener", "aria-expanded": "false" }, text);
  button.addEventListener("click", () => {
    const isOpen = host.toggleAttribute("data-open");
    button.setAttribute("aria-expanded", String(isOpen));
  });
  return button;
}

function choice(text: string, run: () => void): HTMLButtonElement {
  const button = make("button", { type: "button", "aria-pressed": "false" }, text);
  button.addEventListener("click", run);
  return button;
}
