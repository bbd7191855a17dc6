/** What is fetched when somebody first asks where a figure comes from. */
export { openCitation } from "./citations.ts";
export { toggleCites } from "./cites.ts";
export { Hints } from "./hints.ts";
