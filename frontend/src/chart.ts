/** The chart in the browser: takes the box of the server's drawing. */
import { Choosing } from "./chart/choosing.ts";
import { type Colours, readColours } from "./chart/colours.ts";
import { type ChartData, type Range, cut, intervalMs, join, logicalOf, readData, tick } from "./chart/data.ts";
import { DrawingDesk } from "./chart/desk.ts";
import { go, isSameSpan } from "./chart/in-place.ts";
import type { IndicatorWindow } from "./chart/indicators.ts";
import { type Kind, keepKind, keptKind } from "./chart/kinds.ts";
import { Legend } from "./chart/legend.ts";
import { News, tellPage } from "./chart/news.ts";
import { Plot, type Scale } from "./chart/plot.ts";
import { Points } from "./chart/points.ts";
import { Replay } from "./chart/replay.ts";
import { ReplayBar } from "./chart/replay-bar.ts";
import { spanAddress } from "./chart/span.ts";
import { DrawingStore, type Outcome } from "./chart/store.ts";
import { type ChartSay, chartWriter } from "./chart/texts.ts";
import { Toolbar } from "./chart/toolbar.ts";
import { csrf, make } from "./dom.ts";
import type { Formats } from "./format.ts";
import type { Live } from "./live.ts";
import type { Spoken } from "./texts.ts";

export interface Context {
  language: Spoken;
  format: Formats;
  live: Live;
  announce: (text: string) => void;
  /** Charts are built one after another, so that several do not share a frame. */
  inTurn: (work: () => Promise<void>) => Promise<void>;
}

const SPEAK_MS = 250;
/** How long after a bar has begun the one before it is stored. */
const CLOSED_MS = 15_000;
const MOST_PAGES = 12;
const MOST_COMPARED = 7;
/** Bars thinner than this are lines: on a phone a longer interval is taken before. */
const THIN_PX = 2;

async function read(url: string, names: Record<string, string> = {}): Promise<ChartData> {
  const response = await fetch(url, { headers: { Accept: "application/json" } });
  if (!response.ok) throw new Error(String(response.status));
  return readData(await response.json(), names);
}

export async function mount(stage: HTMLElement, context: Context): Promise<void> {
  const say = chartWriter(context.language);
  // The page may name another address before the chart stands.
  const { url = "" } = stage.dataset;
  try {
    const [library, data] = await Promise.all([import("./chart/library.ts"), read(url, JSON.parse(stage.dataset["names"] ?? "{}"))]);
    if (data.bars.length + data.lines.length === 0) return;
    await context.inTurn(() => build(new Island(stage, context, say, library, data, url)));
  } catch {
    context.announce(say("loadFailed"));
  }
}

/** Go through the steps of a start, a frame for each: fingers and keys are answered in between. */
async function build(island: Island): Promise<void> {
  for (const _ of island.start()) await nextFrame();
}

function nextFrame(): Promise<void> {
  return new Promise((resolve) => requestAnimationFrame(() => setTimeout(resolve)));
}

class Island {
  private readonly plot: Plot;
  private readonly legend: Legend;
  private readonly surface: HTMLElement;
  private readonly status = make("div", { class: "visually-hidden", role: "status" });
  private toolbar: Toolbar | null = null;
  private news: News | null = null;
  private choosing: Choosing | null = null;
  private desk: DrawingDesk | null = null;
  private readonly store: DrawingStore | null;
  private colours: Colours;
  private all: ChartData;
  private compared: string[] = [];
  private comparedNames = new Set<string>();
  private replay: { state: Replay; bar: ReplayBar; data: ChartData } | null = null;
  private place = 0;
  private price: number | null = null;
  private speaking = 0;
  /** Address of the older bars that are on their way. */
  private loading: string | null = null;
  private pages = 0;
  /** What the marks were read from. */
  private marksUrl: string;
  /** What is to be seen once the bars of another interval are there. */
  private wanted: [number, number] | null = null;
  private turn = 0;
  private refreshing = 0;
  private indicators: Promise<IndicatorWindow> | null = null;

