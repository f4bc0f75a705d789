/** The debug mode's entries, one a line, all or those of some types and steps; a click opens an entry. */

import { make } from "../dom.js";
import { bytes, duration, path, pretty, preview } from "../format.js";
import { VirtualRows } from "../virtual_rows.js";

export class Trace {
  static views = ["trace"];

  /** @param {{height?: number, types?: string[], steps?: number[]}} settings Only entries of these, where given. */
  constructor({ height, types, steps }) {
    this.types = types;
    this.steps = steps;
    this.element = make("div");
    this.rows = new VirtualRows({
      label: "Trace",
      columns: ["step", "time", "type", "name", "size", "payload"],
      cells: (row) => [
        String(row.step ?? ""),
        duration(row.t),
        row.type ?? "",
        [path(row.ns), row.name].filter(Boolean).join(" › "),
        bytes(row.size),
        preview(row.preview).slice(0, 300),
      ],
      detail: (row) => pretty(row.preview),
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
    if (view.trace.length < this.read) this.reset();
    for (; this.read < view.trace.length; this.read++) {
      const row = view.trace[this.read];
      if (this._shows(row)) this.shown.push(row);
    }
    this.rows.show(this.shown);
  }

  _shows({ type, step }) {
    return (this.types == null || this.types.includes(type)) && (this.steps == null || this.steps.includes(step));
  }

  destroy() {
    this.rows.destroy();
  }
}
