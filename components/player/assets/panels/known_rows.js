/**
 * Children of an element, each made from a value: while it is the same value, its child is not looked at. Where very many
 * have changed, those that a frame has no time for wait for the next one.
 */

import { patchRange } from "../dom.js";

const FRAME_MS = 6;
/** So many are drawn in any frame, however slow the browser is. */
const FEWEST = 50;

export class KnownRows {
  /** @param {Element} parent @param {(value: any) => any} node */
  constructor(parent, node) {
    this.parent = parent;
    this.node = node;
    /** @type {any[]} */
    this.drawn = [];
  }

  /** @param {any[]} values @returns {boolean} Whether some wait for the next frame. */
  show(values) {
    const begun = performance.now();
    if (this.drawn.length > values.length) {
      patchRange(this.parent, [], values.length, this.drawn.length - values.length);
      this.drawn.length = values.length;
    }
    let changed = 0;
    for (const [index, value] of values.entries()) {
      if (value === this.drawn[index]) continue;
      if (changed++ >= FEWEST && performance.now() - begun > FRAME_MS) return true;
      patchRange(this.parent, [this.node(value)], index, index < this.drawn.length ? 1 : 0);
      this.drawn[index] = value;
    }
    return false;
  }
}
