/** Moves playbacks with the time, at any speed and in both directions; several share one clock. */

import { doNotMove, moveInNextFrame } from "./frames.js";

/** @typedef {import("./playback.js").Playback} Playback */

export const SPEEDS = [0.1, 0.25, 0.5, 1, 2, 5, 10];

/** A tab that was hidden goes on where it was. */
const LONGEST_FRAME_MS = 250;
const CALM_FRAME_MS = 500;

export class PlaybackClock {
  /** @param {Playback[]} playbacks */
  constructor(playbacks) {
    this.playbacks = playbacks;
    /** Seconds of the longest. */
    this.duration = Math.max(0, ...playbacks.map(({ duration }) => duration));
    this.at = 0;
    this.speed = 1;
    /** @type {0 | 1 | -1} Whether it plays, and in which direction. */
    this.direction = 0;
    /** @type {Set<() => void>} */
    this.listeners = new Set();
    this.tick = (now) => this._tick(now);
    this.calm = matchMedia("(prefers-reduced-motion: reduce)");
  }

  /** Play; from the other end, where nothing is left in this direction. @param {1 | -1} [direction] */
  play(direction = 1) {
    this.direction = direction;
    if (direction > 0 && this.at >= this.duration) this._move(0);
    else if (direction < 0 && this.at <= 0) this._move(this.duration);
    else this._changed();
    this.paintedAt = performance.now();
    moveInNextFrame(this.tick);
  }

  pause() {
    doNotMove(this.tick);
    this.direction = 0;
    this._changed();
  }

  /** Play, or pause if it plays in this direction. @param {1 | -1} [direction] */
  toggle(direction = 1) {
    if (this.direction === direction) this.pause();
    else this.play(direction);
  }

  /** Move there, and go on playing or stay paused. @param {number} t Seconds. */
  seek(t) {
    this.paintedAt = performance.now();
    this._move(t);
  }

  /** Move to the next moment with an entry, or to the previous one, and pause. @param {1 | -1} direction */
  step(direction) {
    const moments = this.playbacks.map((playback) => playback.moment(this.at, direction)).filter((t) => t !== null);
    this.pause();
    const far = direction > 0 ? this.duration : 0;
    this._move(moments.length ? (direction > 0 ? Math.min(...moments) : Math.max(...moments)) : far);
  }

  /** @param {number} speed One of `SPEEDS`. */
  setSpeed(speed) {
    this.speed = speed;
    this._changed();
  }

  /** The next higher speed, or the next lower one. @param {1 | -1} direction */
  changeSpeed(direction) {
    this.setSpeed(SPEEDS[SPEEDS.indexOf(this.speed) + direction] ?? this.speed);
  }

  destroy() {
    doNotMove(this.tick);
    this.listeners.clear();
  }

  _tick(now) {
    const passed = now - this.paintedAt;
    if (!this.calm.matches || passed >= CALM_FRAME_MS) {
      this.paintedAt = now;
      const longest = this.calm.matches ? 2 * CALM_FRAME_MS : LONGEST_FRAME_MS;
      const seconds = Math.max(0, Math.min(passed, longest)) / 1000;
      const t = this.at + seconds * this.speed * this.direction;
      if (this.direction > 0 ? t >= this.duration : t <= 0) this.direction = 0;
      this._move(t);
    }
    if (this.direction) moveInNextFrame(this.tick);
  }

  _move(t) {
    this.at = Math.min(Math.max(t || 0, 0), this.duration);
    for (const playback of this.playbacks) playback.seek(this.at);
    this._changed();
  }

  _changed() {
    for (const listener of this.listeners) listener();
  }
}
