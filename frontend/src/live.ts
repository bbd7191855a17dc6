/** Live values: the stream opens when the page has loaded, is idle and seen, and patches texts once a frame at most. */
import { type Formats, decimals } from "./format.ts";
import { type Address, LiveState, direction, parseAddress } from "./live-state.ts";
import { MarketClock, type Reading } from "./market-clock.ts";
import { SaidPrices } from "./said-price.ts";
import { SharedStream, type StreamStatus } from "./stream.ts";
import type { Say } from "./texts.ts";

const CALM_MS = 5_000;
const AGE_MS = 2_000;
const MARKS = { up: "\u25b2", down: "\u25bc", none: "" };

export class Live {
  readonly state = new LiveState();
  readonly clock: MarketClock;
  private readonly listeners = new Map<string, Set<(row: Record<string, unknown>) => void>>();
  private readonly before = new WeakMap<Element, number>();
  private readonly stream: SharedStream;
  private pausedAt = 0;
  private isScheduled = false;
  private readonly isCalm: boolean;
  private readonly said = new SaidPrices(this.state, () => Date.now());

  constructor(
    private readonly formats: Formats,
    private readonly say: Say,
    topics: string[],
  ) {
    const page = Number(document.body.dataset["now"]);
    this.clock = new MarketClock(page > 0 ? page : null, () => Date.now());
    this.isCalm = document.body.dataset["calm"] === "on";
    this.stream = new SharedStream(topics, {
      onMessage: (message) => {
        if (message.kind === "clock" && message.rows[0]) this.clock.take(message.rows[0] as unknown as Reading);
        for (const event of this.state.take(message)) {
          document.dispatchEvent(new CustomEvent("vigie:log", { detail: event }));
          // What htmx listens to: "vigie:trade" for "trade.intent".
          document.dispatchEvent(new CustomEvent(`vigie:${String(event["kind"]).split(".")[0] as string}`));
        }
        this.schedule();
      },
      onStatus: (status) => this.show(status),
      snapshot: () => this.state.snapshot(),
      lastSeq: () => this.state.lastSeq,
    });
  }

  /** Open and close with the page's visibility, so that going back stays instant and hidden tabs cost nothing. */
  start(): void {
    const wake = (): void => {
      if (document.visibilityState === "visible") this.stream.open();
    };
    const sleep = (): void => {
      this.stream.close();
      this.show("paused");
    };
    document.addEventListener("visibilitychange", () => (document.visibilityState === "visible" ? wake() : sleep()));
    window.addEventListener("pagehide", sleep);
    window.addEventListener("pageshow", (event) => event.persisted && wake());
    // A stream that was open when the network went says nothing for minutes.
    window.addEventListener("offline", sleep);
    window.addEventListener("online", wake);
    wake();
    window.setInterval(() => this.tick(), AGE_MS);
  }

  /** Tell a chart of each new state of a key; returns how to stop. */
  watch(key: string, tell: (row: Record<string, unknown>) => void): () => void {
    const known = this.listeners.get(key) ?? new Set();
    this.listeners.set(key, known.add(tell));
    return () => known.delete(tell);
  }

  /** Write a time as the page does. */
  moment(ts: number): string {
    return this.formats.moment(ts, document.body.dataset["zone"]);
  }

  private schedule(): void {
    if (this.isScheduled) return;
    this.isScheduled = true;
    const draw = (): void => {
      this.isScheduled = false;
      this.patch();
    };
    if (this.isCalm) window.setTimeout(draw, CALM_MS);
    else requestAnimationFrame(draw);
  }

  private patch(): void {
    const changed = this.state.drain();
    if ([...changed].some((key) => key.startsWith("quote:"))) this.priced();
    for (const element of document.querySelectorAll<HTMLElement>("[data-live]")) {
      const address = parseAddress(element.dataset["live"] ?? "");
      if (address && changed.has(address.key)) this.write(element, address);
    }
    for (const element of document.querySelectorAll<HTMLElement>("[data-said]")) {
      const { said = "", price = "" } = element.dataset;
      if (this.said.isDue(said, price, changed)) element.dispatchEvent(new CustomEvent("vigie:left"));
    }
    for (const key of changed) {
      const row = this.state.state.get(key);
      if (row) for (const tell of this.listeners.get(key) ?? []) tell(row);
    }
  }

