/** When charts start. Until then the server's drawing stands there, and prices move in the page around it. */
import type { Context } from "./chart.ts";

/** How long a page that is read with a finger is left alone after loading. */
const REST_MS = 5_000;
const SIGNS = ["pointerenter", "pointerdown", "focusin"];

export function idle(work: () => void): void {
  if ("requestIdleCallback" in window) window.requestIdleCallback(work, { timeout: 2_000 });
  else setTimeout(work, 200);
}

/** A chart is fetched when it is near the window and the page has come to rest, or at once when somebody turns to it. */
export function watchCharts(context: Omit<Context, "inTurn">): void {
  // Phones are slow: a chart takes as long to start there as everything else together.
  const rest = matchMedia("(pointer: coarse)").matches ? REST_MS : 0;
  const rested = new Promise<void>((resolve) => setTimeout(resolve, rest));
  let last = Promise.resolve();
  const inTurn = (work: () => Promise<void>): Promise<void> => {
    const done = last.then(work);
    last = done.catch(() => undefined);
    return done;
  };
  const mount = (stage: HTMLElement): void => void import("./chart.ts").then((chart) => chart.mount(stage, { ...context, inTurn }));
  const seen = new IntersectionObserver((entries) => {
    for (const { isIntersecting, target } of entries) {
      if (!isIntersecting) continue;
      seen.unobserve(target);
      const begin = once(target.closest(".chart-frame") ?? target, () => mount(target as HTMLElement));
      void rested.then(() => idle(begin));
    }
  }, { rootMargin: "200px" });
  const find = (): void => {
    for (const stage of document.querySelectorAll("[data-chart]:not([data-chart-seen])")) {
      stage.setAttribute("data-chart-seen", "");
      seen.observe(stage);
    }
  };
  find();
  document.addEventListener("htmx:after:swap", find);
}

/** Do something at the first sign of interest in an element; returns how to do it without one. */
function once(element: Element, work: () => void): () => void {
  const done = new AbortController();
  const begin = (): void => {
    if (done.signal.aborted) return;
    done.abort();
    work();
  };
  for (const sign of SIGNS) element.addEventListener(sign, begin, { signal: done.signal, passive: true });
  return begin;
}
