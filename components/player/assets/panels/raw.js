/** What LangGraph sent, part by part. */

import { h, make } from "../dom.js";
import { bytes, duration, path } from "../format.js";
import { VirtualRows } from "../virtual_rows.js";

export class Raw {
  static views = ["raw"];

  /** @param {{height?: number, modes?: string[], colours: Record<string, string>}} settings Only parts of these modes. */
  constructor({ height, modes, colours }) {
    this.modes = modes;
    this.element = make("div");
    this.rows = new VirtualRows({
      label: "Raw parts",
      columns: ["#", "time", "mode", "node", "text", "size", "part"],
      cells: (row) => cells(row, colours),
      detail: (row) => row[7],
      height,
    });
    this.element.append(this.rows.element);
    this.reset();
  }

  reset() {
    this.shown = [];
    this.read = 0;
    this.rows.clear();
  }

  /** @param {import("../view.js").View} view */
  paint(view) {
    if (view.raw.length < this.read) this.reset();
    for (; this.read < view.raw.length; this.read++) {
      const row = view.raw[this.read];
      if (this.modes == null || this.modes.includes(row[2])) this.shown.push(row);
    }
    this.rows.show(this.shown);
  }

  destroy() {
    this.rows.destroy();
  }
}

function cells([seq, t, mode, ns, node, text, size, json], colours) {
  const dot = h("span", "sl-dotted", mode);
  dot.attributes.style = `--sl-dot: ${colours[mode] ?? "gray"};`;
  const where = [path(ns), node].filter(Boolean).join(" › ");
  return [String(seq), duration(t), dot, where, text ?? "", bytes(size), String(json ?? "").slice(0, 300)];
}
