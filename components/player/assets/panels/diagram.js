/**
 * The graph's picture; nodes light up as they run and end. Its size depends on its settings alone.
 *
 * @typedef {{nodes?: string[], edges?: [string, string, boolean][], direction?: "TD" | "LR", height?: number, large?: boolean, unsure?: boolean, earlier?: string[]}} Settings
 *   `edges` are from, to, and whether a condition decides; names `__start__` and `__end__` are drawn as marks; a picture
 *   higher than `height` pixels scrolls, and a `large` one has larger names;
 *   `earlier` are the nodes that ran before this run in its thread;
 *   where the run will be `unsure` about its nodes, the line that says so has its place from the beginning.
 * @typedef {"running" | "failed" | "interrupted" | "cut" | "done" | "cached" | "seen" | "unknown"} State
 */

import { ofNode } from "../behind.js";
import { opens } from "../detail.js";
import { h, hide, make, makeSvg, patchChildren, writeText } from "../dom.js";
import { plural } from "../format.js";
import { whenPainted } from "../frames.js";
import { END, START } from "../graph_layers.js";
import { layout } from "../graph_layout.js";
import { wrapName } from "../wrap_name.js";

const FONT_PX = 13;
/** Of a picture that is drawn smaller than it is, with little room between its layers. */
const LARGE_FONT_PX = 20;
const LARGE_GAP_PX = 22;
const LINE_EM = 16 / 13;
const PADDING_PX = 14;
const MARK_PX = 16;
/** A picture that is wider than its frame shrinks to this share of its size, and scrolls sideways from there on. */
const SMALLEST = 0.7;
/** One that is higher than its frame shrinks to this share, below which it scrolls: names stay readable. */
const SMALLEST_HIGH = 0.85;

/** Of several executions at the same time, the first of these that one of them has is the node's state. */
const STATES = /** @type {State[]} */ (["running", "failed", "interrupted", "cut", "done", "cached", "seen", "unknown"]);
const TEXT = {
  interrupted: "waiting for an answer",
  cut: "cut off by the end of the run",
  cached: "done, from the cache",
  seen: "ran, its end is not known",
  unknown: "not known whether it ran",
};
const EARLIER = "ran in an earlier run of this thread";
const BADGES = {
  running: "M-2.5 -3.2L3.2 0L-2.5 3.2Z",
  failed: "M-2.8 -2.8L2.8 2.8M2.8 -2.8L-2.8 2.8",
  interrupted: "M-1.7 -3V3M1.7 -3V3",
  cut: "M-3 0H3",
  done: "M-3.2 0.2L-1 2.6L3.2 -2.4",
  cached: "M-3.2 0.2L-1 2.6L3.2 -2.4",
  earlier: "M-3.2 0.2L-1 2.6L3.2 -2.4",
  seen: "M-3 0h0.01M0 0h0.01M3 0h0.01",
  unknown: "M-1.8 -1.7A1.9 1.9 0 1 1 0.5 0.1Q0 0.4 0 1.1M0 3.3h0.01",
};

export class Diagram {
  static views = ["active", "spans", "run"];

  /** @param {Settings} settings */
  constructor({ nodes = [], edges = [], direction = "TD", height = 440, large = false, unsure = false, earlier = [] }) {
    const names = [...new Set(nodes)];
    this.names = names.filter((name) => name !== START && name !== END);
    this.earlier = new Set(earlier);
    const labels = new Map(names.map((name) => [name, labelOf(name, large ? LARGE_FONT_PX : FONT_PX)]));
    const placed = layout(labels, edges, direction, large ? LARGE_GAP_PX : undefined);
    this.element = make("div");
    this.scroller = make("div", "sl-diagram-frame");
    this.scroller.style.maxHeight = `${height}px`;
    this.scroller.tabIndex = 0;
    this.scroller.setAttribute("role", "region");
    this.scroller.setAttribute("aria-label", "Graph");
    this.picture = drawPicture(placed, this.names);
    // A little too high, it is drawn smaller: else only its end would be cut.
    if (placed.height * SMALLEST_HIGH <= height) this.picture.style.setProperty("--sl-picture-height", `${height}px`);
    /** @type {Map<string, {element: Element, title: Element, badge: Element}>} */
    this.drawn = new Map();
    for (const [name, centre] of placed.nodes) this._drawNode(name, centre, labels.get(name));
    this.scroller.append(this.picture);
    this.states = make("ul", "sl-diagram-states");
    this.states.setAttribute("aria-label", "Nodes");
    this.note = make("div", "sl-note sl-diagram-note");
    hide(this.note, !unsure);
    this.keepsNote = unsure;
    this.element.append(this.scroller, this.note, this.states);
    this.following = true;
    /** @type {Element | null} The node that is brought into sight when everything is painted. */
    this.target = null;
    this.scroll = () => this.target && this.following && this._scrollTo(this.target);
    for (const type of ["wheel", "pointerdown", "keydown"]) {
      this.scroller.addEventListener(type, () => (this.following = false), { passive: true });
    }
    this._paintStates(new Map());
  }

