/** Copying: text, and the address of what is shown. */
import { announce } from "./dom.ts";
import type { Say } from "./texts.ts";

export async function copy(text: string, say: Say, done = say("copied")): Promise<void> {
  try {
    await navigator.clipboard.writeText(text);
    announce(done);
  } catch {
    announce(say("notCopied"));
  }
}
