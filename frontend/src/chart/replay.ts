/** Replay: the chart as it was, bar by bar. No document here. */

export class Replay {
  place: number;

  constructor(
    readonly count: number,
    start = Math.floor(count * 0.6),
  ) {
    this.place = Math.min(Math.max(start, 1), Math.max(count, 1));
  }

  get isAtEnd(): boolean {
    return this.place >= this.count;
  }

  /** Go to a place; returns whether it changed. */
  go(place: number): boolean {
    const next = Math.min(Math.max(Math.round(place), 1), Math.max(this.count, 1));
    const isNew = next !== this.place;
    this.place = next;
    return isNew;
  }
}