  private write(element: HTMLElement, address: Address): void {
    const value = this.state.value(address);
    if (value === undefined) return;
    if (element.dataset["age"] !== undefined) {
      if (Number(value) > Number(element.dataset["age"])) refresh(element);
      element.dataset["age"] = String(value);
      return;
    }
    if (element.dataset["shown"] !== undefined) {
      element.hidden = String(value) !== element.dataset["shown"];
      return;
    }
    if (element instanceof HTMLProgressElement) {
      element.value = Number(value);
      return;
    }
    const digits = Number(element.dataset["digits"] ?? 0);
    const text = typeof value === "number" ? this.formats.unit(value, element.dataset["format"] ?? "", digits) : String(value);
    // What has had so many decimals keeps them: a price does not become shorter where its zeros begin.
    if (digits) element.dataset["digits"] = String(Math.max(digits, decimals(text, this.formats.language)));
    if (element.textContent === text) return;
    element.textContent = text;
    if (typeof value !== "number") return;
    const way = direction(this.before.get(element), value);
    this.before.set(element, value);
    // A change of a change has a colour of its own sign: a second one behind it would say something else.
    if (way !== "none" && !this.isCalm && element.dataset["format"] !== "change") flash(element, way);
    const delta = element.closest(".delta");
    if (delta) mark(delta, /[1-9]/.test(text) ? value : 0);
  }

  private tick(): void {
    if (document.visibilityState !== "visible" || !this.clock.isKnown) return;
    for (const element of document.querySelectorAll<HTMLElement>("[data-age]")) {
      const ts = Number(element.dataset["age"]);
      const text = this.formats.age(this.clock.age(ts));
      if (ts > 0 && element.textContent !== text) element.textContent = text;
    }
  }

  /** A price came: what the server said of old ones holds no more. */
  private priced(): void {
    const chips = [...document.querySelectorAll<HTMLElement>("[data-stream-chip][data-old]")];
    if (!chips.length) return;
    for (const chip of chips) delete chip.dataset["old"];
    this.show("live");
  }

  private show(status: StreamStatus): void {
    if (status !== "paused") this.pausedAt = 0;
    else this.pausedAt ||= Date.now();
    for (const chip of document.querySelectorAll<HTMLElement>("[data-stream-chip]")) {
      chip.hidden = false;
      chip.classList.add("live-chip");
      // A stream that is open brings no live prices where nobody delivers any.
      const old = status === "live" ? chip.dataset["old"] : undefined;
      chip.dataset["state"] = old ? "old" : status;
      chip.textContent =
        status === "paused"
          ? this.say("pausedSince", { time: this.formats.clock(this.pausedAt) })
          : old || this.say(status === "live" ? "live" : "connecting");
      chip.title = chip.textContent;
    }
  }
}

/** What was drawn as old is not any more. */
function refresh(age: HTMLElement): void {
  age.closest(".is-stale")?.classList.remove("is-stale");
  age.closest(".meta")?.querySelector(".badge-warn")?.remove();
}

function flash(element: HTMLElement, way: "up" | "down"): void {
  element.classList.remove("flash-up", "flash-down");
  // Reading a measure restarts the animation.
  void element.offsetWidth;
  element.classList.add(`flash-${way}`);
}

function mark(delta: Element, value: number): void {
  const way = value > 0 ? "up" : value < 0 ? "down" : "none";
  delta.classList.remove("delta-up", "delta-down", "delta-flat");
  delta.classList.add(way === "none" ? "delta-flat" : `delta-${way}`);
  const sign = delta.querySelector(".delta-mark");
  if (sign) sign.textContent = MARKS[way];
}
