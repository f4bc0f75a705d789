/**
 * The JSON of a raw part that is opened: a row holds its beginning, the server the whole.
 *
 * @typedef {import("./panels/mode_lanes.js").Part} Part
 * @typedef {(seq: number) => Promise<string | null>} FetchPart Gives `null` where the whole cannot be had.
 */

import { count } from "./format.js";

/** @type {WeakMap<Part, {fetchPart: FetchPart | null}>} The view that a part which was cut belongs to. */
const views = new WeakMap();

/** @param {any} part @param {{fetchPart: FetchPart | null}} view */
export function rememberView(part, view) {
  if (part[8] !== undefined) views.set(part, view);
}

/**
 * Write a part into an element: what is here at once, the whole when it has come.
 * @param {HTMLElement} element
 * @param {Part} part
 */
export async function writePart(element, part) {
  const [seq, , , , , , , json, length] = part;
  element.dataset.part = String(seq);
  element.textContent = json;
  if (length === undefined) return;
  const whole = (await views.get(part)?.fetchPart?.(seq)) ?? json;
  // Meanwhile another part may have been opened.
  if (element.dataset.part !== String(seq) || element.textContent !== json) return;
  const shown = [...whole].length;
  element.textContent = whole;
  if (shown < length) element.append(`\n\nThese are the first ${count(shown)} of ${count(length)} characters.`);
}
