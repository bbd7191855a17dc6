/** The span of the chart that is seen, as the address of the page that tells what happened in it. */

/** Return the address; ends are whole bars, clamped to those that are there. */
export function spanAddress(base: string, seen: { from: number; to: number }, times: readonly number[], step: number, origin: string): string {
  const last = times.length - 1;
  const clamp = (place: number): number => Math.min(Math.max(place, 0), last);
  const minute = (ts: number): string => new Date(ts).toISOString().slice(0, 16);
  const url = new URL(base, origin);
  url.searchParams.set("from", minute(times[clamp(Math.ceil(seen.from))] ?? 0));
  url.searchParams.set("to", minute((times[clamp(Math.floor(seen.to))] ?? 0) + step));
  return `${url.pathname}${url.search}#happened`;
}