  constructor(
    private readonly stage: HTMLElement,
    private readonly context: Context,
    private readonly say: ChartSay,
    library: ConstructorParameters<typeof Plot>[0],
    data: ChartData,
    private url: string,
  ) {
    const { title = "", unit = "usd", chart: kind = "candles" } = stage.dataset;
    this.all = data;
    this.marksUrl = stage.dataset["marksUrl"] ?? "";
    stage.setAttribute("data-chart-kept", "");
    const host = make("div", { class: "chart-surface", "aria-hidden": "true" });
    this.surface = make("div", {
      class: "chart-surface", tabindex: "0", role: "application", "aria-roledescription": say("role"), "aria-label": say("chart", { title }), "data-chart-surface": "",
    }, host);
    this.colours = readColours(stage);
    // Measured by the library at once, so it must be in the page before.
    stage.append(this.surface);
    this.plot = new Plot(library, { host, format: context.format, unit, kind, locale: context.language.locale, zone: document.body.dataset["zone"] || "UTC" }, this.colours);
    this.legend = new Legend(this.plot, context.format, unit, say);
    this.store = stage.dataset["drawingsUrl"] ? new DrawingStore(stage.dataset["drawingsUrl"], csrf(), (outcome) => this.saved(outcome)) : null;
  }

  /** Build behind the server's drawing, step by step, then take its place. */
  *start(): Generator<void> {
    yield;
    for (const _ of this.plot.steps(this.all)) {
      this.plot.setRange("max");
      yield;
    }
    const hasBars = this.all.bars.length > 0;
    this.place = this.plot.times.length - 1;
    this.desk = hasBars ? this.makeDesk() : null;
    this.news = this.plot.times.length > 0 && (this.marksUrl || this.stage.dataset["news"]) ? this.makeNews() : null;
    const base = this.stage.dataset["happenedUrl"];
    this.choosing = hasBars && base ? this.makeChoosing(base) : null;
    this.legend.show(null);
    yield;
    this.toolbar = this.makeToolbar(hasBars);
    if (!this.all.next) this.toolbar?.setRange("max");
    this.toolbar?.setScale("linear");
    if (hasBars) this.kind(keptKind());
    this.toolbar?.setNews(this.marksUrl !== "");
    this.desk?.refresh();
    if (this.all.points.length > 0) this.stage.append(new Points(this.plot).element);
    this.stage.append(this.legend.element, this.status);
    this.stage.querySelector(":scope > svg")?.remove();
    this.listen();
    this.stage.setAttribute("data-chart-ready", "");
    void this.changed();
  }

  private listen(): void {
    this.plot.onMove((place) => this.tell(place));
    this.plot.chart.subscribeClick(({ point }) => {
      if (point && !this.desk?.tool) this.open(this.news?.hit(point.x, point.y) ?? []);
    });
    void this.store?.load().then((drawings) => this.desk?.load(drawings));
    this.surface.addEventListener("keydown", (event) => this.press(event));
    // Older bars are fetched for those who go there, not for those who only look.
    let isMoved = false;
    for (const sign of ["pointerdown", "wheel", "keydown"]) this.surface.addEventListener(sign, () => (isMoved = true), { once: true, passive: true });
    this.plot.chart.timeScale().subscribeVisibleLogicalRangeChange((seen) => {
      if (isMoved && seen && seen.from < 20) void this.older();
      if (isMoved && seen) this.widen(seen);
    });
    const changed = (): void => {
      if (this.stage.isConnected) void this.changed();
      else document.removeEventListener("htmx:after:swap", changed);
    };
    document.addEventListener("htmx:after:swap", changed);
    const fit = (): void => {
      const height = this.plot.height || this.stage.clientHeight;
      this.plot.leaveTop(this.legend.fit(height), height);
    };
    const sizes = new ResizeObserver(fit);
    for (const one of [this.legend.element, this.stage]) sizes.observe(one);
    this.plot.onPanes = fit;
    document.addEventListener("vigie:theme", () => this.recolour());
    for (const query of ["(prefers-color-scheme: dark)", "print"]) matchMedia(query).addEventListener("change", () => this.recolour());
    const live = this.stage.dataset["chartLive"];
    if (live && !new URLSearchParams(location.search).has("as_of")) {
      const [key, field] = [live.slice(0, live.lastIndexOf(":")), live.slice(live.lastIndexOf(":") + 1)];
      this.context.live.watch(key, (row) => this.tick(Number(row["ts_event"]), Number(row[field])));
    }
  }

