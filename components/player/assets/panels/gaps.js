/** The gaps between two pieces of one message's text over the time of a recorded run: a dot each, the longest on top. */

import { make, writeText } from "../dom.js";
import { count, duration } from "../format.js";

const SVG = "http://www.w3.org/2000/svg";

export class Gaps {
  static views = ["text", "run"];
  static ticks = true;

  /** @param {{height?: number, idle?: string}} settings */
  constructor({ height = 260, idle = "" }) {
    this.idle = idle;
    this.element = make("div");
    this.note = make("p", "sl-gaps-note");
    this.plot = make("div", "sl-gaps-plot");
    this.plot.style.height = `${height - 60}px`;
    this.top = make("span", "sl-gaps-top");
    const svg = document.createElementNS(SVG, "svg");
    svg.setAttribute("viewBox", "0 0 1 1");
    svg.setAttribute("preserveAspectRatio", "none");
    svg.setAttribute("aria-hidden", "true");
    this.dots = document.createElementNS(SVG, "path");
    svg.append(this.dots);
    // All dots are drawn once; what is to come is covered.
    this.plot.append(svg, make("i", "sl-gaps-cover"), this.top);
    this.axis = make("div", "sl-gaps-axis");
    this.end = make("span");
    this.axis.append(make("span", "", "0 s"), this.end);
    this.element.append(this.note, this.plot, this.axis);
    this.drawn = "";
  }

  reset() {
    this.drawn = "";
  }

  /** @param {import("../view.js").View} view */
  paint(view, { axis, playback }) {
    const gaps = playback?.gaps ?? [];
    this.plot.hidden = this.axis.hidden = gaps.length === 0;
    // Side by side on one scale, as on one axis of time: what is higher was longer.
    this._draw(gaps, Math.max(axis, 0.001), playback?.longestBeside || gaps.at(-1)?.longest || 1);
    const shown = playback?.gapsUntil(view.time ?? 0) ?? 0;
    this.plot.style.setProperty("--sl-at", String(Math.min(1, (view.time ?? 0) / Math.max(axis, 0.001))));
    const longest = shown ? gaps[shown - 1] : null;
    const text = longest && `${count(shown)} gaps, the longest ${duration(longest.longest)}, at ${duration(longest.at)}`;
    writeText(this.note, text || this.idle);
  }

  _draw(gaps, axis, most) {
    const drawn = `${gaps.length} ${axis} ${most}`;
    if (drawn === this.drawn) return;
    this.drawn = drawn;
    this.dots.setAttribute("d", gaps.map(({ t, gap }) => `M${(t / axis).toFixed(5)} ${(1 - gap / most).toFixed(4)}h0`).join(""));
    writeText(this.top, gaps.length ? duration(most) : "");
    writeText(this.end, duration(axis));
  }
}
