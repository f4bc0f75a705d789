/** What LangGraph sent, part by part. */

import { h } from "../dom.js";
import { bytes, duration, path } from "../format.js";
import { ownValue } from "../own_value.js";
import { writePart } from "../part_text.js";
import { GrownRows } from "./grown_rows.js";

export class Raw extends GrownRows {
  static views = ["raw"];

  /** @param {{height?: number, modes?: string[], colours: Record<string, string>}} settings Only parts of these modes. */
  constructor({ height, modes, colours }) {
    const table = {
      label: "Raw parts",
      columns: ["#", "time", "mode", "node", "text", "size", "part"],
      cells: (row) => cells(row, colours),
      open: writePart,
      height,
    };
    super(table, (row) => modes == null || modes.includes(row[2]));
  }

  /** @param {import("../view.js").View} view */
  paint(view) {
    this.show(view.raw);
  }
}

function cells([seq, t, mode, ns, node, text, size, json], colours) {
  const dot = h("span", "sl-dotted", mode);
  dot.attributes.style = `--sl-dot: ${ownValue(colours, mode) ?? "gray"};`;
  const where = [path(ns), node].filter(Boolean).join(" › ");
  return [String(seq), duration(t), dot, where, text ?? "", bytes(size), String(json ?? "").slice(0, 300)];
}
