/**
 * A recorded run as a view that can be moved to any time, in both directions. It has no clock and draws nothing.
 *
 *     const playback = new Playback(entries);
 *     player.show({ runs: [], playbacks: [playback], panels: ["status", "tokens"] });
 *     playback.seek(0.84);
 *
 * @typedef {[number, import("./view.js").Patch[]]} Entry The time in seconds and the patches of one entry of the log, as
 *   `streaming.live.view.patches_of` gives them.
 */

import { View } from "./view.js";
import { keep, restore } from "./view_checkpoint.js";

/** A seek applies at most as many entries as there are between two checkpoints; a checkpoint is as large as its view. */
const MOST_CHECKPOINTS = 64;
const FEWEST_ENTRIES = 256;

export class Playback {
  /**
   * @param {Entry[]} entries In the order of time.
   * @param {{between?: number}} [settings] How many entries there are between two checkpoints.
   */
  constructor(entries, { between = Math.max(FEWEST_ENTRIES, Math.ceil(entries.length / MOST_CHECKPOINTS)) } = {}) {
    this.entries = entries;
    this.times = Float64Array.from(entries, ([t]) => t);
    /** The run's length in seconds. */
    this.duration = this.times.at(-1) ?? 0;
    /** The whole run, for a map of it. */
    this.whole = new View();
    /** The run at the time `at`. */
    this.view = new View();
    this.between = between;
    /** @type {import("./view_checkpoint.js").Checkpoint[]} The view after 0, `between`, 2 `between` … entries. */
    this.checkpoints = [];
    for (const [index, [, patches]] of entries.entries()) {
      if (index % this.between === 0) this.checkpoints.push(keep(this.whole));
      this.whole.apply(patches);
    }
    this.whole.hold(this.duration);
    this.gaps = gapsOf(entries);
    /** @type {Set<() => void>} */
    this.listeners = new Set();
    this.at = 0;
    /** How many entries the view holds. */
    this.passed = 0;
    this.seek(0);
  }

  /**
   * Move the view to this time; every entry of that moment is in it.
   * @param {number} t Seconds from the start of the run.
   */
  seek(t) {
    this.at = Math.min(Math.max(t || 0, 0), this.duration);
    const wanted = this._until(this.at);
    const nearest = Math.max(0, Math.min(Math.floor(wanted / this.between), this.checkpoints.length - 1));
    if (wanted < this.passed || nearest * this.between > this.passed) {
      restore(this.view, this.checkpoints[nearest]);
      this.passed = nearest * this.between;
    }
    for (; this.passed < wanted; this.passed++) this.view.apply(this.entries[this.passed][1]);
    this.view.hold(this.at);
    for (const listener of this.listeners) listener();
  }

  /**
   * The time of the next entry that is later than `t`, or of the last one that is earlier; null if there is none.
   * @param {number} t
   * @param {1 | -1} direction
   * @returns {number | null}
   */
  moment(t, direction) {
    return this.times[direction > 0 ? this._until(t) : this._until(t, false) - 1] ?? null;
  }

  /** How many gaps had ended by this time. @param {number} t */
  gapsUntil(t) {
    return until(this.gaps.length, (index) => this.gaps[index].t <= t);
  }

  /** How many entries came up to this time, or before it. */
  _until(t, including = true) {
    return until(this.times.length, (index) => this.times[index] < t || (including && this.times[index] === t));
  }
}

/** How many of `length` things in order come `before` an end. */
function until(length, before) {
  let [low, high] = [0, length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (before(middle)) low = middle + 1;
    else high = middle;
  }
  return low;
}

/**
 * The seconds between two pieces of one message's text, with the longest so far.
 * @param {Entry[]} entries
 * @returns {{t: number, gap: number, longest: number, at: number}[]}
 */
function gapsOf(entries) {
  const last = new Map();
  const others = new Set();
  const gaps = [];
  let longest = { gap: -1, t: 0 };
  for (const [, patches] of entries) {
    for (const [op, id, value, t] of patches) {
      if (op === "msg" && (value.role ?? "ai") !== "ai") others.add(id);
      if (op === "drop") last.delete(id);
      if (op !== "text" || others.has(id)) continue;
      const before = last.get(id);
      last.set(id, t);
      if (before === undefined) continue;
      const one = { t, gap: t - before };
      if (one.gap > longest.gap) longest = one;
      gaps.push({ ...one, longest: longest.gap, at: longest.t });
    }
  }
  return gaps;
}