  private makeDesk(): DrawingDesk {
    return new DrawingDesk(this.plot, this.surface, () => this.colours, (value) => this.context.format.price(value), this.say, {
      changed: (drawings) => this.store?.save(drawings),
      tell: (text) => this.speak(text),
      state: () => this.toolbar?.setDrawing({
        tool: this.desk?.tool ?? null, canUndo: this.desk?.history.canUndo ?? false, canRedo: this.desk?.history.canRedo ?? false, canRemove: this.desk?.chosen != null,
        isMoving: this.desk?.isMoving ?? false,
      }),
    });
  }

  private makeNews(): News {
    const now = (): number => (this.replay ? (this.plot.times.at(-1) ?? 0) + this.plot.data.step : Infinity);
    const news = new News(this.plot, this.marksUrl, () => this.colours, this.say, (ts) => this.context.format.moment(ts), now);
    this.stage.append(news.element);
    this.loadNews(news);
    // Of a past instant nothing new is known.
    if (!new URLSearchParams(location.search).has("as_of")) news.follow((key, tell) => this.context.live.watch(key, tell), () => this.newsCame(news));
    return news;
  }

  private loadNews(news: News): void {
    // The table of the page has the same rows.
    void news.load().catch(() => this.context.announce(this.say("newsFailed")));
  }

  private newsCame(news: News): void {
    this.loadNews(news);
    tellPage();
  }

  private tell(place: number | null): void {
    this.legend.show(place);
    this.news?.show(place);
  }

  /** One story opens, several lead to their table. */
  private open(marks: readonly { story: string }[]): boolean {
    const first = marks[0];
    if (!first) return false;
    location.assign(marks.length === 1 ? `/story/${first.story}` : "#in-span");
    return true;
  }

  private makeChoosing(base: string): Choosing {
    const placeAt = (x: number): number | null => {
      const logical = this.plot.chart.timeScale().coordinateToLogical(x);
      return logical === null ? null : Math.round(logical);
    };
    return new Choosing(this.surface, placeAt, () => !this.desk?.tool, (span) => this.happened(base, span));
  }

  private happened(base: string, span: { from: number; to: number } | null = this.plot.chart.timeScale().getVisibleLogicalRange()): void {
    if (span) location.assign(spanAddress(base, span, this.plot.times, this.plot.data.step, location.origin));
  }

  /** Plan at the price of the chosen drawing, else at the close of the bar that the keys stand on. */
  private planHere(base: string): void {
    const address = new URL(base, location.origin);
    const price = this.desk?.chosenPrice ?? this.plot.data.bars[this.place]?.close;
    if (price) address.searchParams.set("price", String(price));
    location.assign(address);
  }

