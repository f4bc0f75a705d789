/** What is said while a run has no text yet. */

import { clock } from "./format.js";

/** @typedef {import("./player.js").Expected} Expected */

/**
 * How long it takes until the first token is expected, how much later it is, or how long it took so far.
 * @param {number} now
 * @param {Expected | null | undefined} expected
 * @param {string} [api] How the run is read: one that blocks has no first token.
 */
export function countdown(now, expected, api) {
  const left = expected ? expected.seconds - now : 0;
  const time = !expected ? clock(now) : left > 0 ? `${clock(left)} to go` : `${clock(-left)} later than expected`;
  return `Waiting for ${api === "invoke" ? "the whole answer" : "the first token"}: ${time}`;
}

/** @param {Expected | null | undefined} expected */
export function basisOf(expected) {
  return expected ? `Expected after ${clock(expected.seconds)}, judging by ${expected.basis}.` : "";
}

/**
 * Why a run that has completed has no text; empty where nothing is to be said.
 * @param {import("./view.js").View} view
 */
export function whyNoText({ run, messages }) {
  if (run.status !== "Completed" || run.api !== "stream modes") return "";
  if (!run.modes?.includes("messages")) return "No token came: the run did not ask for the mode “messages”.";
  const asked = [...messages.values()].some(({ role = "ai" }) => role === "ai");
  return asked ? "No text came: the model sent none." : "No token came: no chat model of this run sent its tokens to the stream.";
}

/** Whether a message is one of a model with something to show. */
export function hasText({ role = "ai", text, reasoning, parts, note }) {
  return role === "ai" && Boolean(text || reasoning || parts || note);
}
