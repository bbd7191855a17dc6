/** News marked at the foot of the chart, one mark a story, told where the cursor is; none before it was known. */
import type { IPrimitivePaneView, ISeriesPrimitive, SeriesAttachedParameter, Time } from "lightweight-charts";
import { make } from "../dom.ts";
import type { Colours } from "./colours.ts";
import { logicalOf } from "./data.ts";
import type { Plot } from "./plot.ts";
import type { ChartSay } from "./texts.ts";

export interface NewsMark {
  /** When it was first seen here: there its mark stands. */
  ts: number;
  /** When it was published, where the source says so. */
  published: number | null;
  title: string;
  source: string;
  language: string;
  story: string;
}

export interface Cluster {
  x: number;
  marks: NewsMark[];
}

/** Marks nearer than this cannot be told apart, nor hit by a finger. */
const NEAR_PX = 20;
const RADIUS_PX = 7;
const RING_PX = 4;
/** Where it counts ten and more. */
const WIDE_RADIUS_PX = 9;
const FOOT_PX = 12;
/** Stories come in twos and threes. */
const SOON_MS = 1_000;
/** A table is a page of the server: not read as often as the marks are. */
const TABLE_MS = 5_000;
/** More titles would cover the chart. */
const MOST_TITLES = 3;

/** Read an answer of the server; rows that are no stories are left out, of several assets each is named. */
export function readMarks(answer: unknown): NewsMark[] {
  const rows = (answer as { rows?: unknown } | null)?.rows;
  return (Array.isArray(rows) ? rows : [])
    .filter((row) => row?.kind === "story" && Number.isFinite(row.ts) && /^[0-9a-f]{20}$/.test(String(row.story)))
    .map((row) => ({ ts: Number(row.ts), published: Number.isFinite(row.ts_published) ? Number(row.ts_published) : null, title: row.name ? `${String(row.name)}: ${String(row.title ?? "")}` : String(row.title ?? ""), source: String(row.source ?? ""), language: String(row.language ?? ""), story: String(row.story) }))
    .sort((a, b) => a.ts - b.ts);
}

/** The assets whose stories an address of marks asks for. */
export function assetsOf(url: string): string[] {
  const query = new URL(url, "http://here").searchParams;
  return (query.get("assets") ?? query.get("asset") ?? "").split(",").map((word) => word.trim()).filter(Boolean);
}

/** Do something once, soon, however often it is asked for until then. */
export function soon(work: () => void, start: (work: () => void) => void): () => void {
  let isDue = false;
  return () => {
    if (isDue) return;
    isDue = true;
    start(() => {
      isDue = false;
      work();
    });
  };
}

/** Tell the page soon that there are other marks: its table reads itself again, all charts of a page together. */
export const tellPage = soon(() => document.dispatchEvent(new CustomEvent("vigie:news")), (work) => window.setTimeout(work, TABLE_MS));

/** The bar in which something was known; null before the first bar. What came after the last one stands at it. */
export function placeOf(ts: number, times: readonly number[], step: number): number | null {
  const first = times[0];
  if (first === undefined || ts < first) return null;
  return Math.min(Math.floor(logicalOf(ts, times, step)), times.length - 1);
}

/** Put marks together that would lie over one another; `x` is null for what is out of sight. */
export function clustered(marks: readonly NewsMark[], x: (mark: NewsMark) => number | null): Cluster[] {
  const found: Cluster[] = [];
  for (const mark of marks) {
    const at = x(mark);
    if (at === null) continue;
    const last = found.at(-1);
    if (last && at - last.x < NEAR_PX) last.marks.push(mark);
    else found.push({ x: at, marks: [mark] });
  }
  return found;
}

export class News implements ISeriesPrimitive<Time> {
  readonly element = make("div", { class: "chart-news", "aria-hidden": "true" });
  private marks: NewsMark[] = [];
  private height = 0;
  private update: (() => void) | null = null;
  private readonly view: IPrimitivePaneView;

  constructor(
    private readonly plot: Plot,
    private url: string,
    private readonly colours: () => Colours,
    private readonly say: ChartSay,
    private readonly moment: (ts: number) => string,
    /** What lies after this instant is not known yet: a replay's now. */
    private readonly until: () => number,
  ) {
    this.view = {
      zOrder: () => "top",
      renderer: () => ({
        draw: (target) =>
          target.useMediaCoordinateSpace(({ context, mediaSize }) => {
            this.height = mediaSize.height;
            for (const cluster of this.clusters()) this.paint(context, cluster);
          }),
      }),
    };
    this.plot.main?.attachPrimitive(this);
  }

  attached({ requestUpdate }: SeriesAttachedParameter<Time>): void {
    this.update = requestUpdate;
  }

  paneViews(): readonly IPrimitivePaneView[] {
    return [this.view];
  }

  /** Whether a dot is in sight. */
  get isDrawn(): boolean {
    return this.clusters().length > 0;
  }