  private makeToolbar(hasBars: boolean): Toolbar | null {
    const host = this.stage.parentElement?.querySelector<HTMLElement>("[data-chart-tools]");
    if (!host) return null;
    const { happenedUrl: happened, planUrl: plan } = this.stage.dataset;
    return new Toolbar(host, this.stage, this.say, {
      happened: happened ? () => this.happened(happened) : null,
      plan: plan ? () => this.planHere(plan) : null,
      range: (range) => void this.range(range),
      scale: (scale) => this.scale(scale),
      kind: (kind) => {
        keepKind(kind);
        this.kind(kind);
      },
      whole: document.fullscreenEnabled ? () => this.whole() : null,
      tool: (tool) => {
        this.desk?.use(tool);
        if (this.desk?.tool) this.surface.focus({ preventScroll: true });
      },
      undo: () => this.desk?.undo(),
      redo: () => this.desk?.redo(),
      move: () => {
        this.desk?.move();
        this.surface.focus({ preventScroll: true });
      },
      snapshot: () => void this.snapshot(),
      indicators: this.stage.dataset["lines"] === undefined ? null : () => void this.chooseIndicators(),
      news: this.stage.dataset["news"] === undefined ? null : () => void this.keep({ news_marks: this.marksUrl ? "off" : "on" }, {}),
      instant: this.stage.dataset["asOf"] === undefined ? null : () => void this.askInstant(),
      remove: () => this.desk?.remove(),
      replay: () => (this.replay ? this.endReplay() : this.beginReplay()),
      compare: this.stage.dataset["compareUrl"] ? () => void this.askCompared() : null,
      drop: (name) => void this.compare(this.compared.filter((other) => other !== name)),
    }, hasBars);
  }

  private async range(range: Range): Promise<void> {
    this.toolbar?.setRange(range);
    this.plot.setRange(range);
    // Older bars are fetched until the range is covered.
    while (this.all.next && this.pages < MOST_PAGES && !this.covers(range) && (await this.older()));
    this.plot.setRange(range);
  }

  private covers(range: Range): boolean {
    const { times, data } = this.plot;
    const lengths: Record<Range, number> = { day: 1, week: 7, month: 30, year: 365, max: Infinity };
    const first = times[0] ?? 0;
    return logicalOf((times.at(-1) ?? 0) - lengths[range] * 86_400_000, [first], data.step) >= 0;
  }

  private kind(kind: Kind): void {
    this.toolbar?.setKind(kind);
    this.plot.setKind(kind);
  }

  /** Let the chart take the whole screen, or give it back. */
  private whole(): void {
    const frame = this.stage.closest(".chart-frame");
    void (document.fullscreenElement ? document.exitFullscreen() : frame?.requestFullscreen())?.catch(() => this.speak(this.say("wholeRefused")));
  }

  /** Take the bars, lines and marks of the address that the page names now; the chart itself stays. */
  private async changed(): Promise<void> {
    const { url = "", marksUrl = "", title = "" } = this.stage.dataset;
    const before = this.url;
    const hasMarks = marksUrl !== this.marksUrl;
    [this.url, this.marksUrl] = [url || before, marksUrl];
    this.toolbar?.setNews(marksUrl !== "");
    this.surface.setAttribute("aria-label", this.say("chart", { title }));
    // Its controls stand beside the chart, where the page was read anew.
    if (this.replay && (url !== before || !this.replay.bar.element.isConnected)) this.endReplay(false);
    const marks = hasMarks ? this.news?.turn(marksUrl).catch(() => this.context.announce(this.say("newsFailed"))) : null;
    if (this.url === before) this.wanted = null;
    else {
      if (isSameSpan(before, url)) this.wanted ??= this.plot.seen();
      try {
        const data = await this.ask(url);
        // Somebody may have chosen again meanwhile.
        if (url === this.url) await this.renew(data);
      } catch {
        this.wanted = null;
        this.context.announce(this.say("loadFailed"));
      }
    }
    await marks;
  }

  /** Ask for bars and lines, under the page's names for them. */
  private ask(url: string): Promise<ChartData> {
    return read(url, JSON.parse(this.stage.dataset["names"] ?? "{}"));
  }

  private async renew(data: ChartData): Promise<void> {
    const { compared, wanted } = this;
    [this.comparedNames, this.wanted, this.pages, this.all, this.loading] = [new Set(), null, 0, data, null];
    this.plot.show(data);
    this.place = this.plot.times.length - 1;
    if (compared.length > 0) await this.compare(compared);
    while (wanted && (this.plot.times[0] ?? 0) > wanted[0] && this.pages < MOST_PAGES && (await this.older()));
    if (wanted) this.plot.see(wanted);
    else this.plot.setRange("max");
    this.toolbar?.setRange(wanted ? null : "max");
    this.desk?.refresh();
    this.tell(null);
  }

