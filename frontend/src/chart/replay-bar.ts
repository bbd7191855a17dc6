/** The controls of a replay, below the chart. */
import { make } from "../dom.ts";
import type { Replay } from "./replay.ts";
import type { ChartSay } from "./texts.ts";

const STEP_MS = 400;

export class ReplayBar {
  readonly element: HTMLElement;
  private readonly slider: HTMLInputElement;
  private readonly text = make("output", { class: "small" });
  private readonly play: HTMLButtonElement;
  private readonly link: HTMLAnchorElement;
  private timer = 0;

  constructor(
    private readonly replay: Replay,
    private readonly say: ChartSay,
    private readonly hooks: { moved: () => void; end: () => void; label: () => string; ts: () => number },
  ) {
    const button = (text: string, run: () => void): HTMLButtonElement => {
      const made = make("button", { type: "button", class: "button button-small" }, text);
      made.addEventListener("click", run);
      return made;
    };
    this.slider = make("input", { type: "range", min: "1", max: String(replay.count), step: "1", "aria-label": say("replayPlace") });
    this.slider.addEventListener("input", () => this.go(Number(this.slider.value)));
    this.play = button(say("play"), () => (this.timer ? this.stop() : this.start()));
    const back = button("\u2190", () => this.go(replay.place - 1));
    const on = button("\u2192", () => this.go(replay.place + 1));
    back.setAttribute("aria-label", say("back"));
    on.setAttribute("aria-label", say("forward"));
    this.link = make("a", { class: "button button-small button-quiet" }, say("asOf"));
    this.element = make("div", { class: "chart-replay", role: "group", "aria-label": say("replay") },
      this.play, back, on, this.slider, this.text, this.link, button(say("replayStop"), () => hooks.end()));
    this.draw();
  }

  stop(): void {
    window.clearInterval(this.timer);
    this.timer = 0;
    this.play.textContent = this.say("play");
  }

  private start(): void {
    this.play.textContent = this.say("pause");
    this.timer = window.setInterval(() => {
      this.go(this.replay.place + 1);
      if (this.replay.isAtEnd) this.stop();
    }, STEP_MS);
  }

  private go(place: number): void {
    if (!this.replay.go(place)) return;
    this.draw();
    this.hooks.moved();
  }

  private draw(): void {
    this.slider.value = String(this.replay.place);
    this.text.textContent = this.say("replayAt", { time: this.hooks.label() });
    this.slider.setAttribute("aria-valuetext", this.hooks.label());
    const address = new URL(location.href);
    address.searchParams.set("as_of", new Date(this.hooks.ts()).toISOString());
    this.link.href = address.pathname + address.search;
  }
}
