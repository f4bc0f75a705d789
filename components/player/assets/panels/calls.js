/** Tool calls: the arguments as they are written, the running tool, its output and result. */

import { h, make } from "../dom.js";
import { duration, preview } from "../format.js";
import { TailList } from "./tail_list.js";

/** How many pieces of a tool's output are in sight: its latest words. */
const PIECES = 12;

/** What a card shows. */
const FIELDS = ["id", "tool", "state", "args", "outputs", "asked_at", "started_at", "ended_at", "result", "now"];

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
    this.list = new TailList({ height, label: "Tool calls", idle, look: "", node: card, same, grown });
    this.element = make("div");
    this.element.append(this.list.element);
  }

  /** @param {import("../view.js").View} view */
  paint(view, { now }) {
    const until = view.over ? null : now;
    const items = [...view.calls].map(([id, call]) => {
      return { ...call, id, outputs: call.output.length, now: call.ended_at == null ? until : null };
    });
    this.list.show(items);
  }

  reset() {
    this.list.reset();
  }
}

/**
 * @typedef {import("../view.js").Call & {outputs: number, now: number | null}} Item How many pieces of output there are,
 *   and the time for a call that goes on.
 */

/** @param {Item} one @param {Item} other */
function same(one, other) {
  return FIELDS.every((name) => one[name] === other[name]);
}

/** The same call, of which more is known. @param {Item} one @param {Item} other */
function grown(one, other) {
  return one.id === other.id;
}

/** @param {Item} item */
function card({ now, ...call }) {
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
