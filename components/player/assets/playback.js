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

import { Gaps } from "./playback_gaps.js";
import { until } from "./until.js";
import { View } from "./view.js";
import { keep, restore } from "./view_checkpoint.js";

/** A seek applies at most as many entries as there are between two checkpoints; a checkpoint is as large as its view. */
const MOST_CHECKPOINTS = 24;
const FEWEST_ENTRIES = 512;

export class Playback {
  /**
   * @param {Entry[]} [entries] In the order of time.
   * @param {{between?: number}} [settings] How many entries there are between two checkpoints, at first.
   */
  constructor(entries = [], { between = FEWEST_ENTRIES } = {}) {
    /** @type {Entry[]} */
    this.entries = [];
    /** @type {number[]} */
    this.times = [];
    /** The run's length in seconds. */
    this.duration = 0;
    /** The whole run, for a map of it. */
    this.whole = new View();
    /** The run at the time `at`. */
    this.view = new View();
    this.between = between;
    /** @type {import("./view_checkpoint.js").Checkpoint[]} The view after 0, `between`, 2 `between` … entries. */
    this.checkpoints = [];
    this.pieces = new Gaps();
    /** @type {import("./playback_gaps.js").Gap[]} */
    this.gaps = this.pieces.all;
    /** The longest gap of all runs that are shown beside each other; 0 for one alone. */
    this.longestBeside = 0;
    /** @type {Set<() => void>} */
    this.listeners = new Set();
    this.at = 0;
    /** How many entries the view holds. */
    this.passed = 0;
    this.add(entries);
    this.seek(0);
  }

  /** Add the entries that follow; the view stays where it is. @param {Entry[]} entries */
  add(entries) {
    for (const entry of entries) {
      if (this.entries.length % this.between === 0) this._keep();
      this.entries.push(entry);
      this.times.push(entry[0]);
      this.whole.apply(entry[1]);
      this.pieces.add(entry[1]);
    }
    this.duration = this.times.at(-1) ?? 0;
    this.whole.hold(this.duration);
  }

  /** Keep the view that all entries so far make; of too many checkpoints every second one goes. */
  _keep() {
    this.checkpoints.push(keep(this.whole));
    if (this.checkpoints.length < 2 * MOST_CHECKPOINTS) return;
    this.checkpoints = this.checkpoints.filter((_, index) => index % 2 === 0);
    this.between *= 2;
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
