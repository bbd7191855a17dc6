/** Moments of a chart in words: bars of a day or more have UTC days, shorter ones the visitor's time zone. No document here. */

/** What a mark of the axis stands for, as the library counts: year, month, day, time, time with seconds. */
export type Mark = 0 | 1 | 2 | 3 | 4;
const PARTS: Record<Mark, Intl.DateTimeFormatOptions> = {
  0: { year: "numeric" },
  1: { month: "short" },
  2: { day: "numeric" },
  3: { hour: "2-digit", minute: "2-digit" },
  4: { hour: "2-digit", minute: "2-digit", second: "2-digit" },
};

export interface Clock {
  locale: string;
  zone: string;
  isIntraday: boolean;
}

export function momentText(ts: number, { locale, zone, isIntraday }: Clock): string {
  return new Intl.DateTimeFormat(locale, {
    day: "numeric", month: "short", year: "numeric", timeZone: isIntraday ? zone : "UTC",
    ...(isIntraday ? { hour: "2-digit", minute: "2-digit", timeZoneName: "short" } : {}),
  } as Intl.DateTimeFormatOptions).format(ts);
}

export function markText(ts: number, mark: Mark, { locale, zone, isIntraday }: Clock): string {
  return new Intl.DateTimeFormat(locale, { ...PARTS[mark], timeZone: isIntraday ? zone : "UTC" }).format(ts);
}
