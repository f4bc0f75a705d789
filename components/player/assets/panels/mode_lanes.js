/**
 * One run in lanes, one for each stream mode: each part is a dot at its time, and travels there from its node.
 *
 * Parts that are closer together than a dot share one; a dot opens its parts. The axis doubles when the run outgrows it, so
 * that dots keep their position in between; of a run whose end is known it is as long as the run.
 */

import { make, writeText } from "../dom.js";
import { duration } from "../format.js";
import { whenPainted } from "../frames.js";
import { Diagram } from "./diagram.js";
import { LanePause } from "./lane_pause.js";
import { LANE_PX, Lane } from "./mode_lane.js";
import { OpenedDot } from "./opened_dot.js";

const FIRST_AXIS_S = 2;
const FLIGHT_MS = 600;
const MAX_FLIGHTS = 24;
/** More new parts than this in one frame are no stream but a picture that is drawn again: they do not travel. */
const MAX_NEW = 60;

/** Here the graph is below the lanes, so it runs to the right. */
const NARROW = "(max-width: 640px)";

/** @typedef {[number, number, string, string, string, string, number, string, number?]} Part
 *   seq, t, mode, ns, node, text, size, json, and the length of the JSON where it was cut */

export class ModeLanes {
  // A page that plays a recording has no picture of its graph and no run to pause, and leaves the code of both out.
  static views = ["raw", ...(Diagram?.views ?? [])];
  static urgent = true;

  /**
   * @param {{modes?: string[], off?: string[], pausable?: boolean, colours: Record<string, string>}
   *   & import("./diagram.js").Settings} settings The lanes from top to bottom, those that are off, whether the drawing of
   *   a live run can be paused, and the graph.
   */
  constructor({ modes = [], off = [], pausable = false, colours, ...graph }) {
    this.element = make("div");
    this.stage = make("div", "sl-stage");
    // A recording has no picture of its graph: the lanes take the place.
    this.stage.classList.toggle("sl-lanes-only", !graph.nodes?.length);
    this.graph = { ...graph, large: true, height: modes.length * (LANE_PX + 6) + 20 };
    this.narrow = matchMedia(NARROW);
    this.turn = () => this._drawGraph();
    /** @type {import("./diagram.js").Diagram | null} */
    this.diagram = null;
    if (graph.nodes?.length) {
      this.narrow.addEventListener("change", this.turn);
      this._drawGraph();
    }
    const lanes = make("div", "sl-mode-rows");
    this.opened = new OpenedDot();
    this.rows = new Map(modes.map((mode) => [mode, new Lane(mode, colours[mode] ?? "gray", off.includes(mode), this.opened)]));
    this.ticks = ["0", "", ""].map((text) => make("span", "", text));
    const scale = make("div", "sl-scale");
    scale.append(...this.ticks);
    this.pause = pausable ? new LanePause(() => this._paintHeld(), () => this.view?.now() ?? 0) : null;
    const below = make("div", "sl-below-lanes");
    below.append(this.pause?.buttons ?? "", scale, this.pause?.state ?? "");
    lanes.append(...[...this.rows.values()].map((row) => row.element), below);
    this.stage.append(lanes);
    this.element.append(this.stage, this.opened.element);
    this.calm = matchMedia("(prefers-reduced-motion: reduce)");
    this.resized = new ResizeObserver(() => {
      for (const row of this.rows.values()) row.measure();
      this._redraw();
    });
    this.resized.observe(lanes);
    this.reset();
  }

  /** Draw the graph, from left to right on a narrow screen, in the place of the one that is there. */
  _drawGraph() {
    const before = this.diagram?.element;
    this.diagram = new Diagram({ ...this.graph, ...(this.narrow.matches && { direction: "LR" }) });
    this.diagram.element.classList.add("sl-diagram");
    if (before) before.replaceWith(this.diagram.element);
    else this.stage.prepend(this.diagram.element);
    if (this.view) this._paintGraph(this.view);
  }

  reset() {
    this.view = undefined;
    this.diagram?.reset();
    this.pause?.reset();
    this.opened.close();
    this.flights = 0;
    this.axis = FIRST_AXIS_S;
    /** How many parts the lanes know, and how many of them they show. */
    this.known = this.shown = 0;
    for (const row of this.rows.values()) row.clear();
    this._paintScale();
  }

  /** @param {import("../view.js").View} view @param {Partial<import("../player.js").Frame>} frame */
  paint(view, { playback }) {
    this.view = view;
    this._paintGraph(view);
    // Of a recording all parts are known, and the axis is that of its end: it moves over them in both directions.
    if (playback) {
      this._fit(playback.duration, playback.whole.raw);
      this._learn(playback.whole.raw);
    }
    this._show(view);
  }

