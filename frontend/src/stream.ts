/** One stream for all tabs of this browser: the tab that holds the lock reads, the others listen to it. */
import type { Message } from "./live-state.ts";

export type StreamStatus = "live" | "paused" | "connecting";

export interface StreamEvents {
  onMessage(message: Message): void;
  onStatus(status: StreamStatus): void;
  /** What a late tab is told, and from where the log goes on. */
  snapshot(): Message[];
  lastSeq(): number;
}

type Note =
  | { type: "message"; message: Message }
  | { type: "status"; status: StreamStatus }
  | { type: "want"; topics: string[]; after: number }
  | { type: "who" };

/** Of one person: a page that somebody else left open tells nothing here. */
export const CHANNEL = `vigie-stream ${globalThis.document?.body?.dataset["person"] ?? ""}`.trim();
const KINDS = ["hello", "quote", "job", "clock", "account", "position", "strategy", "news", "inbox", "log"];
const RETRY_MS = [2_000, 5_000, 15_000, 60_000];

export class SharedStream {
  private channel: BroadcastChannel | null = null;
  private source: EventSource | null = null;
  private release: (() => void) | null = null;
  private abort: AbortController | null = null;
  private timer = 0;
  private failures = 0;
  /** Whether the server has said from which number on the log is told: before that a cut could lose events. */
  private isLive = false;
  private readonly wanted: Set<string>;

  constructor(
    topics: string[],
    private readonly events: StreamEvents,
  ) {
    this.wanted = new Set([...topics, "clock", "inbox"]);
  }

  open(): void {
    if (this.channel || this.abort || this.source) return;
    this.events.onStatus("connecting");
    if (typeof BroadcastChannel === "undefined" || !("locks" in navigator)) {
      this.connect();
      return;
    }
    this.channel = new BroadcastChannel(CHANNEL);
    this.channel.onmessage = (event: MessageEvent<Note>) => this.hear(event.data);
    this.want();
    this.abort = new AbortController();
    navigator.locks
      .request(CHANNEL, { signal: this.abort.signal }, () => this.lead())
      .catch(() => undefined);
  }

  close(): void {
    window.clearTimeout(this.timer);
    this.source?.close();
    this.source = null;
    this.abort?.abort();
    this.abort = null;
    this.release?.();
    this.release = null;
    this.channel?.close();
    this.channel = null;
  }

  /** Hold the lock, and with it the connection, until this tab closes it. */
  private lead(): Promise<void> {
    if (!this.channel) return Promise.resolve();
    this.tell({ type: "who" });
    this.connect();
    return new Promise((resolve) => {
      this.release = resolve;
    });
  }

  private connect(after = this.events.lastSeq()): void {
    const query = new URLSearchParams({ topics: [...this.wanted].sort().join(",") });
    if (after >= 0) query.set("after", String(after));
    this.source?.close();
    const source = new EventSource(`/stream?${query}`);
    this.source = source;
    this.isLive = false;
    source.onerror = () => {
      this.isLive = false;
      this.share({ type: "status", status: "paused" });
      // The browser comes back by itself unless the server refused.
      if (source.readyState === EventSource.CLOSED && this.source === source) {
        const wait = RETRY_MS[Math.min(this.failures, RETRY_MS.length - 1)] as number;
        this.failures += 1;
        this.timer = window.setTimeout(() => this.connect(), wait);
      }
    };
    for (const kind of KINDS) {
      source.addEventListener(kind, (event) => {
        const parsed: unknown = JSON.parse((event as MessageEvent<string>).data);
        const rows = (Array.isArray(parsed) ? parsed : [parsed]) as Record<string, unknown>[];
        this.share({ type: "message", message: { kind, rows } });
        if (kind !== "hello") return;
        this.failures = 0;
        this.isLive = true;
        this.share({ type: "status", status: "live" });
      });
    }
  }

  private share(note: Note): void {
    this.tell(note);
    this.use(note);
  }

  private tell(note: Note): void {
    this.channel?.postMessage(note);
  }

  private use(note: Note): void {
    if (note.type === "message") this.events.onMessage(note.message);
    else if (note.type === "status") this.events.onStatus(note.status);
  }

  private hear(note: Note): void {
    if (note.type === "who") this.want();
    else if (note.type !== "want") this.use(note);
    else if (this.source) this.welcome(note.topics, note.after);
  }

  private want(): void {
    this.tell({ type: "want", topics: [...this.wanted], after: this.events.lastSeq() });
  }

  /** Another tab joins or wakes: read what it needs too, from where it stopped, and tell it what is known. */
  private welcome(topics: string[], after: number): void {
    const last = this.events.lastSeq();
    const isBehind = after >= 0 && after < last;
    const isNew = topics.some((topic) => !this.wanted.has(topic));
    for (const topic of topics) this.wanted.add(topic);
    if (isNew || isBehind) {
      // What the others have seen already they leave out by its number.
      this.connect(isBehind ? after : last);
      return;
    }
    for (const message of this.events.snapshot()) this.tell({ type: "message", message });
    this.tell({ type: "status", status: this.isLive ? "live" : "paused" });
  }
}