  /** On a phone, take a longer interval before bars get too thin to be told apart. */
  private widen(seen: { from: number; to: number }): void {
    if (!matchMedia("(max-width: 47.99rem)").matches || this.wanted || this.replay) return;
    const px = this.plot.chart.timeScale().width() / (seen.to - seen.from);
    if (px >= THIN_PX) return;
    const links = this.stage.closest(".chart-frame")?.querySelectorAll<HTMLAnchorElement>("[data-intervals] a") ?? [];
    const longer = [...links].find((link) => intervalMs(link.textContent ?? "") > this.plot.data.step);
    if (!longer) return;
    this.wanted = this.plot.seen();
    longer.click();
  }

  /** Keep a choice for this person, then show the page with it. */
  private async keep(look: Record<string, string>, changes: Record<string, string | null>): Promise<void> {
    const body = new URLSearchParams({ csrf: csrf(), next: "/", ...look });
    await fetch("/look", { method: "post", body, redirect: "manual" }).catch(() => undefined);
    go(changes);
  }

  private async chooseIndicators(): Promise<void> {
    const { IndicatorWindow } = await import("./chart/tools.ts");
    this.indicators ??= IndicatorWindow.open(this.say, (words) => this.useLines(words));
    this.indicators.then((window) => window.show(this.stage.dataset["lines"] ?? ""), () => {
      this.indicators = null;
      this.context.announce(this.say("loadFailed"));
    });
  }

  /** Ask first: values that do not go together would otherwise take the page's place with a refusal. */
  private async useLines(words: string): Promise<string> {
    const turn = ++this.turn;
    const url = new URL(this.url, location.origin);
    url.searchParams.set("lines", words);
    url.searchParams.set("points", "20");
    const response = await fetch(url, { headers: { Accept: "application/json" } }).catch(() => null);
    // Only the newest of several quick choices counts.
    if (turn !== this.turn) return "";
    if (!response?.ok) {
      const answer = (await response?.json().catch(() => null)) as { detail?: unknown } | null;
      return String(answer?.detail ?? this.say("loadFailed"));
    }
    await this.keep({ chart_lines: words }, { lines: words || null });
    return "";
  }

  private async askCompared(): Promise<void> {
    const { askCompared } = await import("./chart/tools.ts");
    askCompared(this.say, (name) => void this.compare([...this.compared, name]));
  }

  private async askInstant(): Promise<void> {
    const { askInstant } = await import("./chart/tools.ts");
    askInstant(this.say, this.stage.dataset["asOf"] ?? "", (instant) => go({ as_of: instant }));
  }

  private async snapshot(): Promise<void> {
    const { download, fileName, keysOf, pictureOf } = await import("./chart/tools.ts");
    const { title = "", note = "", scaled = "" } = this.stage.dataset;
    const frame = this.stage.closest(".chart-frame");
    const source = frame?.querySelector("[data-chart-source]")?.textContent?.trim() ?? "";
    const at = this.plot.times.at(-1) ?? 0;
    const named = [document.title.split(" · ")[0], title].join(" · ");
    const dots = this.news?.isDrawn ? this.say("newsDots") : "";
    const caption = { title: [named, scaled, note].filter(Boolean).join(" · "), legend: keysOf(this.legend.element), foot: ["Vigie", source, dots, this.plot.label(at)].filter(Boolean).join(" · ") };
    const isSaved = await download(pictureOf(this.plot.chart.takeScreenshot(true), caption, this.colours, devicePixelRatio), fileName(named, at));
    this.context.announce(this.say(isSaved ? "snapshotSaved" : "snapshotFailed"));
  }

  private scale(scale: Scale): void {
    this.toolbar?.setScale(scale);
    this.plot.setScale(scale);
  }

