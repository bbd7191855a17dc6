/** Numbers as the server writes them, so that a patched value looks like the drawn one. */
import type { Spoken } from "./texts.ts";

/** Decimals of a number as it is written. */
export function decimals(text: string, language: Spoken): number {
  return (text.split(language.point)[1] ?? "").replace(/\D/g, "").length;
}

export const MISSING = "\u2013";
const MINUS = "\u2212";
const SYMBOLS: Record<string, string> = { usd: "$", eur: "\u20ac" };

export interface Formats {
  readonly language: Spoken;
  /** What live dollars are multiplied by in a chart of this unit. */
  per(unit: string): number;
  /** `digits`: of a price, how many decimals it has at least. */
  unit(value: number | null | undefined, unit: string, digits?: number): string;
  price(value: number): string;
  number(value: number, digits?: number): string;
  percent(fraction: number, digits?: number, signed?: boolean): string;
  age(ms: number): string;
  clock(ts: number, zone?: string): string;
  moment(ts: number, zone?: string): string;
}

/** Decimals that tell prices apart: five significant ones, two at least. */
export function priceDigits(value: number): [least: number, most: number] {
  const size = Math.abs(value);
  const most = size >= 100 ? 2 : size >= 10 ? 3 : size >= 1 ? 4 : size > 0 ? Math.min(12, 4 - Math.floor(Math.log10(size))) : 2;
  return [size >= 1 || size === 0 ? 2 : 4, most];
}

/** A size with the minus sign where its value is negative; what is written as nothing has no sign. */
function signed(text: string, value: number): string {
  return value < 0 && /[1-9]/.test(text) ? `${MINUS}${text}` : text;
}

function isKnown(value: number | null | undefined): value is number {
  return typeof value === "number" && Number.isFinite(value);
}

/** `euro`: what a dollar is worth to a visitor who counts in euros. */
export function formats(language: Spoken, shortUnits: { s: string; min: string; h: string; d: string }, euro = 0): Formats {
  const { locale, endings, bytes } = language;
  const made = new Map<string, Intl.NumberFormat>();
  const write = (value: number, options: Intl.NumberFormatOptions): string => {
    const key = JSON.stringify(options);
    let format = made.get(key);
    if (!format) made.set(key, (format = new Intl.NumberFormat(locale, { useGrouping: "always", ...options })));
    const text = format.format(value);
    return text.replace(/^-/, /[1-9]/.test(text) ? MINUS : "");
  };
  const number = (value: number, digits = 2): string => write(value, { maximumFractionDigits: digits });
  const price = (value: number, digits = 0): string => {
    const [least, most] = priceDigits(value);
    return write(value, { minimumFractionDigits: Math.min(most, Math.max(least, digits)), maximumFractionDigits: most });
  };
  const fixed = (value: number): string => write(value, { minimumFractionDigits: 2, maximumFractionDigits: 2 });
  // Browsers disagree on these endings, so they are written here as the server writes them.
  const compact = (value: number): string => {
    let left = Math.abs(value);
    let place = 0;
    for (; Math.round(left * 100) / 100 >= 1000 && place < endings.length - 1; place += 1) left /= 1000;
    const ending = endings[place] as string;
    const gap = language.isSpaced && ending ? "\u00a0" : "";
    // Of what has no larger ending, whole ones are enough.
    const digits = left >= 1000 ? 0 : 2;
    const text = write(left, { minimumFractionDigits: digits, maximumFractionDigits: digits });
    return signed(`${text}${gap}${ending}`, value);
  };
  const cents = (value: number): string => signed(fixed(Math.abs(value)), value);
  const amount = (value: number, symbol: string, digits: number): string => {
    const size = Math.abs(value);
    const text = size >= 1e6 ? compact(size) : price(size, digits);
    return signed(language.isSignFirst ? `${symbol}${text}` : `${text}\u00a0${symbol}`, value);
  };
  const percent = (fraction: number, digits = 2, hasPlus = false): string => {
    const body = write(Math.abs(fraction) * 100, { minimumFractionDigits: digits, maximumFractionDigits: digits });
    const text = language.isSpaced ? `${body}\u00a0%` : `${body}%`;
    return hasPlus && fraction > 0 && /[1-9]/.test(text) ? `+${text}` : signed(text, fraction);
  };
  const size = (count: number): string => {
    let left = Math.abs(count);
    let place = 0;
    for (; Math.round(left * 10) / 10 >= 1000 && place < bytes.length - 1; place += 1) left /= 1000;
    const digits = place > 0 ? 1 : 0;
    return signed(`${write(left, { minimumFractionDigits: digits, maximumFractionDigits: digits })}\u00a0${bytes[place] as string}`, count);
  };
  const age = (ms: number): string => {
    const seconds = Math.floor(Math.max(0, ms) / 1000);
    if (seconds >= 86_400) return `${Math.floor(seconds / 86_400)} ${shortUnits.d}`;
    if (seconds >= 3_600) return `${Math.floor(seconds / 3_600)} ${shortUnits.h}`;
    if (seconds >= 60) return `${Math.floor(seconds / 60)} ${shortUnits.min}`;
    return `${seconds} ${shortUnits.s}`;
  };
  const clock = (ts: number, zone?: string): string =>
    new Intl.DateTimeFormat(locale, { hour: "2-digit", minute: "2-digit", ...(zone ? { timeZone: zone } : {}) }).format(ts);
  const moment = (ts: number, zone = "UTC"): string =>
    new Intl.DateTimeFormat(locale, {
      day: "numeric", month: "short", year: "numeric", hour: "2-digit", minute: "2-digit",
      timeZone: zone, timeZoneName: "short",
    }).format(ts);
  const hour = (ts: number): string =>
    new Intl.DateTimeFormat(locale, { hour: "2-digit", minute: "2-digit", timeZone: "UTC", timeZoneName: "short" }).format(ts);
  const unit = (value: number | null | undefined, name: string, digits = 0): string => {
    if (!isKnown(value)) return MISSING;
    const isLarge = Math.abs(value) >= 1e6;
    switch (name) {
      case "usd":
        return euro > 0 ? amount(value * euro, SYMBOLS["eur"] as string, digits) : amount(value, SYMBOLS["usd"] as string, digits);
      case "eur":
        return amount(value, SYMBOLS["eur"] as string, digits);
      case "price":
        return price(value, digits);
      case "ratio":
        return cents(value);
      case "fraction":
        return percent(value);
      case "change":
        return percent(value, 2, true);
      case "rate":
        return percent(value, 4, true);
      case "bytes":
        return size(value);
      case "index":
        return Number.isInteger(value) ? number(value) : fixed(value);
      case "plain":
      case "":
        return number(value, 4);
      case "count":
        return isLarge ? compact(value) : number(value);
      case "coins":
        return isLarge ? compact(value) : fixed(value);
      case "ms":
        return moment(value);
      case "clock":
        return hour(value);
      default:
        // A currency by its code: cents are always written.
        if (/^[A-Z]+$/.test(name)) return `${cents(value)}\u00a0${name}`;
        return `${isLarge ? compact(value) : number(value)} ${name}`;
    }
  };
  const per = (name: string): number => (name === "eur" && euro > 0 ? euro : 1);
  return { language, per, unit, price, number, percent, age, clock, moment };
}
