/** What few readers of a chart open: its own file, fetched when somebody does. */
export { askInstant } from "./as-of.ts";
export { askCompared } from "./compare-field.ts";
export { IndicatorWindow } from "./indicators.ts";
export { download, fileName, keysOf, pictureOf } from "./snapshot.ts";
