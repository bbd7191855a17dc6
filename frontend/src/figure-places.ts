/** Where figures stand whose source and age can be asked for. */
const FIGURES = ".cite[data-cite], .figure, .tile, .facts dd, table[data-cite-href] td.num";

/** The figure that an element belongs to, or null. */
export function figureOf(target: EventTarget | null): HTMLElement | null {
  return target instanceof Element ? target.closest<HTMLElement>(FIGURES) : null;
}
