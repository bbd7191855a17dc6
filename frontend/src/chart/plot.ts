/** The library's chart with our series on it: bars or lines, volume, indicators, comparison. */
import type { IChartApi, ISeriesApi, LineStyle, LineWidth, MouseEventParams, PriceScaleMode, SeriesType, Time, UTCTimestamp } from "lightweight-charts";
import type { Formats } from "../format.ts";
import { type Colours, faded } from "./colours.ts";
import { type Bar, type ChartData, type Line, type Range, logicalOf, momentOf, span } from "./data.ts";
import type { Point, XY } from "./drawings.ts";
import { type Kind, heikinAshi } from "./kinds.ts";
import type * as Library from "./library.ts";
import { type Clock, type Mark, markText, momentText } from "./times.ts";

export type Scale = "linear" | "logarithmic" | "percent";
const MODES: Record<Scale, number> = { linear: 0, logarithmic: 1, percent: 2 };
const DAY = 86_400_000;
/** Where an indicator is read as high or low; drawn in its pane. */
const LEVELS: Readonly<Record<string, readonly number[]>> = { rsi: [30, 70], stoch: [20, 80], stoch_rsi: [20, 80], mfi: [20, 80], adx: [25] };
/** Lines differ by their strokes too; the library's styles, and the same for a legend. */
const STYLES: LineStyle[] = [0, 2, 1, 3, 4, 2, 1, 3];
const DASHES = ["", "2 2", "6 4", "9 4", "2 6"];

export interface PlotOptions {
  host: HTMLElement;
  format: Formats;
  unit: string;
  kind: string;
  locale: string;
  zone: string;
}

interface Named {
  name: string;
  unit: string;
  scale: string;
  series: ISeriesApi<"Line">;
  colour: number;
}

const seconds = (ts: number): UTCTimestamp => Math.round(ts / 1000) as UTCTimestamp;

/** The largest share of a pane's height that is its legend's; a longer one says less. */
const LEGEND_MOST = 0.5;
const LEGEND_GAP_PX = 12;

/** The share of a chart's height that its legend takes, within reason. */
export function topMargin(px: number, height: number): number {
  return Math.min(LEGEND_MOST, height > 0 ? (px + LEGEND_GAP_PX) / height : 0);
}

/** How tall a legend may be that lies on nothing drawn. */
export function legendRoom(height: number): number {
  return Math.floor(height * LEGEND_MOST) - LEGEND_GAP_PX;
}

export class Plot {
  private top = 0.1;
  private kept = 0;
  readonly chart: IChartApi;
  /** Told when panes have come or gone: the legend has other room. */
  onPanes: () => void = () => undefined;
  data: ChartData = { bars: [], lines: [], points: [], next: null, step: DAY };
  times: number[] = [];
  private candles: ISeriesApi<"Candlestick"> | null = null;
  private volume: ISeriesApi<"Histogram"> | null = null;
  private closes: ISeriesApi<"Line"> | null = null;
  /** Averaged bars, where they are drawn. */
  private averaged: Bar[] = [];
  private kind: Kind = "candles";
  private lines: Named[] = [];

  constructor(
    private readonly library: typeof Library,
    private readonly options: PlotOptions,
    private colours: Colours,
  ) {
    this.chart = library.createChart(options.host, {
      autoSize: true,
      // The notice and the link are in the page's footer; the library's own would need a style element.
      layout: { attributionLogo: false, fontFamily: "system-ui, sans-serif", fontSize: 11 },
      rightPriceScale: { borderVisible: false, minimumWidth: 64 },
      timeScale: {
        borderVisible: false, rightOffset: 3, minBarSpacing: 0.3,
        tickMarkFormatter: (time: Time, mark: number) => markText(Number(time) * 1000, mark as Mark, this.clock),
      },
      crosshair: { mode: 0 },
      handleScroll: { vertTouchDrag: false },
      kineticScroll: { touch: !matchMedia("(prefers-reduced-motion: reduce)").matches, mouse: false },
      localization: {
        locale: options.locale,
        priceFormatter: (value: number) => (options.unit ? options.format.price(value) : this.amount(value, "")),
        timeFormatter: (time: Time) => this.label(Number(time) * 1000),
      },
    });
    this.paint(colours);
  }

  /** A value of a line; of numbers without a unit five or six digits tell a curve's values apart. */
  amount(value: number | null | undefined, unit: string): string {
    const { format } = this.options;
    return unit || value === null || value === undefined ? format.unit(value, unit) : format.number(value, Math.abs(value) >= 10 ? 2 : 4);
  }

  get main(): ISeriesApi<SeriesType> | null {
    return this.candles ?? this.lines[0]?.series ?? null;
  }

