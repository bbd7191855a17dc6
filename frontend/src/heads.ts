/** Heads of tables stay in sight: below the page's own while the page scrolls, or on top of the table's own scroller. */

/** Only a table without a scroller of its own has a head that sticks to the page; a wide one scrolls both ways itself. */
export function markWhole(wrap: Pick<HTMLElement, "scrollWidth" | "clientWidth" | "classList">): void {
  const isWhole = wrap.scrollWidth <= wrap.clientWidth;
  wrap.classList.toggle("is-whole", isWhole);
  wrap.classList.toggle("is-wide", !isWhole);
}

export function keepHeads(): void {
  const sizes = new ResizeObserver((entries) => entries.forEach(({ target }) => markWhole(target as HTMLElement)));
  const find = (): void => {
    // What was replaced is not watched any more; who is watched already is asked once again.
    sizes.disconnect();
    for (const wrap of document.querySelectorAll(".table-wrap")) sizes.observe(wrap);
  };
  find();
  document.addEventListener("htmx:after:swap", find);
}
