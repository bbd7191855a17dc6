/** The bell: how much is unread, the same in every tab, and a message for alerts that come. */
import type { Inbox } from "./inbox.ts";
import type { Say, Spoken } from "./texts.ts";
import { show } from "./toasts.ts";


/** At most one message in this time, whatever comes: the market may run at sixty times. */
export const APART_MS = 10_000;
const MOST_SHOWN = 99;
const TOLD = "vigie:told";

/** Puts alerts that come close together into one message. */
export class Grouped {
  private count = 0;
  private title = "";
  private next = 0;
  private isDue = false;

  constructor(
    private readonly tell: (count: number, title: string) => void,
    private readonly now: () => number,
    private readonly later: (work: () => void, ms: number) => void,
  ) {}

  add(count: number, title: string): void {
    this.count += count;
    this.title = title;
    if (this.isDue) return;
    const wait = this.next - this.now();
    this.isDue = wait > 0;
    if (this.isDue) this.later(() => this.flush(), wait);
    else this.flush();
  }

  private flush(): void {
    this.isDue = false;
    this.next = this.now() + APART_MS;
    const { count, title } = this;
    this.count = 0;
    this.tell(count, title);
  }
}

/** How many alerts are new since what was known: none where some were read. */
export function fresh(known: { count: number; ts: number }, now: { count: number; ts: number }): number {
  if (now.ts <= known.ts) return 0;
  return Math.max(1, now.count - known.count);
}

/** When the newest alert came of which this tab showed a message: a page gone back to knows only its own beginning. */
export class Told {
  constructor(private readonly store: () => Pick<Storage, "getItem" | "setItem">) {}

  get ts(): number {
    try {
      return Number(this.store().getItem(TOLD)) || 0;
    } catch {
      // Without storage a message may come again, as on a page that is opened anew.
      return 0;
    }
  }

  set ts(value: number) {
    try {
      this.store().setItem(TOLD, String(Math.max(value, this.ts)));
    } catch {
      // As above.
    }
  }
}

/** The bell of this page, from when there is something that the page does not show. */
export class Bell {
  private known: { count: number; ts: number };
  private before = "";
  private readonly told = new Told(() => sessionStorage);
  private readonly toasts: Grouped;
  private readonly isCalm = document.body.dataset["calm"] === "on";

  constructor(
    private readonly bell: HTMLElement,
    private readonly language: Spoken,
    private readonly say: Say,
  ) {
    this.known = { count: Number(bell.dataset["bell"]), ts: Number(bell.dataset["bellTs"]) };
    this.toasts = new Grouped(
      (count, title) => show({ text: count === 1 ? title : say("newAlerts", { count }), href: bell.getAttribute("href") ?? "/alerts" }, say),
      () => Date.now(),
      (work, ms) => void window.setTimeout(work, ms),
    );
  }

  hear(now: Inbox): void {
    const { bell, known, told } = this;
    // What lists it is asked for again: the bell must not count what the page does not show.
    const text = JSON.stringify(now);
    if (text !== this.before) document.dispatchEvent(new CustomEvent("vigie:inbox"));
    this.before = text;
    const count = now.count === 0 ? "" : now.count > MOST_SHOWN ? `${MOST_SHOWN}+` : String(now.count);
    const shown = bell.querySelector<HTMLElement>(".bell-count");
    if (shown) [shown.textContent, shown.hidden] = [count, now.count === 0];
    bell.setAttribute("aria-label", [bell.dataset["title"], now.count ? this.say("unread", { count }) : ""].filter(Boolean).join(", "));
    const news = fresh({ count: known.count, ts: Math.max(known.ts, told.ts) }, { count: now.alerts, ts: now.ts });
    this.known = { count: now.alerts, ts: Math.max(now.ts, known.ts) };
    if (news > 0 && document.visibilityState === "visible") told.ts = now.ts;
    if (news > 0 && !this.isCalm && document.visibilityState === "visible") this.toasts.add(news, now.titles[this.language.locale.split("-")[0]!] ?? "");
  }
}
