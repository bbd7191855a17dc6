/** The market's time: that of the page when it was drawn, then that of the stream; a simulated market runs faster. */

/** From this speed on, ages are told no finer than the market's time is known. */
const FAST = 2;
const READING_MS = 1_000;

export interface Reading {
  market_ms: number;
  wall_ms: number;
}

export class MarketClock {
  private anchor: { market: number; local: number };
  private speed = 1;
  private last: Reading | null = null;
  /** Whether anybody has told the market's time yet. */
  isKnown: boolean;

  constructor(
    pageNow: number | null,
    private readonly local: () => number,
  ) {
    this.isKnown = pageNow !== null;
    this.anchor = { market: pageNow ?? local(), local: local() };
  }

  /** Take a reading of the server; two of them tell how fast the market's time runs. */
  take(reading: Reading): void {
    const before = this.last;
    if (before && reading.wall_ms > before.wall_ms) {
      const speed = (reading.market_ms - before.market_ms) / (reading.wall_ms - before.wall_ms);
      // A jump of the simulated clock is no speed.
      if (speed >= 0 && speed <= 100_000) this.speed = speed;
    }
    this.last = reading;
    this.isKnown = true;
    this.anchor = { market: reading.market_ms, local: this.local() };
  }

  now(): number {
    return this.anchor.market + (this.local() - this.anchor.local) * this.speed;
  }

  /**
   * How old something of the market is. Where its time runs fast, seconds between two readings are many of the
   * market's: ages are then told in whole readings, never younger than they are.
   */
  age(ts: number): number {
    const age = Math.max(0, this.now() - ts);
    if (this.speed < FAST) return age;
    const grain = this.speed * READING_MS;
    return Math.max(1, Math.ceil(age / grain)) * grain;
  }
}
