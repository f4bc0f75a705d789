/**
 * Announces to screen readers what happens to a run: start, first text, steps and the end, and never each token.
 *
 * A page has one live region, and announces a run once, however many players show it.
 */

import { make } from "./dom.js";
import { duration } from "./format.js";

const STEP_PAUSE_MS = 2_000;

/**
 * @typedef {{phase: number, steps: number, announcedAt: number, label: string}} Announced
 * @type {Map<any, Announced>} What was announced of each run.
 */
const known = new Map();
const region = make("div", "sl-announce");
region.setAttribute("aria-live", "polite");
let users = 0;

export class Announcer {
  /** @param {string} [label] Named first where several runs are shown. */
  constructor(label = "") {
    this.label = label;
    users++;
    if (!region.isConnected) document.body.append(region);
    this.reset(null);
  }

  /** @param {string | null} run What is announced is another run, or one without an id. */
  reset(run) {
    this.run = run ?? this;
    if (run === null || !known.has(run)) known.set(this.run, { phase: 0, steps: 0, announcedAt: 0, label: "" });
    this.announced = known.get(this.run);
    this.announced.label ||= this.label;
  }

  /** @param {import("./view.js").View} view */
  paint(view) {
    if (view.over) this._reach(3, `${view.run.status ?? "Ended"} after ${duration(view.figures.e2e_s ?? view.time)}.`);
    else if (hasText(view)) this._reach(2, firstText(view));
    else if (view.time !== null) this._reach(1, "The run has started.");
    if (!view.over) this._step(view);
  }

  destroy() {
    known.delete(this);
    if (--users) return;
    // The reader has left the page.
    known.clear();
    region.textContent = "";
    region.remove();
  }

  _reach(phase, text) {
    if (phase <= this.announced.phase) return;
    this.announced.phase = phase;
    this._announce(text);
  }

  _step(view) {
    const last = view.steps.at(-1);
    const now = performance.now();
    if (!last || view.steps.length <= this.announced.steps || now - this.announced.announcedAt < STEP_PAUSE_MS) return;
    this.announced.steps = view.steps.length;
    this.announced.announcedAt = now;
    const progress = last.done && last.total ? `${last.done} of ${last.total}` : "";
    this._announce([last.step, last.status, progress].filter(Boolean).join(", "));
  }

  _announce(text) {
    if (text) region.textContent = [this.announced.label, text].filter(Boolean).join(": ");
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
