/** The whole run over its time, drawn once, with the time in it that is shown: a click or a drag moves there. */

import { hide, make } from "./dom.js";
import { position } from "./format.js";
import { whenPainted } from "./frames.js";
import { Timeline } from "./panels/timeline.js";

/** @typedef {import("./playback_clock.js").PlaybackClock} PlaybackClock */

const MOST_SPANS = 5;

export class RunMap {
  /**
   * @param {PlaybackClock} clock
   * @param {import("./playback.js").Playback} playback The one of the clock's that is drawn.
   * @param {{colours?: Record<string, string>, label?: string, spans?: number}} [settings] `spans` rows are in sight.
   */
  constructor(clock, playback, { colours = {}, label = "", spans = MOST_SPANS } = {}) {
    this.clock = clock;
    const own = playback.whole.spans.size === 0 && playback.whole.ownSpans.size > 0 ? "own" : "nodes";
    const count = (own === "own" ? playback.whole.ownSpans : playback.whole.spans).size;
    this.element = make("div", "sl-player sl-map");
    this.timeline = new Timeline({ colours, spans: own, rows: Math.min(spans, count) });
    hide(this.timeline.more.element, count === 0);
    const frame = make("div", "sl-map-frame");
    this.overlay = make("div", "sl-track-row sl-map-overlay");
    this.track = make("div", "sl-map-track");
    this.track.tabIndex = 0;
    this.track.setAttribute("role", "slider");
    this.track.setAttribute("aria-label", label ? `Position in ${label}` : "Position");
    this.track.setAttribute("aria-valuemin", "0");
    this.track.setAttribute("aria-valuemax", clock.duration.toFixed(3));
    this.track.append(make("i", "sl-map-rest"), make("i", "sl-playhead"));
    this.overlay.append(make("span", "sl-track-label"), this.track, make("span", "sl-track-value"));
    frame.append(this.timeline.element, this.overlay);
    this.element.append(...(label ? [make("h4", "sl-column-label", label)] : []), frame);
    this.length = Math.max(clock.duration, 0.5);
    this.timeline.paint(playback.whole, { now: playback.duration, axis: this.length });
    whenPainted(() => {
      this.timeline.spans.scrollTop = 0;
    });
    this.listener = () => this._paint();
    clock.listeners.add(this.listener);
    this.track.addEventListener("pointerdown", (event) => this._grab(event));
    this.track.addEventListener("pointermove", (event) => this.held && this._seek(event));
    for (const type of ["pointerup", "pointercancel"]) this.track.addEventListener(type, () => (this.held = false));
    // The rows below are scrolled through the overlay that lies on them.
    this.track.addEventListener("wheel", (event) => this._scroll(event), { passive: false });
    this.held = false;
    this._paint();
  }

  _grab(event) {
    if (event.button !== 0) return;
    this.held = true;
    this.track.setPointerCapture(event.pointerId);
    this.clock.pause();
    this._seek(event);
  }

  _seek({ clientX }) {
    const { left, width } = this.track.getBoundingClientRect();
    this.clock.seek(((clientX - left) / Math.max(1, width)) * this.length);
  }

  _scroll(event) {
    const { spans } = this.timeline;
    const before = spans.scrollTop;
    spans.scrollTop += event.deltaY;
    if (spans.scrollTop !== before) event.preventDefault();
  }

  _paint() {
    const { at, duration } = this.clock;
    this.track.style.setProperty("--sl-at", String(at / this.length));
    this.track.setAttribute("aria-valuenow", at.toFixed(3));
    this.track.setAttribute("aria-valuetext", `${position(at)} of ${position(duration)}`);
  }

  destroy() {
    this.clock.listeners.delete(this.listener);
    this.timeline.destroy();
  }
}
