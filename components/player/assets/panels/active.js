/** The nodes that run now. */

import { h, make, patchChildren } from "../dom.js";

export class Active {
  static views = ["active", "run"];

  constructor() {
    this.element = make("div");
  }

  /** @param {import("../view.js").View} view */
  paint(view) {
    const nodes = view.over ? [] : view.active;
    const chips = nodes.map((node) => h("span", "sl-chip sl-active-node", node));
    patchChildren(this.element, [h("span", "sl-note", nodes.length ? "Running now:" : "No node is running."), ...chips]);
  }
}
