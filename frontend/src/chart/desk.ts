/** Drawing on the chart with pointer and keyboard: place, choose, drag, remove, undo. */
import { make } from "../dom.ts";
import type { Colours } from "./colours.ts";
import { type Drawing, History, MOST, type Point, type Tool, type XY, hit, pointsOf, shapeOf } from "./drawings.ts";
import { DrawingLayer } from "./paint.ts";
import type { Plot } from "./plot.ts";
import type { ChartSay } from "./texts.ts";

const CLICK = 5;

interface Drag {
  id: string;
  part: number | "body";
  from: Point;
  points: Point[];
  hasMoved: boolean;
}

export class DrawingDesk {
  history = new History();
  tool: Tool | null = null;
  chosen: string | null = null;
  private begun: Point | null = null;
  private drag: Drag | null = null;
  private down: XY | null = null;
  private moving: Drawing | null = null;
  /** The chosen drawing goes where the next point is put. */
  isMoving = false;
  private readonly layer: DrawingLayer;

  constructor(
    private readonly plot: Plot,
    private readonly surface: HTMLElement,
    colours: () => Colours,
    private readonly price: (value: number) => string,
    private readonly say: ChartSay,
    private readonly hooks: { changed: (drawings: Drawing[], isSaved: boolean) => void; tell: (text: string) => void; state: () => void },
  ) {
    this.layer = new DrawingLayer((size) => this.shapes(size), colours);
    plot.main?.attachPrimitive(this.layer);
    surface.addEventListener("pointerdown", (event) => this.onDown(event));
    surface.addEventListener("pointermove", (event) => this.onMove(event));
    surface.addEventListener("pointerup", (event) => this.onUp(event));
  }

  get drawings(): Drawing[] {
    const { moving } = this;
    return moving ? this.history.now.map((one) => (one.id === moving.id ? moving : one)) : this.history.now;
  }

  /** Show what is stored; nothing of it can be undone. */
  load(drawings: Drawing[]): void {
    this.history = new History(drawings);
    this.refresh();
  }

  use(tool: Tool | null): void {
    this.tool = this.tool === tool ? null : tool;
    this.begun = null;
    this.chosen = null;
    this.isMoving = false;
    if (this.tool) this.hooks.tell(this.say("placeFirst", { tool: this.say(this.tool) }));
    this.refresh();
  }

  /** Take a point for the chosen tool. */
  put(point: Point): void {
    const { tool } = this;
    if (!tool || this.history.now.length >= MOST) return;
    if (pointsOf(tool) === 2 && !this.begun) {
      this.begun = point;
      this.hooks.tell(this.say("placeSecond", { tool: this.say(tool) }));
      this.refresh();
      return;
    }
    const points = this.begun ? [this.begun, point] : [point];
    if (tool === "text") this.askText(point);
    else this.add({ id: crypto.getRandomValues(new Uint32Array(2)).join("-"), kind: tool, points });
  }

  /** Ask for the place that the chosen drawing's first point goes to: moving without dragging. */
  move(): void {
    if (!this.chosen) return;
    this.isMoving = !this.isMoving;
    if (this.isMoving) this.hooks.tell(this.say("moveTo"));
    this.refresh();
  }

  /** The price of the chosen drawing's first point; null where none is chosen. */
  get chosenPrice(): number | null {
    return this.history.now.find((one) => one.id === this.chosen)?.points[0]?.price ?? null;
  }

  /** Move the chosen drawing so that its first point lies here. */
  moveTo(point: Point): void {
    const drawing = this.history.now.find((one) => one.id === this.chosen);
    const first = drawing?.points[0];
    this.isMoving = false;
    if (!drawing || !first) return this.refresh();
    const [dt, dp] = [point.ts - first.ts, point.price - first.price];
    const points = drawing.points.map(({ ts, price }) => ({ ts: ts + dt, price: price + dp }));
    this.commit(this.history.now.map((one) => (one.id === drawing.id ? { ...one, points } : one)));
    this.hooks.tell(this.say("moved"));
  }

  remove(): boolean {
    if (!this.chosen) return false;
    this.commit(this.history.now.filter((one) => one.id !== this.chosen));
    this.chosen = null;
    this.hooks.tell(this.say("removed"));
    return true;
  }

  undo(): void {
    if (this.history.undo()) this.stepped("undone");
  }

  redo(): void {
    if (this.history.redo()) this.stepped("redone");
  }

  /** Whether there was something to end. */
  escape(): boolean {
    const had = this.tool !== null || this.chosen !== null;
    this.tool = null;
    this.begun = null;
    this.chosen = null;
    this.isMoving = false;
    this.refresh();
    return had;
  }

  refresh(): void {
    this.layer.redraw();
    this.hooks.state();
  }

