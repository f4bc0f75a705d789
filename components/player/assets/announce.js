/** Tells a screen reader what happens to a run: start, first text, steps and the end, and never each token. */

import { make } from "./dom.js";
import { duration } from "./format.js";

const STEP_PAUSE_MS = 2_000;

export class Announcer {
  /** @param {string} [label] Named first where several runs are shown. */
  constructor(label) {
    this.label = label ? `${label}: ` : "";
    this.element = make("div", "sl-announce");
    this.element.setAttribute("aria-live", "polite");
    this.reset();
  }

  reset() {
    this.phase = 0;
    this.steps = 0;
    this.announcedAt = 0;
    this.edition = -1;
    this.element.textContent = "";
  }

  /** @param {import("./view.js").View} view */
  paint(view) {
    if (view.over) this._reach(3, `${view.run.status ?? "Ended"} after ${duration(view.figures.e2e_s ?? view.time)}.`);
    else if (hasText(view)) this._reach(2, firstText(view));
    else if (view.time !== null) this._reach(1, "The run has started.");
    if (!view.over) this._step(view);
  }

  _reach(phase, text) {
    if (phase <= this.phase) return;
    this.phase = phase;
    this._announce(text);
  }

  _step(view) {
    const last = view.steps.at(-1);
    const now = performance.now();
    if (!last || view.steps.length === this.steps || now - this.announcedAt < STEP_PAUSE_MS) return;
    this.steps = view.steps.length;
    this.announcedAt = now;
    const progress = last.done && last.total ? `${last.done} of ${last.total}` : "";
    this._announce([last.step, last.status, progress].filter(Boolean).join(", "));
  }

  _announce(text) {
    if (text) this.element.textContent = this.label + text;
  }
}

function hasText(view) {
  for (const message of view.messages.values()) if (message.text && (message.role ?? "ai") === "ai") return true;
  return false;
}

function firstText(view) {
  const ttft = view.figures.ttft_s;
  return typeof ttft === "number" ? `First text after ${duration(ttft)}.` : "First text.";
}
