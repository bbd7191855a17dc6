/** Another view of the same page: the address changes and what depends on it, the chart itself stays. */

interface Htmx {
  ajax(verb: string, path: string, context: Record<string, unknown>): Promise<unknown>;
}

/** Return the address of the page with some words of its query changed; null takes one away, and so goes the page of a table. */
export function changedAddress(href: string, changes: Readonly<Record<string, string | null>>): string {
  const url = new URL(href);
  for (const [name, value] of Object.entries({ cursor: null, ...changes })) {
    if (value === null) url.searchParams.delete(name);
    else url.searchParams.set(name, value);
  }
  return `${url.pathname}${url.search}`;
}

/** Whether two addresses of bars differ in their lines alone: what is seen of them then stays. */
export function isSameSpan(before: string, after: string): boolean {
  const [one, other] = [before, after].map((address) => {
    const url = new URL(address, "http://here");
    url.searchParams.delete("lines");
    return url.href;
  });
  return one === other;
}

/** Read the page anew with a changed query; without the library the browser goes there. */
export function go(changes: Readonly<Record<string, string | null>>): void {
  const path = changedAddress(location.href, changes);
  const { htmx } = globalThis as { htmx?: Htmx };
  // A page of the past follows nothing: from there to now it starts afresh.
  const isBack = new URLSearchParams(location.search).has("as_of") && changes["as_of"] === null;
  if (!htmx || isBack) location.assign(path);
  else void htmx.ajax("GET", path, { source: "#main", target: "#main", select: "#main", swap: "outerMorph", push: "true" });
}
