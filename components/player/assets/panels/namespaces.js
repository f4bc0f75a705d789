/** The tree of namespaces: which graph sent what. */

import { h, make } from "../dom.js";
import { bytes, duration, plural } from "../format.js";
import { ownValue } from "../own_value.js";
import { KnownRows } from "./known_rows.js";

export class Namespaces {
  static views = ["namespaces"];

  /** @param {{height?: number, idle?: string, colours: Record<string, string>}} settings */
  constructor({ height = 240, idle = "Press Run: the graph and its subgraphs will appear here.", colours }) {
    this.colours = colours;
    this.late = false;
    this.element = make("div");
    this.scroller = make("div", "sl-scroller sl-tree");
    this.scroller.style.height = `${height}px`;
    this.scroller.tabIndex = 0;
    this.scroller.setAttribute("role", "region");
    this.scroller.setAttribute("aria-label", "Namespaces");
    this.idle = make("div", "sl-note", idle);
    this.tree = make("div");
    this.rows = new KnownRows(this.tree, (found) => this._row(found));
    this.scroller.append(this.idle, this.tree);
    this.element.append(this.scroller);
  }

  /** @param {import("../view.js").View} view */
  paint(view) {
    this.late = this.rows.show([...view.namespaces.values()]);
    this.idle.hidden = view.namespaces.size > 0;
  }

  _row({ path, events = {}, bytes: size, chunks, nodes = [], first_at: from, last_at: to }) {
    const parts = path ? path.split("|") : [];
    const lanes = Object.entries(events).map(([mode, number]) => {
      const dot = h("span", "sl-dotted sl-note", `${mode} ${number}`);
      dot.attributes.style = `--sl-dot: ${ownValue(this.colours, mode) ?? "gray"};`;
      return dot;
    });
    const figures = [bytes(size), chunks ? plural(chunks, "chunk") : "", `${duration(from)} to ${duration(to)}`];
    const made = h(
      "div",
      "sl-card",
      h("div", "", h("strong", "", parts.at(-1)?.split(":")[0] ?? "the graph"), nodes.length ? ` ${nodes.join(", ")}` : ""),
      h("div", "", ...lanes),
      h("div", "sl-note", figures.filter(Boolean).join(" · ")),
    );
    made.attributes.style = `--sl-depth: ${parts.length};`;
    return made;
  }
}
