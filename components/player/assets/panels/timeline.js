/** Spans of nodes and lanes of events over one time axis. Positions are in seconds; only the axis changes as time passes. */

import { ofSpan } from "../behind.js";
import { opens } from "../detail.js";
import { make, writeText } from "../dom.js";
import { duration, plural } from "../format.js";
import { ownValue } from "../own_value.js";
import { MoreRows } from "./more_rows.js";
import { SpanNames } from "./span_names.js";

const BIN_S = 0.05;
const STATE_TONE = { failed: "red", cut: "gray", interrupted: "orange", cached: "gray" };
const MOST_SPANS = 100;

export class Timeline {
  static views = ["spans", "lanes", "faults", "run"];
  static ticks = true;

  /**
   * @param {{colours: Record<string, string>, lanes?: string[], spans?: "nodes" | "own", rows?: number}} settings Lanes
   *   that are named are there from the start, and no others; `rows` spans are in sight, the others are scrolled to.
   */
  constructor({ colours, lanes, spans = "nodes", rows = 4 }) {
    this.colours = colours;
    this.own = spans === "own";
    this.wantedLanes = lanes;
    this.element = make("div");
    this.element.setAttribute("role", "group");
    this.spans = make("div", "sl-spans");
    this.spans.style.setProperty("--sl-rows", String(rows));
    this.spans.tabIndex = 0;
    this.spans.setAttribute("role", "group");
    this.spans.setAttribute("aria-label", "Spans");
    this.lanes = make("div", "sl-lanes");
    this.axis = make("div", "sl-track-row sl-axis");
    this.ticks = ["0", "", ""].map((text) => make("span", "", text));
    const scale = make("div", "sl-scale");
    scale.append(...this.ticks);
    this.axis.append(make("span", "sl-track-label"), scale, make("span", "sl-track-value"));
    this.more = new MoreRows(this.spans);
    this.names = new SpanNames();
    this.element.append(this.more.element, this.lanes, this.axis);
    /** The size of each lane, which are all alike; null while there is none. @type {{width: number, height: number} | null} */
    this.size = null;
    this.resized = new ResizeObserver(() => this._measure());
    this.resized.observe(this.lanes);
    /** @type {Row | undefined} */
    this.faultRow = undefined;
    this.reset();
  }

  reset() {
    this.spans.replaceChildren();
    this.more.reset();
    this.names.clear();
    this.lanes.replaceChildren();
    this.faultRow?.element.remove();
    this.faultRow = undefined;
    /** @type {Map<string, Row>} */
    this.spanRows = new Map();
    /** @type {Map<string, Row & {canvas: HTMLCanvasElement}>} */
    this.laneRows = new Map();
    for (const lane of this.wantedLanes ?? []) this._lane(lane);
  }

  /** @param {import("../view.js").View} view */
  paint(view, { now, axis }) {
    this.view = view;
    this.length = Math.max(axis, now, 0.5);
    this.element.style.setProperty("--sl-length", String(this.length));
    const spans = this.own ? view.ownSpans : view.spans;
    this.element.setAttribute("aria-label", `Timeline: ${plural(spans.size, "span")} in ${duration(now)}`);
    const last = [...spans].slice(-MOST_SPANS);
    const shown = new Set(last.map(([id]) => id));
    for (const [key, row] of this.spanRows) {
      if (shown.has(key)) continue;
      row.element.remove();
      this.spanRows.delete(key);
    }
    const before = this.spanRows.size;
    this.names.look(spans);
    for (const [id, span] of last) this._paintSpan(id, span, spans, view.over && span.end == null ? (view.time ?? now) : now);
    this.more.painted({ grown: this.spanRows.size > before, over: view.over });
    this.spans.classList.toggle("sl-over", Boolean(view.over));
    this._paintFaults(view);
    this._paintLanes(view);
    writeText(this.ticks[1], duration(this.length / 2));
    writeText(this.ticks[2], duration(this.length));
  }

