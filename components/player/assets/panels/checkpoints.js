/** Checkpoints as a tree: a chain goes down, and only a fork moves to the right. */

import { ofEntry } from "../behind.js";
import { h } from "../dom.js";
import { bytes, duration } from "../format.js";
import { Cards, cardTitle } from "./cards.js";
import { fieldRow } from "./updates.js";

/** @typedef {[checkpoint: any, depth: number]} Row */

export class Checkpoints extends Cards {
  static views = ["checkpoints"];

  /** @param {{height?: number, ns?: string, earlier?: any[], idle?: string}} settings `earlier` are those of earlier runs. */
  constructor({ height, ns = "", earlier = [], idle = "Press Run: each saved state will appear here." }) {
    super({ height, label: "Checkpoints", idle, look: "sl-tree", node: card, same, behind });
    this.ns = ns;
    this.earlier = earlier;
  }

  /** @param {import("../view.js").View} view */
  paint(view) {
    this.show(inTree([...this.earlier, ...view.checkpoints].filter(({ ns }) => (ns ?? "") === this.ns)), view);
  }
}

/** @param {Row} one @param {Row} other */
function same([one, depth], [other, otherDepth]) {
  return one === other && depth === otherDepth;
}

/** What a click on a card opens. @param {Row} row */
function behind([checkpoint], view) {
  return ofEntry(view, "checkpoints", `step ${checkpoint.step}`, checkpoint, checkpoint.values);
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

/** @param {Row} row */
function card([{ id, source, step, next = [], values = {}, t, size, earlier }, depth]) {
  const after = next.length ? next.join(", ") : "none, the end";
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