  private async older(): Promise<boolean> {
    const { next } = this.all;
    if (!next || this.loading !== null || this.replay) return false;
    this.loading = next;
    try {
      const older = await read(next);
      // Other bars may have taken their place meanwhile.
      if (this.all.next !== next) return false;
      this.all = join(older, this.all);
      this.pages += 1;
      this.place += this.all.bars.length - this.plot.times.length;
      this.plot.show(this.all);
      if (this.news) this.loadNews(this.news);
      return true;
    } catch {
      if (this.all.next === next) this.all = { ...this.all, next: null };
      return false;
    } finally {
      if (this.loading === next) this.loading = null;
    }
  }

  private tick(ts: number, price: number): void {
    if (this.replay || !this.stage.dataset["chartLive"]) return;
    const bar = tick(this.all.bars.at(-1), ts, price * this.context.format.per(this.stage.dataset["unit"] ?? "usd"), this.all.step);
    if (!bar) return;
    if (bar.ts !== this.all.bars.at(-1)?.ts) this.refreshing ||= window.setTimeout(() => void this.refresh(), CLOSED_MS);
    this.plot.update(bar);
    if (document.activeElement !== this.surface) this.legend.show(null);
  }

  /** Take the bars that closed meanwhile, with what is computed of them; what is seen stays where it is. */
  private async refresh(): Promise<void> {
    this.refreshing = 0;
    const { url } = this;
    const data = document.hidden ? null : await this.ask(url).catch(() => null);
    if (!data || url !== this.url || this.replay) return;
    const scale = this.plot.chart.timeScale();
    const [seen, count] = [scale.getVisibleLogicalRange(), this.all.bars.length];
    this.all = join(this.all, data);
    this.plot.show(this.all);
    const more = this.all.bars.length - count;
    if (seen && more > 0) scale.setVisibleLogicalRange({ from: seen.from + more, to: seen.to + more });
    if (document.activeElement !== this.surface) this.legend.show(null);
  }

  /** Show these assets beside the bars, and no others. */
  private async compare(names: string[]): Promise<void> {
    const wanted = [...new Set(names)].slice(0, MOST_COMPARED);
    const url = this.stage.dataset["compareUrl"] ?? "";
    try {
      const query = `${url.includes("?") ? "&" : "?"}assets=${encodeURIComponent(wanted.join(","))}`;
      const { url: bars } = this;
      const found = wanted.length > 0 ? (await read(url + query)).lines : [];
      // Of other bars the lines are asked for anew.
      if (bars !== this.url) return;
      if (found.length < wanted.length) throw new Error("unknown asset");
      const own = this.all.lines.filter((line) => !this.comparedNames.has(line.name));
      this.compared = wanted;
      this.comparedNames = new Set(found.map((line) => line.name));
      this.all = { ...this.all, lines: [...own, ...found.map((line) => ({ ...line, unit: this.stage.dataset["unit"] ?? "usd" }))] };
      this.plot.show(this.all);
      this.scale(wanted.length > 0 ? "percent" : "linear");
      this.toolbar?.setOthers(wanted);
      this.legend.show(null);
    } catch {
      this.speak(this.say("noSeries"));
    }
  }

  private beginReplay(): void {
    const data = this.all;
    const state = new Replay(data.bars.length);
    const ts = (): number => data.bars[state.place - 1]?.ts ?? 0;
    const bar = new ReplayBar(state, this.say, {
      moved: () => this.showReplay(),
      end: () => this.endReplay(),
      label: () => this.plot.label(ts()),
      // A bar is known when it has closed.
      ts: () => ts() + data.step,
    });
    this.replay = { state, bar, data };
    this.stage.after(bar.element);
    this.toolbar?.setReplay(true);
    this.showReplay();
  }

  private showReplay(): void {
    if (!this.replay) return;
    const { state, data } = this.replay;
    this.plot.show(cut(data, data.bars[state.place - 1]?.ts ?? 0));
    this.place = Math.min(this.place, this.plot.times.length - 1);
    this.plot.reveal(this.plot.times.length - 1);
    this.legend.show(null);
  }

