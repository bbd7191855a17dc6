/** What the chart says, in the page's language. */
import { type Spoken, writerOf } from "../texts.ts";
import ENGLISH from "./texts.json";

export type ChartKey = keyof typeof ENGLISH;
export type ChartSay = (key: ChartKey, values?: Record<string, string | number>) => string;

export function chartWriter(language: Spoken): ChartSay {
  return writerOf(ENGLISH, language.chart);
}