  reset() {
    this.following = true;
    this._paintStates(new Map());
  }

  /** @param {import("../view.js").View} view */
  paint(view) {
    this.view = view;
    this._paintStates(nodeStates(view, this.names));
  }

  /** Paint the nodes as they were at this time, if the run tells when they ran. @param {import("../view.js").View} view @param {number} t */
  paintAt(view, t) {
    if (!view.spans.size) return;
    this.view = view;
    this._paintStates(nodeStates(asOf(view, t), this.names));
  }

  _drawNode(name, centre, label) {
    const element = drawNode(name, centre, label);
    this.picture.append(element);
    const [title, badge] = [element.querySelector("title"), element.querySelector(".sl-diagram-badge > path")];
    if (title && badge) {
      this.drawn.set(name, { element, title, badge });
      opens(element, () => ofNode(this.view, name, title.textContent.slice(name.length + 2)));
    }
  }

  _paintStates(states) {
    let begun = null;
    for (const [name, { element, title, badge }] of this.drawn) {
      const state = states.get(name)?.state ?? (this.earlier.has(name) ? "earlier" : "");
      const told = this._told(name, states);
      writeText(title, told ? `${name}: ${told}` : name);
      if ((element.getAttribute("data-state") ?? "") === state) continue;
      if (state === "running") begun = element;
      if (state) element.setAttribute("data-state", state);
      else element.removeAttribute("data-state");
      badge.setAttribute("d", BADGES[state] ?? "");
    }
    this._paintNote([...states.values()].some(({ state }) => state === "unknown"));
    const rows = this.names.map((name) => h("li", "", `${name}: ${this._told(name, states) || "nothing known"}`));
    patchChildren(this.states, rows);
    const target = states.size ? begun : this.picture.querySelector(".sl-diagram-node");
    if (!target) return;
    this.target = target;
    whenPainted(this.scroll);
  }

  /** What is known of a node; empty for nothing. */
  _told(name, states) {
    return states.get(name)?.text || (this.earlier.has(name) ? EARLIER : "");
  }

  /** The legend of the mark of a node of which nothing is known: which modes say nothing about it. */
  _paintNote(shown) {
    const modes = this.view?.run.modes ?? [];
    writeText(this.note, shown ? `“?”: ${modes.join(", ")} ${modes.length === 1 ? "does" : "do"} not tell whether it ran.` : "");
    hide(this.note, !shown && !this.keepsNote);
  }

  /** Bring a node into sight: the first one, then each that begins, until the reader scrolls. */
  _scrollTo(element) {
    const [node, frame] = [element.getBoundingClientRect(), this.scroller.getBoundingClientRect()];
    if (node.top < frame.top || node.bottom > frame.bottom) {
      this.scroller.scrollTop += (node.top + node.bottom - frame.top - frame.bottom) / 2;
    }
    if (node.left < frame.left || node.right > frame.right) {
      this.scroller.scrollLeft += (node.left + node.right - frame.left - frame.right) / 2;
    }
  }
}

/**
 * What is known of the nodes of the outer graph; one that was not reached, or not yet, is missing.
 * @param {Pick<import("../view.js").View, "spans" | "over" | "active" | "finished" | "seen">} view
 * @param {string[]} names
 * @returns {Map<string, {state: State, text: string}>}
 */