  get names(): readonly { name: string; unit: string; colour: string; dash: string; isApart: boolean }[] {
    return this.lines.map(({ name, unit, colour, series }) => ({ name, unit, colour: this.hue(colour), dash: DASHES[STYLES[colour] ?? 0] ?? "", isApart: series.getPane().paneIndex() > 0 }));
  }

  /** The height of the pane that the legend lies on; nothing before it is laid out. */
  get height(): number {
    return this.chart.panes()[0]?.getHeight() ?? 0;
  }

  /** A moment as the axis tells it. */
  label(ts: number): string {
    return momentText(ts, this.clock);
  }

  private get clock(): Clock {
    return { locale: this.options.locale, zone: this.options.zone, isIntraday: this.data.step < DAY };
  }

  paint(colours: Colours): void {
    this.colours = colours;
    const { chart } = this;
    chart.applyOptions({
      layout: {
        background: { color: colours.surface }, textColor: colours.muted,
        panes: { separatorColor: colours.line, separatorHoverColor: colours.lineStrong },
      },
      grid: { vertLines: { color: faded(colours.line, 0.6) }, horzLines: { color: faded(colours.line, 0.6) } },
      crosshair: {
        vertLine: { color: colours.muted, labelBackgroundColor: colours.lineStrong },
        horzLine: { color: colours.muted, labelBackgroundColor: colours.lineStrong },
      },
    });
    this.candles?.applyOptions(this.candleColours());
    this.closes?.applyOptions({ color: colours.text });
    this.volume?.setData(this.data.bars.map((bar) => this.volumeOf(bar)));
    for (const line of this.lines) line.series.applyOptions({ color: this.hue(line.colour) });
  }

  /** Draw data; what is seen stays where it is unless nothing was there. */
  show(data: ChartData): void {
    for (const _ of this.steps(data));
  }

  /** The same, with a halt after the bars and after each line. */
  *steps(data: ChartData): Generator<void> {
    const isFirst = this.times.length === 0;
    const shift = data.bars.length - this.data.bars.length;
    const isOlder = !isFirst && shift > 0 && data.bars[0]?.ts !== this.data.bars[0]?.ts;
    const seen = this.chart.timeScale().getVisibleLogicalRange();
    this.data = data;
    this.times = data.bars.length > 0 ? data.bars.map((bar) => bar.ts) : allTimes(data);
    this.chart.timeScale().applyOptions({ timeVisible: data.step < DAY, secondsVisible: data.step < 60_000 });
    if (data.bars.length > 0 && this.options.kind === "candles") {
      this.showBars(data.bars);
      yield;
    }
    yield* this.showLines();
    if (isOlder && seen) this.chart.timeScale().setVisibleLogicalRange({ from: seen.from + shift, to: seen.to + shift });
  }

  /** Move the last bar on. */
  update(bar: Bar): void {
    const last = this.data.bars.at(-1);
    if (last && bar.ts < last.ts) return;
    if (last?.ts === bar.ts) this.data.bars[this.data.bars.length - 1] = bar;
    else {
      this.data.bars.push(bar);
      this.times.push(bar.ts);
    }
    if (this.kind === "heikin") {
      if (this.averaged.at(-1)?.ts === bar.ts) this.averaged.pop();
      this.averaged.push(...heikinAshi([bar], this.averaged.at(-1) ?? null));
    }
    this.candles?.update(candleOf(this.kind === "heikin" ? (this.averaged.at(-1) as Bar) : bar));
    if (this.kind === "line") this.closes?.update({ time: seconds(bar.ts), value: bar.close });
    this.volume?.update(this.volumeOf(bar));
  }

  /** Draw the bars otherwise; prices in the legend stay what they are. */
  setKind(kind: Kind): void {
    this.kind = kind;
    if (this.data.bars.length > 0 && this.candles) this.showBars(this.data.bars);
  }

  setScale(scale: Scale): void {
    this.chart.priceScale("right").applyOptions({ mode: MODES[scale] as PriceScaleMode });
  }

  setRange(range: Range): void {
    const wanted = span(this.times, range);
    if (!wanted) {
      this.chart.timeScale().fitContent();
      return;
    }
    const from = logicalOf(wanted[0], this.times, this.data.step);
    this.chart.timeScale().setVisibleLogicalRange({ from: Math.max(from, 0), to: this.times.length + 2 });
  }

  /** First and last moment in sight. */
  seen(): [number, number] | null {
    const seen = this.chart.timeScale().getVisibleLogicalRange();
    if (!seen) return null;
    const { step } = this.data;
    // With parts of a bar: coming back to it moves nothing.
    const at = (place: number): number => momentOf(Math.floor(place), this.times, step) + (place - Math.floor(place)) * step;
    return [at(seen.from), at(seen.to)];
  }

