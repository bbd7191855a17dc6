/** Source and age of a figure, beside it while it is pointed at, has the focus or was tapped; Escape closes it. */
import { ageBeside, place } from "./citations.ts";
import { factsOf } from "./cites.ts";
import { make } from "./dom.ts";
import { figureOf } from "./figure-places.ts";
import type { Formats } from "./format.ts";

// Long enough to pass over a table without a box at each figure, and to reach the box itself.
const SHOWN_AFTER_MS = 250;
const HIDDEN_AFTER_MS = 250;

/** The lines of a box: source, then time and age. */
export function linesOf(source: string, time: string, age: string): string[] {
  return [source, [time, age].filter(Boolean).join(" · ")].filter(Boolean);
}

export class Hints {
  private box: HTMLElement | null = null;
  private about: HTMLElement | null = null;
  private timer = 0;

  constructor(private readonly format: Formats, private readonly ageOf: (ts: number) => number | null) {
    document.addEventListener("pointerover", (event) => this.over(event));
    document.addEventListener("focusout", () => this.hide());
    document.addEventListener("keydown", (event) => event.key === "Escape" && this.hide());
    // What is pointed at moves away: a box would stand beside something else.
    addEventListener("scroll", () => this.hide(), { passive: true, capture: true });
  }

  /** What the pointer is over; the box itself keeps it open. */
  over(event: PointerEvent): void {
    if (event.pointerType === "touch") return;
    if (event.target instanceof Node && this.box?.contains(event.target)) return clearTimeout(this.timer);
    const found = figureOf(event.target);
    if (found !== null && found === this.about) return clearTimeout(this.timer);
    clearTimeout(this.timer);
    if (found) this.timer = window.setTimeout(() => this.show(found), this.box ? 0 : SHOWN_AFTER_MS);
    else if (this.box) this.timer = window.setTimeout(() => this.hide(), HIDDEN_AFTER_MS);
  }

  show(figure: HTMLElement): void {
    const lines = this.lines(figure);
    this.hide();
    if (!figure.isConnected || lines.length === 0) return;
    const button = figure.matches(".cite") ? figure : figure.querySelector<HTMLElement>(".cite");
    this.box = make("div", { class: "popover hint", popover: "manual", role: "tooltip", id: "figure-hint" }, ...lines.map((line) => make("p", {}, line)));
    this.about = figure;
    (document.querySelector("main") ?? document.body).append(this.box);
    this.box.showPopover();
    button?.setAttribute("aria-describedby", "figure-hint");
    const spot = place(figure.getBoundingClientRect(), this.box.getBoundingClientRect(), { width: innerWidth, height: innerHeight });
    this.box.style.left = `${spot.left}px`;
    this.box.style.top = `${spot.top}px`;
  }

  hide(): void {
    clearTimeout(this.timer);
    this.box?.remove();
    for (const button of document.querySelectorAll("[aria-describedby='figure-hint']")) button.removeAttribute("aria-describedby");
    this.box = this.about = null;
  }

  private lines(figure: HTMLElement): string[] {
    const zone = document.body.dataset["zone"];
    if (figure instanceof HTMLTableCellElement) {
      const row = figure.closest("tr");
      const table = figure.closest("table");
      if (!row || !table) return [];
      const { sources, ts } = factsOf(table, row, figure);
      const age = ts > 0 ? this.ageOf(ts) : null;
      return linesOf(sources.find(Boolean) ?? "", ts > 0 ? this.format.moment(ts, zone) : "", age === null ? "" : this.format.age(age));
    }
    const button = figure.matches(".cite") ? figure : figure.querySelector<HTMLElement>(".cite[data-cite]");
    if (!button) return [];
    const { citeSource = "", citeTime = "" } = button.dataset;
    return linesOf(citeSource, citeTime, ageBeside(figure));
  }
}
