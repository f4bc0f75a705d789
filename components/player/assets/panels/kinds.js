/** The kinds of events that came: how many of each, when the first one, and what one looks like. */

import { h, hide, make, patchChildren, writeText } from "../dom.js";
import { bytes, count, duration, preview } from "../format.js";
import { KnownRows } from "./known_rows.js";

export class Kinds {
  static views = ["kinds", "run"];

  /** @param {{height?: number, idle?: string}} settings Without a height the table is as long as it has to be. */
  constructor({ height, idle = "Press Run: the types of events will appear here." } = {}) {
    this.idle = idle;
    this.late = false;
    this.element = make("div");
    this.note = make("div", "sl-note");
    this.table = make("div", "sl-markdown");
    patchChildren(this.table, [tableNode()]);
    this.rows = new KnownRows(this.table.querySelector("tbody"), rowNode);
    this.element.append(this.note, this.table);
    if (height === undefined) return;
    this.element.classList.add("sl-scroller");
    this.element.style.height = `${height}px`;
    this.element.tabIndex = 0;
    this.element.setAttribute("role", "region");
    this.element.setAttribute("aria-label", "Event types");
  }

  /** @param {import("../view.js").View} view */
  paint(view) {
    writeText(this.note, view.run.status ? "No event yet." : this.idle);
    hide(this.note, view.kinds.size > 0);
    hide(this.table, view.kinds.size === 0);
    this.late = this.rows.show([...view.kinds.values()]);
  }
}

function tableNode() {
  const head = ["event and shape", "events", "first", "bytes"].map((name) => h("th", "", name));
  return h("table", "", h("thead", "", h("tr", "", ...head)), h("tbody", ""));
}

function rowNode({ name, shape, first_at: first, count: number, bytes: size }) {
  const figures = [count(number), duration(first), bytes(size)].map((text) => h("td", "", text));
  return h("tr", "", h("td", "", h("strong", "", name), " ", h("code", "", preview(shape))), ...figures);
}