  /** Bring two moments to the edges; before the first bar is nothing to see. */
  see([from, to]: [number, number]): void {
    const [first, last] = [from, to].map((ts) => logicalOf(ts, this.times, this.data.step)) as [number, number];
    this.chart.timeScale().setVisibleLogicalRange({ from: Math.max(first, 0), to: last });
  }

  zoom(factor: number): void {
    const scale = this.chart.timeScale();
    const seen = scale.getVisibleLogicalRange();
    if (!seen) return;
    const half = ((seen.to - seen.from) / 2) * factor;
    const middle = (seen.from + seen.to) / 2;
    scale.setVisibleLogicalRange({ from: middle - half, to: middle + half });
  }

  /** Bring a place into view. */
  reveal(place: number): void {
    const scale = this.chart.timeScale();
    const seen = scale.getVisibleLogicalRange();
    if (!seen || (place >= seen.from + 1 && place <= seen.to - 1)) return;
    const width = seen.to - seen.from;
    const from = place < seen.from + 1 ? place - width * 0.1 : place - width * 0.9;
    scale.setVisibleLogicalRange({ from, to: from + width });
  }

  xy(point: Point): XY | null {
    const x = this.chart.timeScale().logicalToCoordinate(logicalOf(point.ts, this.times, this.data.step) as never);
    const y = this.main?.priceToCoordinate(point.price) ?? null;
    return x === null || y === null ? null : [x, y];
  }

  point([x, y]: XY): Point | null {
    const logical = this.chart.timeScale().coordinateToLogical(x);
    const price = this.main?.coordinateToPrice(y) ?? null;
    if (logical === null || price === null) return null;
    return { ts: momentOf(logical, this.times, this.data.step), price };
  }

  /** Values at a place, line by line. */
  valuesAt(place: number): { bar: Bar | null; values: (number | null)[] } {
    const ts = this.times[place];
    if (ts === undefined) return { bar: null, values: [] };
    return {
      bar: this.data.bars[place] ?? null,
      values: this.lines.map(({ name }) => valueAt(this.data, name, ts)),
    };
  }

  pointAtCursor(place: number, price: number): void {
    const { main } = this;
    const ts = this.times[place];
    if (main && ts !== undefined) this.chart.setCrosshairPosition(price, seconds(ts), main);
  }

  onMove(tell: (place: number | null) => void): void {
    this.chart.subscribeCrosshairMove((event: MouseEventParams) => {
      tell(event.logical === undefined || event.logical === null ? null : Math.min(Math.max(Math.round(event.logical), 0), this.times.length - 1));
    });
  }

  /** Keep the room of so many pixels at the top free of what is drawn; less is never asked for again. */
  leaveTop(px: number, height: number): void {
    this.kept = Math.max(this.kept, px);
    this.fit(height);
  }

  /** Measure the pane of the bars: the legend's room is a share of it, and the list of news lies over it. */
  private fit(height = 0): void {
    const [bars, ...others] = this.chart.panes();
    const below = others.reduce((sum, pane) => sum + pane.getHeight(), 0);
    this.chart.chartElement().closest<HTMLElement>(".chart-stage")?.style.setProperty("--below", `${below}px`);
    const top = topMargin(this.kept, bars?.getHeight() || height);
    if (top <= this.top) return;
    this.top = top;
    this.chart.priceScale("right").applyOptions({ scaleMargins: { top, bottom: this.candles ? 0.2 : 0.1 } });
  }

  private hue(number: number): string {
    return this.colours.series[number % this.colours.series.length] as string;
  }

  private candleColours(): Record<string, string> {
    const { up, down } = this.colours;
    return { upColor: up, downColor: down, borderUpColor: up, borderDownColor: down, wickUpColor: up, wickDownColor: down };
  }

  private volumeOf(bar: Bar): { time: UTCTimestamp; value: number; color: string } {
    return { time: seconds(bar.ts), value: bar.volume, color: faded(bar.close >= bar.open ? this.colours.up : this.colours.down, 0.3) };
  }

  private showBars(bars: Bar[]): void {
    const last = bars.at(-1)?.close ?? 1;
    if (!this.candles) {
      this.candles = this.chart.addSeries(this.library.CandlestickSeries, this.candleColours());
      this.volume = this.chart.addSeries(this.library.HistogramSeries, { priceScaleId: "volume", priceLineVisible: false, lastValueVisible: false });
      this.chart.priceScale("volume").applyOptions({ scaleMargins: { top: 0.84, bottom: 0 } });
      this.chart.priceScale("right").applyOptions({ scaleMargins: { top: this.top, bottom: 0.2 } });
    }
    this.candles.applyOptions({
      priceFormat: { type: "custom", minMove: 10 ** (Math.floor(Math.log10(Math.abs(last) || 1)) - 5), formatter: (value: number) => this.options.format.price(value) },
    });
    this.averaged = this.kind === "heikin" ? heikinAshi(bars) : [];
    this.candles.setData((this.kind === "heikin" ? this.averaged : bars).map(candleOf));
    this.candles.applyOptions({ visible: this.kind !== "line" });
    if (this.kind === "line") this.closes ??= this.chart.addSeries(this.library.LineSeries, { lineWidth: 2 as LineWidth, color: this.colours.text });
    this.closes?.applyOptions({ visible: this.kind === "line" });
    this.closes?.setData(this.kind === "line" ? bars.map((bar) => ({ time: seconds(bar.ts), value: bar.close })) : []);
    this.volume?.setData(bars.map((bar) => this.volumeOf(bar)));
  }

