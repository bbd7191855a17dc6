/** What the stream has told: the newest state by key, log events once each. No document here. */

export interface Message {
  /** "hello", "quote", "job", "clock", "log". */
  kind: string;
  rows: Record<string, unknown>[];
  /** Number of the audit record, of log events only. */
  seq?: number;
}

/** Address in a `data-live` attribute: "quote:bitget-perp:btc-usdt-perp:last". */
export interface Address {
  key: string;
  field: string;
}

export function parseAddress(text: string): Address | null {
  const end = text.lastIndexOf(":");
  if (end <= 0 || end === text.length - 1) return null;
  const key = text.slice(0, end);
  return key.includes(":") || key === "clock" ? { key, field: text.slice(end + 1) } : null;
}

export class LiveState {
  readonly state = new Map<string, Record<string, unknown>>();
  private readonly changed = new Set<string>();
  /** Number of the last log event that was seen, or from which on they are told; -1 before either is known. */
  lastSeq = -1;

  /** Take a message; returns the log events that were not seen before. */
  take(message: Message): Record<string, unknown>[] {
    if (message.kind === "log") {
      const fresh = message.rows.filter((row) => Number(row["seq"]) > this.lastSeq);
      for (const row of fresh) this.lastSeq = Math.max(this.lastSeq, Number(row["seq"]));
      return fresh;
    }
    if (message.kind === "hello") {
      if (this.lastSeq < 0) this.lastSeq = Number(message.rows[0]?.["seq"] ?? -1);
      return [];
    }
    for (const row of message.rows) {
      const key = message.kind === "clock" ? "clock" : `${message.kind}:${String(row["id"])}`;
      this.state.set(key, { ...this.state.get(key), ...row });
      this.changed.add(key);
    }
    return [];
  }

  /** Return the keys that changed since the last call. */
  drain(): Set<string> {
    const found = new Set(this.changed);
    this.changed.clear();
    return found;
  }

  value(address: Address): unknown {
    return this.state.get(address.key)?.[address.field];
  }

  /** Everything known now, for a tab that joins late. */
  snapshot(): Message[] {
    const byKind = new Map<string, Record<string, unknown>[]>();
    for (const [key, row] of this.state) {
      const kind = key.split(":", 1)[0] as string;
      byKind.set(kind, [...(byKind.get(kind) ?? []), row]);
    }
    const known = [...byKind].map(([kind, rows]) => ({ kind, rows }));
    return this.lastSeq < 0 ? known : [{ kind: "hello", rows: [{ seq: this.lastSeq }] }, ...known];
  }
}

/** Whether a change is up, down or none, for the mark beside it. */
export function direction(before: unknown, after: unknown): "up" | "down" | "none" {
  if (typeof before !== "number" || typeof after !== "number" || before === after) return "none";
  return after > before ? "up" : "down";
}
