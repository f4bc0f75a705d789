/** Checkpoints as a tree: a chain goes down, and only a fork moves to the right. */

import { ofEntry } from "../behind.js";
import { openDetail } from "../detail.js";
import { h, make, patchChildren } from "../dom.js";
import { bytes, duration } from "../format.js";
import { StickToEnd } from "../stick_to_end.js";
import { cardAt, cardTitle } from "./cards.js";
import { fieldRow } from "./updates.js";

export class Checkpoints {
  static views = ["checkpoints"];

  /** @param {{height?: number, ns?: string, earlier?: any[], idle?: string}} settings `earlier` are those of earlier runs. */
  constructor({ height = 320, ns = "", earlier = [], idle = "Press Run: each saved state will appear here." }) {
    this.idle = idle;
    this.ns = ns;
    this.earlier = earlier;
    this.element = make("div");
    this.scroller = make("div", "sl-scroller sl-tree");
    this.scroller.style.height = `${height}px`;
    this.scroller.tabIndex = 0;
    this.scroller.setAttribute("role", "region");
    this.scroller.setAttribute("aria-label", "Checkpoints");
    this.stick = new StickToEnd(this.scroller);
    this.element.append(this.stick.wrap());
    this.scroller.addEventListener("click", ({ target }) => {
      const found = cardAt(this.scroller, target, this.shown ?? []);
      if (found) openDetail(this.scroller, ofEntry(this.view, "checkpoints", `step ${found.step}`, found, found.values));
    });
  }

  reset() {
    this.stick.reset();
  }

  /** @param {import("../view.js").View} view */
  paint(view) {
    const shown = [...this.earlier, ...view.checkpoints].filter(({ ns }) => (ns ?? "") === this.ns);
    const idle = h("div", "sl-note", this.idle);
    const tree = inTree(shown);
    [this.view, this.shown] = [view, tree.map(([checkpoint]) => checkpoint)];
    patchChildren(this.scroller, shown.length ? tree.map(([checkpoint, depth]) => card(checkpoint, depth)) : [idle]);
    this.stick.follow();
  }
}

/** Each checkpoint below its parent; every child of a fork but the last is one step further to the right. */
function inTree(checkpoints) {
  const known = new Set(checkpoints.map(({ id }) => id));
  const children = Map.groupBy(checkpoints, ({ parent }) => (known.has(parent) ? parent : null));
  const rows = [];
  const stack = (children.get(null) ?? []).map((checkpoint) => [checkpoint, 0]).reverse();
  while (stack.length) {
    const [checkpoint, depth] = stack.pop();
    rows.push([checkpoint, depth]);
    const next = children.get(checkpoint.id) ?? [];
    // The last child continues the line; earlier ones are between, further to the right.
    next.toReversed().forEach((child, index) => stack.push([child, index === 0 ? depth : depth + index]));
  }
  return rows;
}

function card({ id, source, step, next = [], values = {}, t, size, earlier }, depth) {
  const after = next.length ? next.join(", ") : "nothing: the end";
  const made = h(
    "div",
    ["sl-card", depth && "sl-fork", earlier && "sl-earlier"].filter(Boolean).join(" "),
    h("div", "", cardTitle(`step ${step}`), ` (${source}), next: ${after}`),
    h("div", "sl-note", `${String(id).slice(-12)} · ${earlier ? "of an earlier run" : duration(t)} · ${bytes(size)}`),
    ...Object.entries(values).map(([name, value]) => fieldRow(name, value)),
  );
  made.attributes.style = `--sl-depth: ${depth};`;
  return made;
}
