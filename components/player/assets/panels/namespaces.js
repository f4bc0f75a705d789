/** The tree of namespaces: which graph sent what. */

import { h, hide, make } from "../dom.js";
import { bytes, duration } from "../format.js";
import { ownValue } from "../own_value.js";
import { StickToEnd } from "../stick_to_end.js";
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
    // The graph that began last is in sight.
    this.stick = new StickToEnd(this.scroller);
    this.element.append(this.stick.wrap());
  }

  reset() {
    this.stick.reset();
  }

  /** @param {import("../view.js").View} view */
  paint(view) {
    this.late = this.rows.show([...view.namespaces.values()]);
    hide(this.idle, view.namespaces.size > 0);
    this.stick.follow();
  }

  _row({ path, events = {}, bytes: size, nodes = [], first_at: from, last_at: to }) {
    const parts = path ? path.split("|") : [];
    const lanes = Object.entries(events).map(([mode, number]) => {
      const dot = h("span", "sl-dotted sl-note", `${mode} ${number}`);
      dot.attributes.style = `--sl-dot: ${ownValue(this.colours, mode) ?? "gray"};`;
      return dot;
    });
    const inside = h("span", "sl-inside", nodes.join(", "));
    inside.attributes.title = nodes.join(", ");
    const figures = [bytes(size), `${duration(from)} to ${duration(to)}`].filter(Boolean).join(" · ");
    const made = h(
      "div",
      "sl-card",
      h("div", "sl-space", h("strong", "", parts.at(-1)?.split(":")[0] ?? "the graph"), inside, h("span", "sl-note", figures)),
      h("div", "", ...lanes),
    );
    made.attributes.style = `--sl-depth: ${parts.length};`;
    return made;
  }
}
