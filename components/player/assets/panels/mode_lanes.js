/**
 * One run in lanes, one for each stream mode: each part is a dot at its time, and travels there from its node.
 *
 * Parts that are closer together than a dot share one; a dot opens its parts. The axis doubles when the run outgrows it, so
 * that dots keep their position in between.
 */

import { partNodes } from "../detail.js";
import { make, makeSvg, writeText } from "../dom.js";
import { bytes, count, duration, plural } from "../format.js";
import { whenPainted } from "../frames.js";
import { Diagram } from "./diagram.js";

const BIN_PX = 5;
const LANE_PX = 34;
/** The width of a lane until it is known. */
const UNKNOWN_PX = 600;
const FIRST_AXIS_S = 2;
const FLIGHT_MS = 600;
const MAX_FLIGHTS = 24;
/** More new parts than this in one frame are no stream but a picture that is drawn again: they do not travel. */
const MAX_NEW = 60;

/** @typedef {[number, number, string, string, string, string, number, string, number?]} Part
 *   seq, t, mode, ns, node, text, size, json, and the length of the JSON where it was cut */
/** @typedef {{parts: Part[], bytes: number, dot: SVGElement}} Bin */

export class ModeLanes {
  static views = ["raw", ...Diagram.views];
  static urgent = true;

  /**
   * @param {{modes?: string[], off?: string[], colours: Record<string, string>}
   *   & import("./diagram.js").Settings} settings The lanes from top to bottom, those that are off, and the graph.
   */
  constructor({ modes = [], off = [], colours, ...graph }) {
    this.element = make("div");
    this.stage = make("div", "sl-stage");
    this.diagram = new Diagram({ ...graph, height: modes.length * (LANE_PX + 6) + 20 });
    this.diagram.element.classList.add("sl-diagram");
    // A recording has no picture of its graph: the lanes take the place.
    this.diagram.element.hidden = !graph.nodes?.length;
    this.stage.classList.toggle("sl-lanes-only", this.diagram.element.hidden);
    const lanes = make("div", "sl-mode-rows");
    const open = (bin) => this.opened.open(bin);
    this.rows = new Map(modes.map((mode) => [mode, new Lane(mode, colours[mode] ?? "gray", off.includes(mode), open)]));
    this.ticks = ["0", "", ""].map((text) => make("span", "", text));
    const scale = make("div", "sl-scale");
    scale.append(...this.ticks);
    lanes.append(...[...this.rows.values()].map((row) => row.element), scale);
    this.opened = new OpenedDot();
    this.stage.append(this.diagram.element, lanes);
    this.element.append(this.stage, this.opened.element);
    this.calm = matchMedia("(prefers-reduced-motion: reduce)");
    this.resized = new ResizeObserver(() => {
      for (const row of this.rows.values()) row.width = row.track.clientWidth || UNKNOWN_PX;
      this._redraw();
    });
    this.resized.observe(lanes);
    this.reset();
  }

  reset() {
    this.diagram.reset();
    this.opened.close();
    this.flights = 0;
    this.axis = FIRST_AXIS_S;
    /** @type {Part[]} */
    this.parts = [];
    this.shown = 0;
    for (const row of this.rows.values()) row.clear();
    this._paintScale();
  }

  /** @param {import("../view.js").View} view */
  paint(view) {
    this.diagram.paint(view);
    this._takeBack(view.raw.length);
    this.parts = view.raw;
    const last = view.raw.at(-1)?.[1] ?? 0;
    if (last > this.axis) {
      while (this.axis < last) this.axis *= 2;
      this._redraw();
    }
    const added = view.raw.slice(this.shown);
    this.shown = view.raw.length;
    const placed = added.map((part) => ({ part, dot: this.rows.get(part[2])?.add(part, this.axis) }));
    for (const row of this.rows.values()) row.paintCounts();
    const travels = added.length <= MAX_NEW && !this.calm.matches && !document.hidden;
    if (travels) whenPainted(() => this._fly(placed.filter(({ dot }) => dot)));
  }

  destroy() {
    this.resized.disconnect();
  }

  /** A recording that moves back takes parts with it, the last ones first. @param {number} length How many stay. */
  _takeBack(length) {
    for (; this.shown > length; this.shown--) {
      const part = this.parts[this.shown - 1];
      this.rows.get(part[2])?.take(part, this.axis);
    }
  }

  /** Place all dots again: the axis or the width has changed. */
  _redraw() {
    // A dot on its way would land where its place was before.
    for (const flying of this.stage.querySelectorAll(".sl-flying")) for (const flight of flying.getAnimations()) flight.finish();
    for (const row of this.rows.values()) row.clear();
    for (const part of this.parts.slice(0, this.shown)) this.rows.get(part[2])?.add(part, this.axis);
    for (const row of this.rows.values()) row.paintCounts();
    this._paintScale();
  }

  _paintScale() {
    writeText(this.ticks[1], duration(this.axis / 2));
    writeText(this.ticks[2], duration(this.axis));
  }

  /** Let dots travel from the nodes of their parts to their lanes. @param {{part: Part, dot: SVGElement}[]} placed */
  _fly(placed) {
    const flying = placed.slice(0, MAX_FLIGHTS - this.flights);
    if (!flying.length) return;
    const frame = this.stage.getBoundingClientRect();
    const ways = flying.map(({ part, dot }) => {
      const node = this.diagram.drawn.get(part[4].split(", ")[0])?.element ?? this.diagram.picture;
      return { from: centreOf(node, frame), to: centreOf(dot, frame), colour: this.rows.get(part[2]).colour };
    });
    for (const way of ways) this._start(way);
  }