function nodeStates(view, names) {
  /** @type {Map<string, {until: number, states: State[]}>} The latest executions at the same time. */
  const latest = new Map();
  for (const { node, ns, start, end, state } of view.spans.values()) {
    if (!node || ns) continue;
    const known = latest.get(node);
    const together = known && start <= known.until ? known : { until: 0, states: [] };
    together.until = Math.max(together.until, end ?? Infinity);
    together.states.push(/** @type {State} */ (view.over && state === "running" ? "cut" : state));
    latest.set(node, together);
  }
  for (const node of view.over ? [] : view.active) {
    const states = latest.get(node)?.states ?? [];
    if (!states.includes("running")) latest.set(node, { until: Infinity, states: [...states, "running"] });
  }
  // Where no mode reports tasks.
  for (const node of view.finished) if (!latest.has(node)) latest.set(node, { until: 0, states: ["done"] });
  const { nodes, unsure } = view.seen;
  for (const node of nodes) if (!latest.has(node)) latest.set(node, { until: 0, states: ["seen"] });
  for (const node of unsure ? names : []) if (!latest.has(node)) latest.set(node, { until: 0, states: ["unknown"] });
  return new Map([...latest].map(([node, { states }]) => [node, summary(states)]));
}

/** What is known of the nodes up to this time. @returns {Parameters<typeof nodeStates>[0]} */
function asOf({ spans }, t) {
  const begun = [...spans].filter(([, { start }]) => start <= t);
  const until = begun.map(([key, span]) => [key, (span.end ?? Infinity) <= t ? span : { ...span, end: null, state: "running" }]);
  return { spans: new Map(until), over: false, active: [], finished: [], seen: { nodes: [], unsure: false } };
}

function summary(states) {
  const state = STATES.find((one) => states.includes(one)) ?? "done";
  const having = states.filter((one) => one === state).length;
  const several = states.length > 1 ? ` (${having} of ${plural(states.length, "task")})` : "";
  return { state, text: (TEXT[state] ?? state) + several };
}

function labelOf(name, font) {
  if (name === START || name === END) return { lines: [], width: MARK_PX, height: MARK_PX, font };
  const { lines, em } = wrapName(name);
  const width = Math.max(56, Math.ceil(em * font) + 2 * PADDING_PX);
  return { lines, width, height: Math.round(lines.length * font * LINE_EM) + 18, font };
}

function drawPicture({ width, height, edges }, names) {
  const picture = makeSvg("svg", { class: "sl-diagram-picture", viewBox: `0 0 ${width} ${height}`, role: "group" });
  picture.setAttribute("aria-label", names.length ? `Graph of ${plural(names.length, "node")}: ${names.join(", ")}` : "Empty graph");
  // A page with larger type shows a larger picture.
  picture.style.maxWidth = `calc(${width}px * var(--sl-picture-scale, 1))`;
  picture.style.minWidth = `calc(${width * SMALLEST}px * var(--sl-picture-scale, 1))`;
  for (const { path, head, conditional, back, from, to } of edges) {
    const edge = makeSvg("g", { class: "sl-diagram-edge", "data-from": from, "data-to": to });
    edge.classList.toggle("sl-conditional", conditional);
    edge.classList.toggle("sl-back", back);
    edge.append(makeSvg("path", { class: "sl-diagram-line", d: path }), makeSvg("path", { class: "sl-diagram-head", d: head }));
    picture.append(edge);
  }
  return picture;
}

function drawNode(name, { x, y }, { lines, width, height, font }) {
  const node = makeSvg("g", { class: "sl-diagram-node", transform: `translate(${x} ${y})`, "data-node": name });
  const title = makeSvg("title");
  title.textContent = name === START ? "start" : name === END ? "end" : name;
  node.append(title);
  if (!lines.length) {
    node.classList.add("sl-diagram-mark");
    if (name === END) node.append(makeSvg("circle", { class: "sl-diagram-ring", r: MARK_PX / 2 - 1 }));
    node.append(makeSvg("circle", { r: name === END ? MARK_PX / 4 : MARK_PX / 2 - 2 }));
    return node;
  }
  const box = { x: -width / 2, y: -height / 2, width, height, rx: 8 };
  const halo = { x: box.x - 3, y: box.y - 3, width: width + 6, height: height + 6, rx: 11 };
  node.append(makeSvg("rect", { class: "sl-diagram-halo", ...halo }), makeSvg("rect", { class: "sl-diagram-box", ...box }));
  const text = makeSvg("text", { "font-size": font });
  for (const [index, line] of lines.entries()) {
    const span = makeSvg("tspan", { x: 0, y: (index - (lines.length - 1) / 2) * font * LINE_EM + font * 0.35 });
    span.textContent = line;
    text.append(span);
  }
  const badge = makeSvg("g", { class: "sl-diagram-badge", transform: `translate(${width / 2 - 3} ${-height / 2 + 3})` });
  badge.append(makeSvg("circle", { r: 7 }), makeSvg("path"));
  node.append(text, badge);
  return node;
}
