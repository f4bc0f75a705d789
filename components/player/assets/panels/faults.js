/** What the provider did and what the policy did about it, in the order of time. */

import { h, make, patchChildren } from "../dom.js";
import { duration } from "../format.js";
import { StickToEnd } from "../stick_to_end.js";

export class Faults {
  static views = ["faults", "text", "run"];

  /**
   * @param {{height?: number, whole?: boolean, idle?: string}} settings `whole` shows the start, the first token of each
   *   message and the end too.
   */
  constructor({ height = 160, whole = false, idle = "No attempt has failed." }) {
    this.whole = whole;
    this.idle = idle;
    this.element = make("div");
    this.scroller = make("div", "sl-scroller");
    this.scroller.style.height = `${height}px`;
    this.scroller.tabIndex = 0;
    this.scroller.setAttribute("role", "region");
    this.scroller.setAttribute("aria-label", this.whole ? "Steps of server and policy" : "Attempts and failures");
    this.stick = new StickToEnd(this.scroller);
    this.element.append(this.stick.wrap());
    this.seen = "";
  }

  reset() {
    this.seen = "";
    this.stick.reset();
  }

  /** @param {import("../view.js").View} view */
  paint(view) {
    const steps = this.whole ? wholeStory(view) : view.faults;
    // A growing text changes nothing here.
    const seen = JSON.stringify(steps);
    if (seen === this.seen) return;
    this.seen = seen;
    patchChildren(this.scroller, steps.length ? steps.map(row) : [h("div", "sl-note", this.idle)]);
    this.stick.follow();
  }
}

function row({ t, by = "policy", text }) {
  return h("div", "sl-step sl-fault", h("span", "sl-note", duration(t)), h("strong", "", by), h("span", "", text));
}

function wholeStory({ run, faults, messages }) {
  const steps = [...faults];
  if (run.started_at != null) steps.push({ t: run.started_at, by: "run", text: "the graph starts" });
  for (const { role = "ai", first_at: t, node, kept, how } of messages.values()) {
    const continued = how === "kept incomplete" ? "kept text of" : "goes on from the kept text of";
    const what = kept ? continued : "first token of";
    if (role === "ai" && t != null) steps.push({ t, by: "run", text: `${what} ${node}` });
  }
  const known = run.outcome === "failed" || run.outcome === "timed out";
  if (run.outcome && !known) steps.push({ t: run.ended_at, by: "run", text: [run.outcome, run.reason].filter(Boolean).join(". ") });
  return steps.sort((one, other) => one.t - other.t);
}
