/**
 * Builds a playback from the text of a recording, which has a line for each entry, in slices: between two of them the page
 * stays usable, and says how far it is.
 */

import { Playback } from "./playback.js";

const SLICE_MS = 10;
/** Characters of a text that is here already, as they would come from the server. */
const PIECE = 65_536;
const FIRST = /^\{"seconds":([\d.e+-]+),"entries":\[$/;
const LAST = "]}";

const pause = () => new Promise((resolve) => setTimeout(resolve));

/** @param {string} text @returns {AsyncGenerator<string>} */
async function* piecesOf(text) {
  for (let from = 0; from < text.length; from += PIECE) yield text.slice(from, from + PIECE);
}

/** The text of an answer, as it comes. @param {Response} response @returns {AsyncGenerator<string>} */
async function* textOf(response) {
  const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
  for (let read = await reader.read(); !read.done; read = await reader.read()) yield read.value;
}

/**
 * @param {AsyncIterable<string>} pieces
 * @param {(share: number) => void} onProgress
 * @returns {Promise<Playback | null>} Null for a text that is no recording, or not a whole one. What the server tells at
 *   its end is thrown, as an error that is `told`.
 */
export async function playbackOf(pieces, onProgress) {
  const playback = new Playback();
  /** @type {number | null} */
  let seconds = null;
  let rest = "";
  let begun = performance.now();
  for await (const piece of pieces) {
    rest += piece;
    const end = rest.lastIndexOf("\n");
    if (end < 0) continue;
    let lines = rest.slice(0, end);
    rest = rest.slice(end + 1);
    if (seconds === null) {
      const first = lines.indexOf("\n") < 0 ? lines.length : lines.indexOf("\n");
      seconds = Number(FIRST.exec(lines.slice(0, first))?.[1] ?? NaN);
      if (Number.isNaN(seconds)) return null;
      lines = lines.slice(first + 1);
    }
    playback.add(JSON.parse(`[${lines.replace(/,$/, "")}]`));
    if (performance.now() - begun < SLICE_MS) continue;
    onProgress(Math.min(1, playback.duration / (seconds || 1)));
    await pause();
    begun = performance.now();
  }
  if (rest === LAST) return playback;
  if (rest.startsWith('{"error":')) throw Object.assign(new Error(JSON.parse(rest).error), { told: true });
  return null;
}

export { piecesOf, textOf };
