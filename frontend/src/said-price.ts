/** Sentences that say a price: read again as soon as the live figure beside them has left it. */
import { type LiveState, parseAddress } from "./live-state.ts";

// What a sentence rounds away is no reason to ask for it again.
const LEFT_SHARE = 0.002;
// A price that runs would otherwise ask with every tick.
const PAUSE_MS = 1_500;

function hasLeft(said: number, live: number): boolean {
  return said > 0 && live > 0 && Math.abs(live / said - 1) >= LEFT_SHARE;
}

export class SaidPrices {
  private asked = Number.NEGATIVE_INFINITY;

  constructor(
    private readonly state: LiveState,
    private readonly now: () => number,
  ) {}

  /** Tell whether what says a price of these changed keys is to be read again now. */
  isDue(address: string, said: string, changed: ReadonlySet<string>): boolean {
    const place = parseAddress(address);
    if (!place || !changed.has(place.key) || this.now() - this.asked < PAUSE_MS) return false;
    if (!hasLeft(Number(said), Number(this.state.value(place)))) return false;
    this.asked = this.now();
    return true;
  }
}