  /** Take the marks of another address; of none there are none. */
  turn(url: string): Promise<void> {
    this.url = url;
    if (url) return this.load();
    this.marks = [];
    this.redraw();
    return Promise.resolve();
  }

  /** Read the marks of the bars that are there; the table beside the chart tells them where this fails. */
  async load(): Promise<void> {
    const { url: asked } = this;
    if (!asked) return;
    const url = new URL(asked, location.origin);
    const first = this.plot.times[0];
    if (first !== undefined) url.searchParams.set("start", String(first));
    const response = await fetch(url, { headers: { Accept: "application/json" } });
    if (!response.ok) throw new Error(String(response.status));
    const marks = readMarks(await response.json());
    // They may have been hidden, or others asked for, meanwhile.
    if (asked !== this.url) return;
    this.marks = marks;
    this.redraw();
  }

  /** Read the marks again soon after there were news of one of their assets, or the stream was away. */
  follow(watch: (key: string, tell: () => void) => void, load: () => void): void {
    const again = soon(load, (work) => window.setTimeout(work, SOON_MS));
    for (const asset of ["all", ...assetsOf(this.url)]) watch(`news:${asset}`, again);
  }

  redraw(): void {
    this.update?.();
  }

  /** The stories at a bar, with those that are drawn as one with them. */
  at(place: number): NewsMark[] {
    const x = this.x(place);
    if (x === null) return [];
    return this.clusters().find((cluster) => Math.abs(cluster.x - x) <= NEAR_PX / 2 || cluster.marks.some((mark) => this.place(mark) === place))?.marks ?? [];
  }

  /** The stories under a pointer. */
  hit(x: number, y: number): NewsMark[] {
    if (Math.abs(y - (this.height - FOOT_PX)) > NEAR_PX / 2) return [];
    return this.clusters().find((cluster) => Math.abs(cluster.x - x) <= NEAR_PX / 2)?.marks ?? [];
  }

  show(place: number | null): void {
    const marks = place === null ? [] : this.at(place);
    const lines = marks.slice(0, MOST_TITLES).map((mark) => make("span", {}, make("span", mark.language ? { lang: mark.language } : {}, `${mark.title} (${mark.source})`), ` \u00b7 ${this.times(mark)}`));
    if (marks.length > MOST_TITLES) lines.push(make("span", {}, this.say("moreNews", { count: marks.length - MOST_TITLES })));
    this.element.replaceChildren(...lines);
  }

  sentence(place: number): string {
    const marks = this.at(place);
    return marks.length > 0 ? this.say("newsHere", { count: marks.length, titles: marks.map((mark) => mark.title).join("; ") }) : "";
  }

  private times(mark: NewsMark): string {
    const seen = this.moment(mark.ts);
    return mark.published === null ? this.say("newsSeen", { seen }) : this.say("newsPublished", { published: this.moment(mark.published), seen });
  }

  private place(mark: NewsMark): number | null {
    return placeOf(mark.ts, this.plot.times, this.plot.data.step);
  }

  private clusters(): Cluster[] {
    const until = this.until();
    return clustered(this.marks.filter((mark) => mark.ts <= until), (mark) => {
      const place = this.place(mark);
      return place === null ? null : this.x(place);
    });
  }

  /** Where those of these marks were published that stand far enough from where they were seen. */
  private published(marks: readonly NewsMark[]): number[] {
    return marks.flatMap((mark) => {
      const place = mark.published === null ? null : placeOf(mark.published, this.plot.times, this.plot.data.step);
      const [at, seen] = [place === null ? null : this.x(place), this.x(this.place(mark) ?? -1)];
      return at !== null && seen !== null && seen - at > RADIUS_PX ? [at] : [];
    });
  }

  private x(place: number): number | null {
    return this.plot.chart.timeScale().logicalToCoordinate(place as never);
  }

  private paint(context: CanvasRenderingContext2D, { x, marks }: Cluster): void {
    const colours = this.colours();
    const y = this.height - FOOT_PX;
    context.save();
    // Published in an earlier bar than it was seen in: a ring stands there, tied to the mark.
    for (const earlier of this.published(marks)) {
      context.strokeStyle = colours.series[0] ?? colours.text;
      context.beginPath();
      context.moveTo(earlier, y);
      context.lineTo(x, y);
      context.stroke();
      context.beginPath();
      context.arc(earlier, y, RING_PX, 0, 2 * Math.PI);
      context.fillStyle = colours.surface;
      context.fill();
      context.stroke();
    }
    context.beginPath();
    context.arc(x, y, marks.length < 10 ? RADIUS_PX : WIDE_RADIUS_PX, 0, 2 * Math.PI);
    context.fillStyle = colours.series[0] ?? colours.text;
    context.fill();
    context.strokeStyle = colours.surface;
    context.stroke();
    if (marks.length > 1) {
      context.fillStyle = colours.surface;
      context.font = "600 9px system-ui, sans-serif";
      context.textAlign = "center";
      context.textBaseline = "middle";
      context.fillText(String(marks.length), x, y);
    }
    context.restore();
  }
}
