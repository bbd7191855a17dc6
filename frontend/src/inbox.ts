/** What the stream tells of a person's inbox; the bell itself is fetched once there is more than the page shows. */
import type { Bell } from "./bell.ts";
import { CHANNEL } from "./stream.ts";
import type { Say, Spoken } from "./texts.ts";

/** All that is new, and of it the alerts, with the newest of them. */
export interface Inbox {
  count: number;
  alerts: number;
  ts: number;
  /** Of the newest alert, by language. */
  titles: Record<string, string>;
}

/** Whether a page shows already what the stream tells. */
export function isShown({ bell, bellTs, bellUnread }: DOMStringMap, now: Inbox): boolean {
  return Number(bell) === now.alerts && Number(bellTs) === now.ts && Number(bellUnread) === now.count;
}

export function watchInbox(language: Spoken, say: Say): void {
  const element = document.querySelector<HTMLElement>("[data-bell]");
  if (!element || typeof BroadcastChannel === "undefined") return;
  let bell: Promise<Bell> | null = null;
  // Of the tab that reads the stream, whichever it is, this one included.
  const hear = ({ data }: MessageEvent<{ type: string; message?: { kind: string; rows: unknown[] } }>): void => {
    if (data.type !== "message" || data.message?.kind !== "inbox") return;
    const now = data.message.rows[0] as Inbox;
    if (!bell && isShown(element.dataset, now)) return;
    bell ??= import("./bell.ts").then((loaded) => new loaded.Bell(element, language, say));
    // What could not be fetched is tried again with the next message; the bell is a link in any case.
    bell.then((one) => one.hear(now), () => (bell = null));
  };
  let channel: BroadcastChannel | null = null;
  const listen = (): void => {
    channel ??= new BroadcastChannel(CHANNEL);
    channel.onmessage = hear;
  };
  listen();
  // A page left open would not be kept for going back.
  window.addEventListener("pagehide", () => {
    channel?.close();
    channel = null;
  });
  window.addEventListener("pageshow", listen);
}