  _start({ from, to, colour }) {
    const flying = make("span", "sl-flying");
    flying.style.background = colour;
    this.stage.append(flying);
    this.flights++;
    const flight = flying.animate(
      [{ transform: `translate(${from.x}px, ${from.y}px)` }, { transform: `translate(${to.x}px, ${to.y}px)` }],
      { duration: FLIGHT_MS, easing: "cubic-bezier(0.3, 0, 0.2, 1)" },
    );
    flight.finished.finally(() => {
      flying.remove();
      this.flights--;
    });
  }
}

/** One mode's lane, with its counters. */
class Lane {
  /** @param {string} mode @param {string} colour @param {boolean} off @param {(bin: Bin) => void} open */
  constructor(mode, colour, off, open) {
    this.mode = mode;
    this.colour = colour;
    this.off = off;
    this.element = make("div", "sl-mode-row");
    this.element.style.setProperty("--sl-dot", colour);
    this.element.classList.toggle("sl-off", off);
    this.track = makeSvg("svg", { class: "sl-mode-track", height: LANE_PX, tabindex: 0, role: "group", "aria-label": mode });
    this.counts = make("span", "sl-mode-counts");
    this.element.append(make("span", "sl-mode-name sl-dotted", mode), this.track, this.counts);
    this.track.addEventListener("click", ({ target }) => {
      const bin = [...this.bins.values()].find(({ dot }) => dot === target);
      if (bin) open(bin);
    });
    this.track.addEventListener("keydown", (event) => this._step(event, open));
    this.width = UNKNOWN_PX;
    this.clear();
  }

  clear() {
    /** @type {Map<number, Bin>} */
    this.bins = new Map();
    this.chosen = -1;
    this.total = 0;
    this.size = 0;
    /** @type {Set<Bin>} Those whose dots have another size now. */
    this.changed = new Set();
    this.track.replaceChildren();
  }

  _numberOf(part, axis) {
    return Math.round(((part[1] / axis) * (this.width - 2 * BIN_PX)) / BIN_PX);
  }

  /** @param {Part} part @param {number} axis @returns {SVGElement | null} The dot that holds it; none in a lane that is off. */
  add(part, axis) {
    if (this.off) return null;
    this.total++;
    this.size += part[6];
    const number = this._numberOf(part, axis);
    let bin = this.bins.get(number);
    if (bin === undefined) {
      const dot = makeSvg("circle", { cx: (number + 1) * BIN_PX, cy: LANE_PX / 2, class: "sl-mode-dot" });
      bin = { parts: [], bytes: 0, dot };
      this.bins.set(number, bin);
      this.track.append(dot);
    }
    bin.parts.push(part);
    bin.bytes += part[6];
    this.changed.add(bin);
    return bin.dot;
  }

  /** Take back the part that was added last. @param {Part} part @param {number} axis */
  take(part, axis) {
    if (this.off) return;
    this.total--;
    this.size -= part[6];
    const number = this._numberOf(part, axis);
    const bin = this.bins.get(number);
    bin.parts.pop();
    bin.bytes -= part[6];
    this.changed.add(bin);
    if (bin.parts.length) return;
    bin.dot.remove();
    this.bins.delete(number);
  }

  paintCounts() {
    for (const { dot, parts } of this.changed) dot.setAttribute("r", String(Math.min(LANE_PX / 2 - 3, 3 + Math.log2(parts.length || 1))));
    this.changed.clear();
    writeText(this.counts, this.off ? "off" : this.total ? `${count(this.total)} · ${bytes(this.size)}` : "–");
    this.track.setAttribute("aria-label", `${this.mode}: ${plural(this.total, "part")}, ${bytes(this.size)}`);
  }

  /** Move from dot to dot by the arrow keys. */
  _step(event, open) {
    const step = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
    if (step === undefined || !this.bins.size) return;
    event.preventDefault();
    event.stopPropagation();
    const bins = [...this.bins].sort(([one], [other]) => one - other).map(([, bin]) => bin);
    this.chosen = Math.min(bins.length - 1, Math.max(0, this.chosen + step));
    open(bins[this.chosen]);
  }
}

/** The parts of the dot that was opened. */
class OpenedDot {
  constructor() {
    this.element = make("div", "sl-opened");
    this.element.tabIndex = 0;
    this.element.setAttribute("role", "region");
    this.element.setAttribute("aria-label", "Opened parts");
    this.close();
  }

  close() {
    this.dot?.classList.remove("sl-chosen");
    this.dot = null;
    this.element.replaceChildren(make("p", "sl-note", "Click a dot, or use the arrow keys in a lane, to open the part as LangGraph sent it."));
  }

  /** @param {Bin} bin */
  open(bin) {
    this.dot?.classList.remove("sl-chosen");
    this.dot = bin.dot;
    bin.dot.classList.add("sl-chosen");
    this.element.replaceChildren(
      make("p", "sl-note", `${plural(bin.parts.length, "part")}, ${bytes(bin.bytes)}`),
      ...partNodes(bin.parts),
    );
    this.element.scrollTop = 0;
  }
}

function centreOf(element, frame) {
  const { left, top, width, height } = element.getBoundingClientRect();
  return { x: left + width / 2 - frame.left, y: top + height / 2 - frame.top };
}
