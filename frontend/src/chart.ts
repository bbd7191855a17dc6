/** The chart in the browser. */
import type { Formats } from "./format.ts";
import type { Live } from "./live.ts";
import type { Language } from "./texts.ts";

export interface Context {
  language: Language;
  format: Formats;
  live: Live;
  announce: (text: string) => void;
}

export function mount(_stage: HTMLElement, _context: Context): void {}