  private stepped(word: "undone" | "redone"): void {
    this.chosen = null;
    this.hooks.tell(this.say(word));
    this.hooks.changed(this.history.now, false);
    this.refresh();
  }

  private add(drawing: Drawing): void {
    const { tool } = this;
    this.tool = null;
    this.begun = null;
    this.chosen = drawing.id;
    this.commit([...this.history.now, drawing]);
    if (tool) this.hooks.tell(this.say("placed", { tool: this.say(tool) }));
  }

  private commit(next: Drawing[]): void {
    this.history.put(next);
    this.hooks.changed(next, false);
    this.refresh();
  }

  private askText(point: Point): void {
    const at = this.plot.xy(point);
    if (!at) return;
    const field = make("input", { class: "input chart-text", type: "text", maxlength: "200", "aria-label": this.say("note"), placeholder: this.say("note") });
    field.style.left = `${Math.max(0, Math.min(at[0], this.surface.clientWidth - 180))}px`;
    field.style.top = `${at[1]}px`;
    field.style.width = "11rem";
    const end = (isKept: boolean): void => {
      const text = field.value.trim();
      field.remove();
      this.surface.focus({ preventScroll: true });
      if (isKept && text) this.add({ id: crypto.getRandomValues(new Uint32Array(2)).join("-"), kind: "text", points: [point], text });
      else this.escape();
    };
    field.addEventListener("keydown", (event) => {
      event.stopPropagation();
      if (event.key === "Enter" || event.key === "Escape") {
        event.preventDefault();
        end(event.key === "Enter");
      }
    });
    this.surface.after(field);
    // The press that placed it would take the focus back.
    setTimeout(() => field.focus(), 0);
  }

  private shapes(size: { width: number; height: number }): { shape: NonNullable<ReturnType<typeof shapeOf>>; isChosen: boolean }[] {
    const found = [];
    const half: Drawing[] = this.begun && this.tool ? [{ id: "", kind: "trend", points: [this.begun, this.begun] }] : [];
    for (const drawing of [...this.drawings, ...half]) {
      const shape = shapeOf(drawing, (point) => this.plot.xy(point), size, this.price);
      if (shape) found.push({ shape, isChosen: drawing.id === this.chosen || drawing.id === "" });
    }
    return found;
  }

  private at(event: PointerEvent): XY {
    const box = this.surface.getBoundingClientRect();
    return [event.clientX - box.left, event.clientY - box.top];
  }

  private under(at: XY): { drawing: Drawing; part: number | "body" } | null {
    const size = { width: this.surface.clientWidth, height: this.surface.clientHeight };
    for (const drawing of [...this.drawings].reverse()) {
      const shape = shapeOf(drawing, (point) => this.plot.xy(point), size, this.price);
      const part = shape ? hit(shape, at) : null;
      if (part !== null) return { drawing, part };
    }
    return null;
  }

  private onDown(event: PointerEvent): void {
    if (event.button !== 0) return;
    const at = this.at(event);
    this.down = at;
    if (this.tool) return;
    const found = this.under(at);
    const from = this.plot.point(at);
    if (!found || !from || found.drawing.id !== this.chosen) return;
    this.drag = { id: found.drawing.id, part: found.part, from, points: found.drawing.points, hasMoved: false };
    this.hold(true);
  }

  private onMove(event: PointerEvent): void {
    const { drag } = this;
    if (!drag) return;
    const to = this.plot.point(this.at(event));
    const drawing = this.history.now.find((one) => one.id === drag.id);
    if (!to || !drawing) return;
    drag.hasMoved = true;
    const [dt, dp] = [to.ts - drag.from.ts, to.price - drag.from.price];
    const points = drag.points.map((point, number) =>
      drag.part === number ? to : drag.part === "body" ? { ts: point.ts + dt, price: point.price + dp } : point);
    this.moving = { ...drawing, points };
    this.layer.redraw();
  }

  private onUp(event: PointerEvent): void {
    const at = this.at(event);
    const isClick = this.down !== null && Math.hypot(at[0] - this.down[0], at[1] - this.down[1]) <= CLICK;
    this.down = null;
    const { drag, moving } = this;
    if (drag) {
      this.drag = null;
      this.moving = null;
      this.hold(false);
      if (drag.hasMoved && moving && !isClick) {
        this.commit(this.history.now.map((one) => (one.id === moving.id ? moving : one)));
        return;
      }
    }
    if (!isClick) return;
    const point = this.plot.point(at);
    if (this.isMoving && point) return this.moveTo(point);
    if (this.tool && point) {
      this.put(point);
      return;
    }
    this.chosen = this.under(at)?.drawing.id ?? null;
    this.refresh();
  }

  /** Keep the chart still while a drawing is dragged. */
  private hold(isHeld: boolean): void {
    this.plot.chart.applyOptions({ handleScroll: !isHeld, handleScale: !isHeld });
  }
}
