/** What scripts say, in the page's language, and how it writes numbers: English here, others as the server tells. */
import ENGLISH from "./texts.json";

export type TextKey = keyof typeof ENGLISH;

/** A language as the page names it: its texts are left out where they are said in English. */
export interface Spoken {
  /** Of the browser's own numbers and dates: `fr-FR`. */
  readonly locale: string;
  /** Decimal mark. */
  readonly point: string;
  /** Signs and short words stand off from numbers. */
  readonly isSpaced: boolean;
  /** Signs of currencies stand before amounts. */
  readonly isSignFirst: boolean;
  /** What follows thousands, millions and so on; bytes in the same steps. */
  readonly endings: readonly string[];
  readonly bytes: readonly string[];
  readonly texts: Readonly<Record<string, string>>;
  readonly chart: Readonly<Record<string, string>>;
}

export const SPOKEN_ENGLISH: Spoken = {
  locale: "en-GB", point: ".", isSpaced: false, isSignFirst: true,
  endings: ["", "K", "M", "B", "T"], bytes: ["B", "kB", "MB", "GB", "TB"], texts: {}, chart: {},
};

declare global {
  // The page's own script of another language sets it before this one runs.
  var vigieLanguage: Spoken | undefined;
}

/** Return the language of the page. */
export function spoken(): Spoken {
  return globalThis.vigieLanguage ?? SPOKEN_ENGLISH;
}

/** Return a writer of texts: those of the language, else English ones. */
export function writerOf<Key extends string>(
  english: Readonly<Record<Key, string>>,
  own: Readonly<Record<string, string>>,
): (key: Key, values?: Record<string, string | number>) => string {
  return (key, values = {}) => (own[key] ?? english[key]).replace(/\{(\w+)\}/g, (_, name: string) => String(values[name] ?? ""));
}

export function writer(language: Spoken): (key: TextKey, values?: Record<string, string | number>) => string {
  return writerOf(ENGLISH, language.texts);
}

export type Say = ReturnType<typeof writer>;
