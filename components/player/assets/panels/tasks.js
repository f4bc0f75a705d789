/** Starts and results of tasks, one a card. */

import { ofEntry } from "../behind.js";
import { h } from "../dom.js";
import { bytes, duration, path } from "../format.js";
import { Cards, cardTitle } from "./cards.js";
import { fieldRow } from "./updates.js";

export class Tasks extends Cards {
  static views = ["tasks"];

  /** @param {{height?: number, idle?: string}} settings */
  constructor({ height, idle = "Press Run: each task's start and result will appear here." }) {
    super({ height, label: "Tasks", idle, node: card, behind });
  }

  /** @param {import("../view.js").View} view */
  paint(view) {
    this.show(view.tasks, view);
  }
}

function card({ t, id, node, ns, type, triggers = [], input, result, error, interrupts, size }) {
  const where = path(ns);
  const chip = h("span", "sl-chip", type ?? "");
  chip.attributes["data-tone"] = error ? "red" : type === "result" ? "green" : "blue";
  return h(
    "div",
    "sl-card",
    h("div", "", cardTitle(node ?? ""), where && ` in ${where}`, chip),
    h("div", "sl-note", [String(id ?? "").slice(0, 8), duration(t), bytes(size), triggers?.join(", ")].filter(Boolean).join(" · ")),
    input != null && fieldRow("input", input),
    result != null && fieldRow("result", result),
    interrupts?.length && fieldRow("interrupts", interrupts),
    error != null && h("div", "sl-error", String(error)),
  );
}

/** What a click on a card opens. */
function behind(task, view) {
  const { node, type, input, result, error, interrupts } = task;
  return ofEntry(view, "tasks", `${node}: ${type}`, task, { input, result, error, interrupts });
}
