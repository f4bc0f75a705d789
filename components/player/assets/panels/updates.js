/** What each node changed: a card an update, with each value's beginning in sight. */

import { ofEntry } from "../behind.js";
import { h } from "../dom.js";
import { bytes, duration, path, pretty, preview } from "../format.js";
import { Cards, cardTitle } from "./cards.js";

export class Updates extends Cards {
  static views = ["updates"];

  /** @param {{height?: number, idle?: string}} settings */
  constructor({ height, idle = "Press Run: a card for each node's change will appear here." }) {
    super({ height, label: "Updates", idle, node: card, behind });
  }

  /** @param {import("../view.js").View} view */
  paint(view) {
    this.show(view.updates, view);
  }
}

function card({ t, node, ns, fields = {}, value, size, cached }) {
  const where = path(ns);
  const rows = Object.entries(fields).map(([name, content]) => fieldRow(name, content));
  return h(
    "div",
    "sl-card",
    h("div", "", cardTitle(node ?? ""), where && ` in ${where}`, cached && h("span", "sl-chip", "from the cache")),
    h("div", "sl-note", `${duration(t)} · ${bytes(size)}`),
    ...(rows.length ? rows : [h("div", "sl-note", value == null ? "changed nothing" : preview(value))]),
  );
}

/** What a click on a card opens. */
function behind(update, view) {
  return ofEntry(view, "updates", update.node ?? "", update, update.fields);
}

/** A field with its value, of which the first line is in sight and the rest opens. */
export function fieldRow(name, content) {
  const text = preview(content);
  return h(
    "details",
    "sl-field",
    h("summary", "", h("code", "", name), " ", h("span", "sl-first-line", text.slice(0, 300))),
    h("pre", "sl-value", pretty(content)),
  );
}
