/** The debug mode's entries, one a line, all or those of some types and steps; a click opens an entry. */

import { bytes, duration, path, pretty, preview } from "../format.js";
import { GrownRows } from "./grown_rows.js";

export class Trace extends GrownRows {
  static views = ["trace"];

  /** @param {{height?: number, types?: string[], steps?: number[]}} settings Only entries of these, where given. */
  constructor({ height, types, steps }) {
    const table = {
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
      open: (element, row) => (element.textContent = pretty(row.preview)),
      height,
    };
    super(table, ({ type, step }) => (types == null || types.includes(type)) && (steps == null || steps.includes(step)));
  }

  /** @param {import("../view.js").View} view */
  paint(view) {
    this.show(view.trace);
  }
}