  private endReplay(isByHand = true): void {
    this.replay?.bar.stop();
    this.replay?.bar.element.remove();
    this.replay = null;
    this.toolbar?.setReplay(false);
    this.plot.show(this.all);
    this.legend.show(null);
    if (isByHand) this.surface.focus({ preventScroll: true });
  }

  private saved(outcome: Outcome): void {
    if (outcome.kind === "failed") this.context.announce(this.say("notSaved", { why: outcome.why }));
    if (outcome.kind === "conflict") {
      this.desk?.load(outcome.drawings);
      this.context.announce(this.say("changedElsewhere"));
    }
  }

  private recolour(): void {
    this.colours = readColours(this.stage);
    this.plot.paint(this.colours);
    this.desk?.refresh();
    this.legend.show(null);
  }

  private press(event: KeyboardEvent): void {
    const isCommand = event.ctrlKey || event.metaKey;
    const far = event.shiftKey ? 10 : 1;
    const key = event.key;
    if (isCommand && key.toLowerCase() === "z") (event.shiftKey ? this.desk?.redo() : this.desk?.undo());
    else if (isCommand && key.toLowerCase() === "y") this.desk?.redo();
    else if (isCommand || event.altKey) return;
    else if (key === "ArrowLeft") this.move(-far);
    else if (key === "ArrowRight") this.move(far);
    else if (key === "Home") this.move(-this.plot.times.length);
    else if (key === "End") this.move(this.plot.times.length);
    else if (key === "+" || key === "=") this.plot.zoom(0.8);
    else if (key === "-") this.plot.zoom(1.25);
    else if ((key === "ArrowUp" || key === "ArrowDown") && (this.desk?.tool || this.desk?.isMoving)) this.lift(key === "ArrowUp" ? 1 : -1);
    else if (key === "Enter") {
      if (!this.enter()) return;
    }
    else if ((key === "Delete" || key === "Backspace") && this.desk?.remove()) event.preventDefault();
    else if (key === " " && this.choosing && !this.desk?.tool) {
      if (this.choosing.mark(this.place)) this.speak(this.say("spanBegins"));
    }
    else if (key === "Escape" && (this.desk?.escape() || this.choosing?.escape())) event.preventDefault();
    else return;
    event.preventDefault();
  }

  /** Place a point of a drawing, else open the news of the bar. */
  private enter(): boolean {
    if (this.desk?.isMoving) {
      this.desk.moveTo({ ts: this.plot.times[this.place] ?? 0, price: this.level() });
      return true;
    }
    if (!this.desk?.tool) return this.open(this.news?.at(this.place) ?? []);
    this.desk.put({ ts: this.plot.times[this.place] ?? 0, price: this.level() });
    return true;
  }

  /** Move the cursor by bars and tell what stands there. */
  private move(by: number): void {
    this.place = Math.min(Math.max(this.place + by, 0), this.plot.times.length - 1);
    this.price = null;
    this.plot.reveal(this.place);
    this.plot.pointAtCursor(this.place, this.level());
    this.tell(this.place);
    this.speak([this.legend.sentence(this.place), this.news?.sentence(this.place)].filter(Boolean).join(". "));
  }

  private lift(way: 1 | -1): void {
    this.price = this.level() * (1 + way * 0.001);
    this.plot.pointAtCursor(this.place, this.price);
    this.speak(this.context.format.unit(this.price, this.stage.dataset["unit"] ?? "usd"));
  }

  private level(): number {
    const { bar, values } = this.plot.valuesAt(this.place);
    return this.price ?? bar?.close ?? values.find((value) => value !== null) ?? 0;
  }

  /** Only the last of several quick moves is spoken. */
  private speak(text: string): void {
    window.clearTimeout(this.speaking);
    this.speaking = window.setTimeout(() => (this.status.textContent = text), SPEAK_MS);
  }
}
