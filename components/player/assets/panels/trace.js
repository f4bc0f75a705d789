/** The debug mode's entries, one a line; a click opens an entry. */

import { make } from "../dom.js";
import { bytes, duration, path, preview } from "../format.js";
import { VirtualRows } from "../virtual_rows.js";

export class Trace {
  static views = ["trace"];

  /** @param {{height?: number}} settings */
  constructor({ height }) {
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
      detail: (row) => preview(row.preview),
      height,
    });
    this.element.append(this.rows.element);
  }

  reset() {
    this.rows.clear();
  }

  /** @param {import("../view.js").View} view */
  paint(view) {
    this.rows.show(view.trace);
  }

  destroy() {
    this.rows.destroy();
  }
}