  /** The pane of a scale that is drawn already, else a new one at the foot; without bars the first line begins. */
  private paneOf(scale: string, scales: readonly string[]): number {
    if (this.candles && scale === "") return 0;
    const known = this.lines.find((line) => line.scale === scale);
    if (known) return known.series.getPane().paneIndex();
    return this.candles || this.lines.length > 0 ? this.chart.panes().length : scales.indexOf(scale);
  }

  /** When the newest value of a line is of; null where it has none. */
  newestOf(name: string): number | null {
    const line = this.data.lines.find((one) => one.name === name);
    const newest = line?.values.findLast(([, value]) => value !== null);
    return newest ? (line?.ts ?? newest[0]) : null;
  }

  private *showLines(): Generator<void> {
    const { lines } = this.data;
    for (const gone of this.lines.filter(({ name }) => !lines.some((line) => line.name === name))) this.chart.removeSeries(gone.series);
    this.lines = this.lines.filter(({ name }) => lines.some((line) => line.name === name));
    // Over the bars first, then each indicator on a scale of its own; without bars one scale a unit.
    const scaleOf = (line: Line): string => (line.group ? line.group : line.unit === this.options.unit ? "" : line.unit);
    const scales = [...new Set([...(this.candles ? [""] : []), ...lines.map(scaleOf)])];
    for (const line of lines) {
      let known = this.lines.find(({ name }) => name === line.name);
      if (!known) {
        const taken = new Set(this.lines.map(({ colour }) => colour));
        const colour = [0, 1, 2, 3, 4, 5, 6, 7].find((number) => !taken.has(number)) ?? 0;
        const pane = this.paneOf(scaleOf(line), scales);
        const series = this.chart.addSeries(this.library.LineSeries, {
          color: this.hue(colour), lineWidth: 2 as LineWidth, lineStyle: STYLES[colour] ?? 0, priceLineVisible: false, lastValueVisible: !this.candles || pane > 0, crosshairMarkerRadius: 3,
          priceFormat: { type: "custom", minMove: 1e-8, formatter: (value: number) => this.amount(value, line.unit) },
          // A pane of its own says whose it is, beside the newest value.
          ...(pane > 0 ? { title: line.name } : {}),
        }, pane);
        for (const price of LEVELS[(line.group ?? "").replace(/(_[\d.]+)+$/, "")] ?? []) series.createPriceLine({ price, color: this.colours.lineStrong, lineWidth: 1, lineStyle: 2, axisLabelVisible: false, title: "" });
        this.chart.panes()[pane]?.setStretchFactor(pane === 0 ? 3 : 1);
        known = { name: line.name, unit: line.unit, scale: scaleOf(line), series, colour };
        this.lines.push(known);
      } else if (known.unit !== line.unit) {
        known.unit = line.unit;
        known.series.applyOptions({ priceFormat: { type: "custom", minMove: 1e-8, formatter: (value: number) => this.amount(value, line.unit) } });
      }
      known.series.setData(line.values.map(([ts, value]) => (value === null ? { time: seconds(ts) } : { time: seconds(ts), value })));
      yield;
    }
    // Panes that came or went have their heights in the next frame.
    requestAnimationFrame(() => {
      this.fit();
      this.onPanes();
    });
  }
}

function candleOf(bar: Bar): { time: UTCTimestamp; open: number; high: number; low: number; close: number } {
  return { time: seconds(bar.ts), open: bar.open, high: bar.high, low: bar.low, close: bar.close };
}

function allTimes(data: ChartData): number[] {
  return [...new Set(data.lines.flatMap((line) => line.values.map(([ts]) => ts)))].sort((a, b) => a - b);
}

/** The newest value of a line at a moment. */
export function valueAt(data: ChartData, name: string, ts: number): number | null {
  const values = data.lines.find((line) => line.name === name)?.values ?? [];
  let low = 0;
  let high = values.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((values[middle] as [number, unknown])[0] <= ts) low = middle + 1;
    else high = middle;
  }
  return values[low - 1]?.[1] ?? null;
}
