/** Children of an element, each made from a value: while it is the same value, its child is not looked at. */

import { patchRange } from "../dom.js";

export class KnownRows {
  /** @param {Element} parent @param {(value: any) => any} node */
  constructor(parent, node) {
    this.parent = parent;
    this.node = node;
    /** @type {any[]} */
    this.drawn = [];
  }

  /** @param {any[]} values */
  show(values) {
    for (const [index, value] of values.entries()) {
      if (index >= this.drawn.length) patchRange(this.parent, [this.node(value)], index, 0);
      else if (value !== this.drawn[index]) patchRange(this.parent, [this.node(value)], index, 1);
    }
    if (this.drawn.length > values.length) patchRange(this.parent, [], values.length, this.drawn.length - values.length);
    this.drawn = values;
  }
}
