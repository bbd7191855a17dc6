/** Numbers on a chart where the sentences of its page belong to; the page says the sentences. */
import type { ISeriesPrimitive, Time } from "lightweight-charts";
import { make } from "../dom.ts";
import { type NumberedPoint, logicalOf } from "./data.ts";
import type { Plot } from "./plot.ts";

/** Between a bar's end and the middle of its number. */
const GAP_PX = 15;
const MOVED: Readonly<Record<NumberedPoint["place"], number>> = { above: -GAP_PX, below: GAP_PX, at: 0 };

export class Points implements ISeriesPrimitive<Time> {
  readonly element = make("div", { class: "chart-points", "aria-hidden": "true" });

  constructor(private readonly plot: Plot) {
    plot.main?.attachPrimitive(this);
  }

  /** Called by the library whenever it draws: the numbers go where their bars are. */
  updateAllViews(): void {
    const { data, times, chart } = this.plot;
    const marks = data.points.flatMap(({ number, ts, price, place }) => {
      // A point stands in the middle of its bar, where the library draws it.
      const x = chart.timeScale().logicalToCoordinate(logicalOf(ts - data.step / 2, times, data.step) as never);
      const y = this.plot.main?.priceToCoordinate(price) ?? null;
      if (x === null || y === null || x < 0 || x > chart.timeScale().width() || y < 0 || y > this.plot.height) return [];
      const mark = make("span", { class: "chart-number" }, String(number));
      mark.style.left = `${x}px`;
      mark.style.top = `${y + MOVED[place]}px`;
      return [mark];
    });
    this.element.replaceChildren(...marks);
  }
}
