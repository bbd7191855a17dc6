/** Keeps a person's drawings: read once, sent after a pause; a change in another tab is told, never written over. */
import { type Drawing, readDrawings } from "./drawings.ts";

export type Outcome = { kind: "saved" } | { kind: "conflict"; drawings: Drawing[] } | { kind: "failed"; why: string };

export interface Wire {
  (url: string, options?: RequestInit): Promise<{ ok: boolean; status: number; json(): Promise<unknown> }>;
}

const WAIT_MS = 700;

export class DrawingStore {
  private version = 0;
  private timer: ReturnType<typeof setTimeout> | undefined;

  constructor(
    private readonly url: string,
    private readonly csrf: string,
    private readonly tell: (outcome: Outcome) => void,
    private readonly wire: Wire = (url, options) => fetch(url, options),
  ) {}

  async load(): Promise<Drawing[]> {
    try {
      const response = await this.wire(this.url, { headers: { Accept: "application/json" } });
      return response.ok ? this.take(await response.json()) : [];
    } catch {
      return [];
    }
  }

  /** Send soon; later calls replace earlier ones. */
  save(drawings: Drawing[]): void {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => void this.send(drawings).then(this.tell), WAIT_MS);
  }

  async send(drawings: Drawing[]): Promise<Outcome> {
    try {
      const response = await this.wire(this.url, {
        method: "PUT",
        headers: { "Content-Type": "application/json", Accept: "application/json", "X-CSRF-Token": this.csrf },
        body: JSON.stringify({ drawings, version: this.version }),
      });
      if (response.ok) {
        this.take(await response.json());
        return { kind: "saved" };
      }
      if (response.status === 409) return { kind: "conflict", drawings: await this.load() };
      return { kind: "failed", why: String(response.status) };
    } catch (fault) {
      return { kind: "failed", why: (fault as Error).message };
    }
  }

  private take(answer: unknown): Drawing[] {
    const given = (answer ?? {}) as { drawings?: unknown; version?: unknown };
    if (typeof given.version === "number") this.version = given.version;
    return readDrawings(given.drawings);
  }
}
