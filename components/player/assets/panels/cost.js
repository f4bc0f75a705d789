/** What the direct way sends of a run's text, in one line that grows with it. */

import { h, make, patchChildren } from "../dom.js";
import { bytes, plural } from "../format.js";

const encoder = new TextEncoder();

export class Cost {
  static views = ["text", "figures"];

  /** @param {{idle?: string, way?: string}} settings `idle` is said before a run, `way` is how the text comes. */
  constructor({ idle = "", way = "" }) {
    this.settings = { idle, way };
    this.element = make("div", "sl-note");
    this.reset();
  }

  reset() {
    /** @type {Map<string, {edition: number, length: number, size: number}>} What is counted of each message. */
    this.counted = new Map();
  }

  /** @param {import("../view.js").View} view */
  paint(view) {
    const answers = [...view.messages.values()].filter(({ role = "ai" }) => role === "ai");
    if (!answers.some(({ text }) => text)) {
      patchChildren(this.element, [this.settings.idle]);
      return;
    }
    const size = answers.reduce((sum, message) => sum + this._sizeOf(message), 0);
    const text = answers.some(({ kept }) => kept) ? "new text" : "text";
    const { chunks } = view.figures;
    const pieces = typeof chunks === "number" ? ` in ${plural(chunks, "chunk")}` : "";
    const cost = `: ${bytes(size)} of ${text}${pieces}, each sent once, ${this.settings.way}.`;
    patchChildren(this.element, ["Drawn by ", h("strong", "", "direct"), cost]);
  }

  /**
   * Bytes of a message's text without what an earlier run had received, which no chunk of this run brought. What is counted
   * already is not encoded again; a recording takes back the end of a text.
   */
  _sizeOf({ key, text, edition, kept = 0 }) {
    const known = this.counted.get(key);
    const grown = known?.edition === edition && known.length <= text.length;
    const { length, size } = grown ? known : { length: 0, size: 0 };
    const now = { edition, length: text.length, size: size + encoder.encode(text.slice(Math.max(length, kept))).length };
    this.counted.set(key, now);
    return now.size;
  }
}
