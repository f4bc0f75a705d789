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
    const size = answers.reduce((sum, message) => sum + this._sizeOf(message), 0);
    const { chunks } = view.figures;
    const pieces = typeof chunks === "number" ? ` in ${plural(chunks, "chunk")}` : "";
    const cost = `: ${bytes(size)} of text${pieces}, each sent once, ${this.settings.way}.`;
    patchChildren(this.element, size ? ["Drawn by ", h("strong", "", "direct"), cost] : [this.settings.idle]);
  }

  /** Bytes of a message's text; what is counted already is not encoded again. A recording takes back the end of a text. */
  _sizeOf({ key, text, edition }) {
    const known = this.counted.get(key);
    const grown = known?.edition === edition && known.length <= text.length;
    const { length, size } = grown ? known : { length: 0, size: 0 };
    const now = { edition, length: text.length, size: size + encoder.encode(text.slice(length)).length };
    this.counted.set(key, now);
    return now.size;
  }
}
