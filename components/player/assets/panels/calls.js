/** Tool calls: the arguments as they are written, the tool at work, its output and result. */

import { h, make, patchChildren } from "../dom.js";
import { duration, preview } from "../format.js";

const WORDS = {
  "being written": ["the model writes it", "gray"],
  called: ["at work", "blue"],
  finished: ["finished", "green"],
  failed: ["failed", "red"],
};

export class Calls {
  static views = ["calls", "run"];
  static ticks = true;

  /** @param {{height?: number}} settings */
  constructor({ height = 320 }) {
    this.element = make("div");
    this.scroller = make("div", "sl-scroller");
    this.scroller.style.height = `${height}px`;
    this.scroller.tabIndex = 0;
    this.scroller.setAttribute("role", "region");
    this.scroller.setAttribute("aria-label", "Tool calls");
    this.element.append(this.scroller);
  }

  /** @param {import("../view.js").View} view */
  paint(view, { now }) {
    const cards = [...view.calls.values()].map((call) => card(call, view.over ? null : now));
    const idle = h("div", "sl-note", "Press Run: each tool call will appear here as the model writes it.");
    patchChildren(this.scroller, cards.length ? cards : [idle]);
  }
}

function card(call, now) {
  const [word, tone] = WORDS[call.state] ?? [call.state ?? "", "gray"];
  const end = call.ended_at ?? now;
  const from = call.started_at ?? call.asked_at;
  const chip = h("span", "sl-chip", word);
  chip.attributes["data-tone"] = tone;
  const took = typeof from === "number" && typeof end === "number" ? duration(end - from) : "";
  return h(
    "div",
    "sl-card",
    h("div", "", h("strong", "", call.tool || "…"), chip, h("span", "sl-note", took)),
    h("pre", "sl-value", call.args),
    ...call.output.map((value) => h("div", "sl-note", preview(value))),
    call.result != null && h("div", "sl-result", `→ ${preview(call.result)}`),
  );
}
