/** Tool calls: the arguments as they are written, the running tool, its output and result. */

import { h, make, patchChildren } from "../dom.js";
import { duration, preview } from "../format.js";
import { StickToEnd } from "../stick_to_end.js";

/** How many pieces of a tool's output are in sight: its latest words. */
const PIECES = 12;

const WORDS = {
  "being written": ["being written", "gray"],
  called: ["running", "blue"],
  finished: ["finished", "green"],
  failed: ["failed", "red"],
  "unknown tool": ["there is no such tool", "red"],
  "waiting for a person": ["waits for a person", "orange"],
  "broken off": ["broken off", "orange"],
};

export class Calls {
  static views = ["calls", "run"];
  static ticks = true;

  /** @param {{height?: number, idle?: string}} settings */
  constructor({ height = 320, idle = "Press Run: each tool call will appear here as the model writes it." }) {
    this.idle = idle;
    this.element = make("div");
    this.scroller = make("div", "sl-scroller");
    this.scroller.style.height = `${height}px`;
    this.scroller.tabIndex = 0;
    this.scroller.setAttribute("role", "region");
    this.scroller.setAttribute("aria-label", "Tool calls");
    this.stick = new StickToEnd(this.scroller);
    this.element.append(this.stick.wrap());
  }

  /** @param {import("../view.js").View} view */
  paint(view, { now }) {
    const cards = [...view.calls.values()].map((call) => card(call, view.over ? null : now));
    const idle = h("div", "sl-note", this.idle);
    patchChildren(this.scroller, cards.length ? cards : [idle]);
    this.stick.follow();
  }

  reset() {
    this.stick.reset();
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
    h("pre", "sl-value", call.args || "…"),
    call.output.length > 0 && h("div", "sl-note sl-output", call.output.slice(-PIECES).map(preview).join("")),
    call.result != null && h("div", "sl-result", `→ ${preview(call.result)}`),
  );
}