  _paintSpan(id, span, spans, now) {
    let row = this.spanRows.get(id);
    if (row === undefined) {
      row = trackRow(make("div", "sl-bar"));
      this.spanRows.set(id, row);
      opens(row.element, () => ofSpan(this.view, id, this.own ? this.view.ownSpans.get(id) : undefined));
      this.spans.append(row.element);
    }
    const end = span.end ?? now;
    const mark = row.mark;
    mark.style.setProperty("--sl-start", String(span.start));
    mark.style.setProperty("--sl-end", String(end));
    mark.dataset.tone = STATE_TONE[span.state] ?? "tasks";
    if (this.colours.tasks) mark.style.setProperty("--sl-tasks", this.colours.tasks);
    mark.classList.toggle("sl-open", span.end == null);
    const state = !span.state || span.state === "done" ? "" : ` · ${span.state}`;
    const { name, path } = this.names.of(id, span, spans);
    writeText(row.label, name);
    writeText(row.value, `${duration(end - span.start)}${state}`);
    row.element.title = [path, span.error].filter(Boolean).join(": ");
  }

  _lane(mode) {
    const canvas = document.createElement("canvas");
    const row = { ...trackRow(canvas), canvas };
    row.element.style.setProperty("--sl-dot", ownValue(this.colours, mode) ?? "gray");
    row.label.classList.add("sl-dotted");
    writeText(row.label, mode);
    writeText(row.value, plural(0, "event"));
    this.laneRows.set(mode, row);
    this.lanes.append(row.element);
    return row;
  }

  /** Lanes are drawn in the frame in which their size becomes known. */
  _measure() {
    const [lane] = this.laneRows.values();
    const { clientWidth: width = 0, clientHeight: height = 0 } = lane?.canvas ?? {};
    this.size = width ? { width, height } : null;
    if (this.view) this._paintLanes(this.view);
  }

  _paintLanes(view) {
    for (const mode of this.wantedLanes ?? view.lanes.keys()) if (!this.laneRows.has(mode)) this._lane(mode);
    for (const [mode, row] of this.laneRows) {
      const bins = view.lanes.get(mode);
      if (!bins && !this.wantedLanes) {
        row.element.remove();
        this.laneRows.delete(mode);
        continue;
      }
      if (!this.size) continue;
      const { width, height } = this.size;
      const seen = `${view.versions.lanes} ${this.length.toFixed(3)} ${width}`;
      if (row.seen === seen) continue;
      row.seen = seen;
      const events = drawLane(row.canvas, bins ?? new Map(), width, height, this.length, ownValue(this.colours, mode) ?? "gray");
      writeText(row.value, plural(events, "event"));
    }
  }

  /** What the provider did wrong: a mark for each, named when pointed at. */
  _paintFaults(view) {
    if (!view.faults.length) {
      this.faultRow?.element.remove();
      this.faultRow = undefined;
      return;
    }
    let row = this.faultRow;
    if (row === undefined) {
      row = this.faultRow = trackRow(make("div", "sl-marks"));
      writeText(row.label, "provider");
      this.lanes.after(row.element);
    }
    while (row.mark.children.length > view.faults.length) row.mark.lastChild.remove();
    for (const { t, text } of view.faults.slice(row.mark.children.length)) {
      const mark = make("i", "sl-mark");
      mark.style.setProperty("--sl-start", String(t));
      mark.title = text;
      row.mark.append(mark);
    }
    writeText(row.value, plural(view.faults.length, "mark"));
  }

  destroy() {
    this.resized.disconnect();
  }
}

/**
 * @typedef {{element: HTMLElement, label: HTMLElement, mark: HTMLElement, value: HTMLElement, seen?: string}} Row
 * @param {HTMLElement} mark
 * @returns {Row}
 */
function trackRow(mark) {
  const element = make("div", "sl-track-row");
  const label = make("span", "sl-track-label");
  const track = make("div", "sl-track");
  const value = make("span", "sl-track-value");
  track.append(mark);
  element.append(label, track, value);
  return { element, label, mark, value };
}

/** Draw one lane and return the number of its events. */
function drawLane(canvas, bins, width, height, length, colour) {
  const ratio = devicePixelRatio || 1;
  const [wide, high] = [Math.round(width * ratio), Math.round(height * ratio)];
  if (canvas.width !== wide) canvas.width = wide;
  if (canvas.height !== high) canvas.height = high;
  const context = canvas.getContext("2d");
  context.setTransform(ratio, 0, 0, ratio, 0, 0);
  context.clearRect(0, 0, width, height);
  context.fillStyle = colour;
  const binWidth = (BIN_S / length) * width;
  let events = 0;
  for (const [bin, [found]] of bins) {
    const left = Math.floor(bin * binWidth);
    events += found;
    if (found) context.fillRect(left, 0, Math.max(2, Math.floor((bin + 1) * binWidth) - left), height);
  }
  return events;
}
