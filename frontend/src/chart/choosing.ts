/** Choosing a span of bars: Shift and drawing over them, or Space at its first and at its last one. */
import { make } from "../dom.ts";

/** Less is a click that trembled. */
const LEAST_PX = 4;

/** Bars of a span in their order; null where two ends are one instant of a pointer that hardly moved. */
export function chosenPlaces(first: { x: number; place: number | null }, last: { x: number; place: number | null }): { from: number; to: number } | null {
  if (Math.abs(last.x - first.x) < LEAST_PX || first.place === null || last.place === null) return null;
  return { from: Math.min(first.place, last.place), to: Math.max(first.place, last.place) };
}

export class Choosing {
  private readonly shade = make("div", { class: "chart-span", hidden: "" });
  private begun: number | null = null;
  private stop: (() => void) | null = null;

  constructor(
    private readonly surface: HTMLElement,
    /** The bar under a place of the surface. */
    private readonly placeAt: (x: number) => number | null,
    private readonly isFree: () => boolean,
    private readonly done: (span: { from: number; to: number }) => void,
  ) {
    surface.append(this.shade);
    // Before the library hears of it, which would move the chart.
    surface.addEventListener("mousedown", (event) => this.press(event), { capture: true });
  }

  /** Space at a bar: its first time begins a span, its second ends it. Tell whether it began one. */
  mark(place: number): boolean {
    const { begun } = this;
    this.begun = begun === null ? place : null;
    if (begun !== null) this.done({ from: Math.min(begun, place), to: Math.max(begun, place) });
    return begun === null;
  }

  /** Leave what was begun; tell whether there was something. */
  escape(): boolean {
    const had = this.begun !== null || this.stop !== null;
    this.begun = null;
    this.stop?.();
    return had;
  }

  private press(event: MouseEvent): void {
    if (!event.shiftKey || event.button !== 0 || !this.isFree()) return;
    event.preventDefault();
    event.stopPropagation();
    this.surface.focus({ preventScroll: true });
    const left = this.surface.getBoundingClientRect().left;
    const end = (x: number): { x: number; place: number | null } => ({ x, place: this.placeAt(x) });
    const first = end(event.clientX - left);
    const draw = (moved: MouseEvent): void => {
      const x = moved.clientX - left;
      this.shade.style.left = `${Math.min(first.x, x)}px`;
      this.shade.style.width = `${Math.abs(x - first.x)}px`;
      this.shade.hidden = false;
    };
    const release = (up: MouseEvent): void => {
      this.stop?.();
      const span = chosenPlaces(first, end(up.clientX - left));
      if (span) this.done(span);
    };
    this.stop = () => {
      this.stop = null;
      this.shade.hidden = true;
      document.removeEventListener("mousemove", draw);
      document.removeEventListener("mouseup", release);
    };
    document.addEventListener("mousemove", draw);
    document.addEventListener("mouseup", release);
  }
}
