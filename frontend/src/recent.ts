/** What somebody opened last from the palette: kept in the browser, for this person alone. */

const START = "vigie:recent";

/** Where it is kept; null for a visitor, of whom nothing is. */
export function recentKey(): string | null {
  const person = document.body.dataset["person"] ?? "";
  return person ? `${START}:${person}` : null;
}

/** Remove what others left in this browser, and what was kept of somebody who has signed out. */
export function forgetOthers(): void {
  const own = recentKey();
  try {
    for (const key of Object.keys(localStorage)) if (key.startsWith(START) && key !== own) localStorage.removeItem(key);
  } catch {
    // A browser that keeps nothing has nothing to forget.
  }
}
