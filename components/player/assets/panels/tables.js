/** Tables that messages carry as JSON, row by row as they are written. */

import { h, make, patchChildren } from "../dom.js";
import { preview } from "../format.js";

export class Tables {
  static views = ["rows"];

  /** @param {{tag?: string}} settings Only the table of messages with this tag. */
  constructor({ tag }) {
    this.tag = tag;
    this.element = make("div");
  }

  /** @param {import("../view.js").View} view */
  paint(view) {
    const shown = [...view.tables].filter(([tag]) => this.tag == null || tag === this.tag);
    const idle = h("div", "sl-note", "Press Run: the rows will appear here as they are written.");
    patchChildren(this.element, shown.length ? shown.map(([, table]) => tableNode(table)) : [idle]);
  }
}

function tableNode({ rows, complete }) {
  const names = [...new Set(rows.flatMap((row) => (isRecord(row) ? Object.keys(row) : ["value"])))];
  const head = h("tr", "", ...names.map((name) => h("th", "", name)));
  const body = rows.map((row) => h("tr", "", ...names.map((name) => h("td", "", preview(valueOf(row, name))))));
  const table = h("table", "", h("thead", "", head), h("tbody", "", ...body));
  return h("div", "sl-markdown", table, !complete && h("div", "sl-note", "More rows may come."));
}

const isRecord = (row) => row !== null && typeof row === "object" && !Array.isArray(row);
const valueOf = (row, name) => (isRecord(row) ? (row[name] ?? "") : name === "value" ? row : "");
