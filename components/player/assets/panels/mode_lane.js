/**
 * One stream mode's lane, with its counters. It knows all parts that it was ever given, and shows the first so many of them:
 * a recording moves in both directions, over any number of parts, and only dots that come, go or change are touched.
 */

import { make, makeSvg, writeText } from "../dom.js";
import { bytes, count, plural } from "../format.js";
import { until } from "../until.js";

const BIN_PX = 5;
export const LANE_PX = 34;
/** The width of a lane until it is known. */
const UNKNOWN_PX = 600;
/** It fits into a lane of a narrow window, which is lower. */
const LARGEST_DOT_PX = 11;

/** @typedef {import("./mode_lanes.js").Part} Part */
/** @typedef {{number: number, first: number, dot: SVGElement}} Bin A dot, and the index of its first part in the lane. */

export class Lane {
  /**
   * @param {string} mode
   * @param {string} colour
   * @param {boolean} off
   * @param {import("./opened_dot.js").OpenedDot} opened
   */
  constructor(mode, colour, off, opened) {
    this.mode = mode;
    this.colour = colour;
    this.off = off;
    this.opened = opened;
    this.element = make("div", "sl-mode-row");
    this.element.style.setProperty("--sl-dot", colour);
    this.element.classList.toggle("sl-off", off);
    this.track = makeSvg("svg", { class: "sl-mode-track", height: LANE_PX, tabindex: 0, role: "group", "aria-label": mode });
    this.counts = make("span", "sl-mode-counts");
    this.element.append(make("span", "sl-mode-name sl-dotted", mode), this.track, this.counts);
    this.track.addEventListener("click", ({ target }) => {
      const index = this.bins.findIndex(({ dot }) => dot === target);
      if (index >= 0) this._open(index);
    });
    this.track.addEventListener("keydown", (event) => this._step(event));
    this.width = UNKNOWN_PX;
    this.clear();
  }

  clear() {
    /** @type {Part[]} */
    this.parts = [];
    /** @type {number[]} The index of each part among those of all modes. */
    this.indices = [];
    /** @type {number[]} The bytes up to and with each part. */
    this.sizes = [];
    /** The first part of the dot that was opened last, from which the arrow keys go on; -1 before any. */
    this.chosen = -1;
    this._clearDots();
    this.paintCounts();
  }

  _clearDots() {
    /** @type {Bin[]} In the order of time, those of parts that are not shown too. */
    this.bins = [];
    this.shown = 0;
    /** How many bins have their dot in the track. */
    this.drawn = 0;
    this.track.replaceChildren();
  }

  /** Take the part that follows all others; it is not shown yet. @param {Part} part @param {number} index @param {number} axis */
  add(part, index, axis) {
    if (this.off) return;
    this.parts.push(part);
    this.indices.push(index);
    this.sizes.push((this.sizes.at(-1) ?? 0) + part[6]);
    this._place(this.parts.length - 1, axis);
  }

  _place(index, axis) {
    const number = Math.round(((this.parts[index][1] / axis) * (this.width - 2 * BIN_PX)) / BIN_PX);
    if (number <= (this.bins.at(-1)?.number ?? -1)) return;
    this.bins.push({
      number,
      first: index,
      dot: makeSvg("circle", { cx: (number + 1) * BIN_PX, cy: "50%", class: "sl-mode-dot" }),
    });
  }

  measure() {
    this.width = this.track.clientWidth || UNKNOWN_PX;
  }

  /** Place all dots again: the axis or the width has changed. @param {number} axis */
  redraw(axis) {
    const { shown } = this;
    const ringed = this.bins.some(({ dot }) => dot === this.opened.dot);
    this._clearDots();
    for (let index = 0; index < this.parts.length; index++) this._place(index, axis);
    this._show(shown);
    if (ringed) this.opened.ring(this.bins[this._binAt(this.chosen)].dot);
  }

  /** Show the parts that are among the first so many of all modes. @param {number} length */
  show(length) {
    const shown = until(this.indices.length, (index) => this.indices[index] < length);
    if (shown === this.shown) return;
    this._show(shown);
    this.paintCounts();
  }

  _show(shown) {
    const before = Math.min(this.shown, shown);
    this.shown = shown;
    const drawn = this._binAt(shown - 1) + 1;
    for (; this.drawn > drawn; this.drawn--) this.bins[this.drawn - 1].dot.remove();
    this.track.append(...this.bins.slice(this.drawn, drawn).map(({ dot }) => dot));
    this.drawn = drawn;
    for (let index = Math.max(0, this._binAt(before - 1)); index < drawn; index++) {
      const size = this._end(index) - this.bins[index].first;
      this.bins[index].dot.setAttribute("r", String(Math.min(LARGEST_DOT_PX, 3 + Math.log2(size))));
    }
  }

  /** The dot of a shown part, by its index among all modes'. @param {number} index */
  dotOf(index) {
    return this.bins[this._binAt(until(this.indices.length, (one) => this.indices[one] < index))]?.dot;
  }

  /** The bin with the lane's part of this index; -1 before the first. @param {number} part */
  _binAt(part) {
    return until(this.bins.length, (index) => this.bins[index].first <= part) - 1;
  }

  /** The end of a bin's parts that are shown. @param {number} index */
  _end(index) {
    return Math.min(this.bins[index + 1]?.first ?? this.shown, this.shown);
  }

  paintCounts() {
    const size = this.sizes[this.shown - 1] ?? 0;
    writeText(this.counts, this.off ? "off" : this.shown ? `${count(this.shown)} · ${bytes(size)}` : "–");
    this.track.setAttribute("aria-label", `${this.mode}: ${plural(this.shown, "part")}, ${bytes(size)}`);
  }

  /** Move from dot to dot by the arrow keys. */
  _step(event) {
    const step = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
    if (step === undefined || !this.drawn) return;
    event.preventDefault();
    event.stopPropagation();
    this._open(Math.min(this.drawn - 1, Math.max(0, this._binAt(this.chosen) + step)));
  }

  /** @param {number} index */
  _open(index) {
    const { dot, first } = this.bins[index];
    this.chosen = first;
    this.opened.open(dot, this.parts.slice(first, this._end(index)));
    this.opened.element.scrollIntoView({ block: "nearest" });
  }

  /** Open one part, by its index among all modes'. @param {number} index */
  openPart(index) {
    this.chosen = until(this.indices.length, (one) => this.indices[one] < index);
    this.opened.open(this.bins[this._binAt(this.chosen)].dot, [this.parts[this.chosen]]);
  }
}
