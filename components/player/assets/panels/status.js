/** A run's state in one word, its clock and what is to be known about it. */

import { hide, make, writeText } from "../dom.js";
import { clock } from "../format.js";

/** The state of a completed run with an answer that broke off before it, and was kept as it is. */
const KEPT = "Kept, incomplete";

const TONE = {
  Waiting: "gray",
  Running: "blue",
  Completed: "green",
  [KEPT]: "orange",
  Interrupted: "orange",
  Paused: "violet",
  Cancelled: "gray",
  "Timed out": "orange",
  Failed: "red",
};

export class Status {
  static views = ["run"];
  static ticks = true;

  /** @param {{parts?: string[], until_end?: boolean, ready?: string}} settings Which parts are shown, in this order;
   *   `until_end` if the page itself says how and when the run ended; `ready` is the word before a run. */
  constructor({ parts = ["chip", "clock", "notice"], until_end: untilEnd = false, ready = "" }) {
    this.untilEnd = untilEnd;
    this.ready = ready;
    this.element = make("div");
    this.chip = make("span", "sl-chip");
    this.clock = make("span", "sl-clock");
    this.notice = make("span", "sl-notice");
    this.element.append(...parts.map((part) => this[part]));
  }

  /** @param {import("../view.js").View} view */
  paint(view, { now, idle }) {
    const status = view.run.status ?? (view.time === null ? "" : "Running");
    const word = view.run.kept && status === "Completed" ? KEPT : status;
    const shown = word || this.ready;
    writeText(this.chip, shown);
    this.chip.dataset.tone = TONE[word] ?? "gray";
    hide(this.chip, !shown);
    const told = view.over && this.untilEnd;
    writeText(this.clock, view.time === null || told ? "" : clock(now));
    writeText(this.notice, told ? "" : word ? noticeOf(view, now) : idle);
  }
}

function noticeOf({ run, over }, now) {
  if (over) return [run.reason, run.advice, run.answers, run.trouble, run.bounded].filter(Boolean).join(" ");
  if (run.draining) return "Stopping after this step…";
  const left = run.notice_until == null ? 0 : run.notice_until - now;
  return left > 0 ? `${run.notice ?? ""} in ${left.toFixed(1)} s` : (run.notice || run.bounded || "");
}
