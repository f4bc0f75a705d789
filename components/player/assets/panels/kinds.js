/** The kinds of events that came: how many of each, when the first one, and what one looks like. */

import { h, make, patchChildren } from "../dom.js";
import { bytes, count, duration, preview } from "../format.js";

export class Kinds {
  static views = ["kinds", "run"];

  /** @param {{height?: number, idle?: string}} settings Without a height the table is as long as it has to be. */
  constructor({ height, idle = "Press Run: the types of events will appear here." } = {}) {
    this.idle = idle;
    this.element = make("div");
    if (height === undefined) return;
    this.element.classList.add("sl-scroller");
    this.element.style.height = `${height}px`;
    this.element.tabIndex = 0;
    this.element.setAttribute("role", "region");
    this.element.setAttribute("aria-label", "Kinds of events");
  }

  /** @param {import("../view.js").View} view */
  paint(view) {
    const idle = h("div", "sl-note", view.run.status ? "No event yet." : this.idle);
    patchChildren(this.element, view.kinds.size ? [tableNode([...view.kinds])] : [idle]);
  }
}

function tableNode(kinds) {
  const head = ["event and shape", "events", "first", "bytes"].map((name) => h("th", "", name));
  const rows = kinds.map(([name, { shape, first_at: first, count: number, bytes: size }]) =>
    h(
      "tr",
      "",
      h("td", "", h("strong", "", name), " ", h("code", "", preview(shape))),
      ...[count(number), duration(first), bytes(size)].map((text) => h("td", "", text)),
    ),
  );
  return h("div", "sl-markdown", h("table", "", h("thead", "", h("tr", "", ...head)), h("tbody", "", ...rows)));
}