  /** @param {import("../view.js").View} view */
  _show(view) {
    const before = this.shown;
    this.shown = this.pause?.shown(view.raw, view.over || view.time === null) ?? view.raw.length;
    // The axis of what is held stays too.
    const held = this.shown < view.raw.length;
    if (view.over && !held) this._fit(view.now(), view.raw);
    this._learn(held ? view.raw.slice(0, this.shown) : view.raw);
    const added = this.shown - before;
    for (const row of this.rows.values()) row.show(this.shown);
    const travels = this.diagram && added > 0 && added <= MAX_NEW && !this.calm.matches && !document.hidden;
    if (travels) whenPainted(() => this._fly(view.raw.slice(before, before + added), before));
  }

  /** Paint after a pause, a step or its end. */
  _paintHeld() {
    if (!this.view) return;
    this._show(this.view);
    this._paintGraph(this.view);
    const last = this.pause.stepped ? this.pause.held - 1 : -1;
    const row = this.rows.get(this.view.raw[last]?.[2]);
    if (!row || row.off) return;
    row.openPart(last);
    // The lanes stay in sight with it: their upper edge comes below the run panel.
    if (this.opened.element.getBoundingClientRect().bottom > innerHeight) this.stage.scrollIntoView({ block: "start" });
  }

  /** The graph as it is now, as it was at the pause, or after a step as it was then, with the node of the last part outlined. */
  _paintGraph(view) {
    const { held = null, stepped = false } = this.pause ?? {};
    const last = stepped ? view.raw[held - 1] : undefined;
    const from = last?.[4].split(", ")[0];
    if (held === null) this.diagram?.paint(view);
    else if (stepped) this.diagram?.paintAt(view, last?.[1] ?? -1);
    for (const [name, { element }] of this.diagram?.drawn ?? []) element.classList.toggle("sl-stepped", name === from);
  }

  /** Make the axis as long as the run: its second half may be empty. @param {number} length @param {Part[]} parts */
  _fit(length, parts) {
    const end = Math.max(length, parts.at(-1)?.[1] ?? 0);
    if (!end || end === this.axis) return;
    this.axis = end;
    this._redraw();
  }

  /** @param {Part[]} parts */
  _learn(parts) {
    const last = parts.at(-1)?.[1] ?? 0;
    if (last > this.axis) {
      while (this.axis < last) this.axis *= 2;
      this._redraw();
    }
    for (; this.known < parts.length; this.known++) {
      this.rows.get(parts[this.known][2])?.add(parts[this.known], this.known, this.axis);
    }
  }

  destroy() {
    this.pause?.destroy();
    this.resized.disconnect();
    this.narrow.removeEventListener("change", this.turn);
  }

  /** Place all dots again: the axis or the width has changed. */
  _redraw() {
    // A dot on its way would land where its place was before.
    for (const flying of this.stage.querySelectorAll(".sl-flying")) for (const flight of flying.getAnimations()) flight.finish();
    for (const row of this.rows.values()) row.redraw(this.axis);
    this._paintScale();
  }

  _paintScale() {
    writeText(this.ticks[1], duration(this.axis / 2));
    writeText(this.ticks[2], duration(this.axis));
  }

  /** Let dots travel from the nodes of these parts to their lanes. @param {Part[]} parts @param {number} first Its index. */
  _fly(parts, first) {
    const placed = parts.map((part, index) => ({ part, dot: this.rows.get(part[2])?.dotOf(first + index) }));
    const flying = placed.filter(({ dot }) => dot?.isConnected).slice(0, MAX_FLIGHTS - this.flights);
    if (!flying.length) return;
    const frame = this.stage.getBoundingClientRect();
    const ways = flying.map(({ part, dot }) => {
      const node = this.diagram.drawn.get(part[4].split(", ")[0])?.element ?? this.diagram.picture;
      return { from: besideOf(node, frame), to: centreOf(dot, frame), colour: this.rows.get(part[2]).colour };
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

/** Where a dot leaves a node: beside its name. */
function besideOf(node, frame) {
  const box = node.querySelector(".sl-diagram-box") ?? node;
  return { x: box.getBoundingClientRect().right - frame.left, y: centreOf(box, frame).y };
}

function centreOf(element, frame) {
  const { left, top, width, height } = element.getBoundingClientRect();
  return { x: left + width / 2 - frame.left, y: top + height / 2 - frame.top };
}
