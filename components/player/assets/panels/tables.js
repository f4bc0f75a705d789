/** Tables that messages carry as JSON, row by row as they are written. */

import { h, make, patchChildren } from "../dom.js";
import { preview } from "../format.js";
import { admits } from "../message_filter.js";
import { ownValue } from "../own_value.js";

export class Tables {
  static views = ["rows", "text"];

  /**
   * @param {{tag?: string, idle?: string} & import("../message_filter.js").MessageFilter} settings Only the table of
   *   messages with this tag, and only tables of which the filter admits a message.
   */
  constructor({ tag, idle = "Press Run: the rows will appear here as they are written.", ...filter }) {
    this.tag = tag;
    this.idle = idle;
    this.filter = filter;
    this.element = make("div");
  }

  /** @param {import("../view.js").View} view */
  paint(view) {
    const shown = [...view.tables].filter(([tag, { rows }]) => rows.length && this._shows(tag, view));
    const idle = h("div", "sl-note", this.idle);
    patchChildren(this.element, shown.length ? shown.map(([, table]) => tableNode(table)) : [idle]);
  }

  _shows(tag, view) {
    if (this.tag != null && tag !== this.tag) return false;
    const { nodes, tags: wanted, graphs } = this.filter;
    if (nodes == null && wanted == null && graphs == null) return true;
    return [...view.messages.values()].some(({ tags, ...message }) => {
      return tags?.includes(tag) && admits(this.filter, { tags, ...message });
    });
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
const valueOf = (row, name) => (isRecord(row) ? (ownValue(row, name) ?? "") : name === "value" ? row : "");
