/**
 * The view model of one run: the fold of its patches. `streaming/live` describes each patch; nothing is computed here.
 *
 * @typedef {[string, ...any[]]} Patch
 * @typedef {{key: string, node?: string, ns?: string, role?: string, tags?: string[], t?: number, branch?: string,
 *   label?: string, first_at?: number | null, kept?: number, thought_s?: number, parts?: {type: string, media: string, size: number}[],
 *   text: string, reasoning: string, edition: number, ended: boolean, cut: boolean, how?: string, note?: string}} Message
 * @typedef {{node?: string, ns?: string, start: number, end: number | null, state: string, error?: string,
 *   input?: any, output?: any}} Span
 * @typedef {{step: number, t: number, size: number, changed: Record<string, any>, removed: string[],
 *   interrupts?: any[]}} State
 * @typedef {{id?: string, msg?: string, tool?: string, state?: string, args: string, output: any[], result?: any,
 *   asked_at?: number, started_at?: number, ended_at?: number}} Call
 */

import { rememberView } from "./part_text.js";

/** The view that each operation belongs to: a panel is painted when one of its views has changed. */
const VIEW_OF = {
  run: "run",
  clock: "run",
  over: "run",
  msg: "text",
  text: "text",
  think: "text",
  whole: "text",
  drop: "text",
  end: "text",
  answer: "answer",
  branch: "branches",
  turn: "arrival",
  span: "spans",
  own: "spans",
  lane: "lanes",
  step: "steps",
  bar: "steps",
  fig: "figures",
  state: "states",
  upd: "updates",
  task: "tasks",
  ckpt: "checkpoints",
  trace: "trace",
  call: "calls",
  arg: "calls",
  out: "calls",
  ns: "namespaces",
  active: "active",
  finished: "active",
  seen: "active",
  kind: "kinds",
  rows: "rows",
  raw: "raw",
  fault: "faults",
};

export class View {
  constructor() {
    /** @type {Record<string, number>} How often each view has changed. */
    this.versions = Object.fromEntries(Object.values(VIEW_OF).map((view) => [view, 0]));
    /** Grows with each new start from nothing, so that panels forget what they have drawn. */
    this.edition = 0;
    /** @type {import("./part_text.js").FetchPart | null} How the whole of a raw part comes; there may be no server. */
    this.fetchPart = null;
    this.clear();
  }

  /** Back to nothing: a snapshot follows. */
  clear() {
    this.edition++;
    for (const view of Object.keys(this.versions)) this.versions[view]++;
    rowBases.delete(this);
    /** @type {Record<string, any>} */
    this.run = {};
    /** @type {number | null} */
    this.time = null;
    this.timeReceivedAt = 0;
    this.held = false;
    this.over = false;
    /** @type {Map<string, Message>} */
    this.messages = new Map();
    /** @type {Map<string, Span>} */
    this.spans = new Map();
    this.answer = "";
    /** @type {Map<string, Span>} */
    this.ownSpans = new Map();
    /** @type {Map<string, Map<number, [number, number]>>} Events and bytes of a mode in each bin. */
    this.lanes = new Map();
    /** @type {any[]} */
    this.steps = [];
    /** @type {{fraction?: number | null, status?: string} | null} */
    this.bar = null;
    /** @type {Record<string, number | string | null>} */
    this.figures = {};
    /** @type {[string, number][]} Which message was written from which offset on, in order of arrival. */
    this.turns = [];
    /** @type {Map<string, any>} */
    this.branches = new Map();
    /** @type {Map<string, any>} */
    this.kinds = new Map();
    /** @type {Map<string, {rows: any[], complete: boolean}>} */
    this.tables = new Map();
    /** @type {Map<string, State[]>} */
    this.states = new Map();
    /** @type {any[]} */
    this.updates = [];
    /** @type {any[]} */
    this.tasks = [];
    /** @type {any[]} */
    this.checkpoints = [];
    /** @type {any[]} */
    this.trace = [];
    /** @type {Map<string, Call>} */
    this.calls = new Map();
    /** @type {Map<string, any>} */
    this.namespaces = new Map();
    /** @type {string[]} */
    this.active = [];
    /** @type {string[]} */
    this.finished = [];
    /** @type {{nodes: string[], unsure: boolean}} */
    this.seen = { nodes: [], unsure: false };
    /** @type {any[][]} */
    this.raw = [];
    /** @type {any[]} */
    this.faults = [];
  }

  /** @param {Patch[]} patches */
  apply(patches) {
    for (const [op, ...values] of patches) {
      const view = VIEW_OF[op];
      if (view === undefined) continue;
      APPLY[op](this, ...values);
      this.versions[view]++;
    }
  }

  /** The names of the views that any patch has changed. */
  filled() {
    return Object.keys(this.versions).filter((name) => this.versions[name] > 1);
  }

  /** The run's time in seconds at this moment, which goes on between two patches while the run goes on. */
  now() {
    if (this.time === null) return 0;
    return this.over || this.held ? this.time : this.time + (performance.now() - this.timeReceivedAt) / 1000;
  }

  /**
   * Stop the run's time here: a playback moves it.
   * @param {number} t
   */
  hold(t) {
    this.held = true;
    this.time = this.over ? (this.run.ended_at ?? t) : t;
  }

  /** @param {number | null | undefined} t */
  sawTime(t) {
    if (typeof t !== "number" || (this.time !== null && t < this.time)) return;
    this.time = t;
    this.timeReceivedAt = performance.now();
  }
}

/** @type {Record<string, (view: View, ...values: any[]) => void>} */
const APPLY = {
  run: (view, fields) => Object.assign(view.run, fields),
  clock: (view, t) => view.sawTime(t),
  over: (view) => {
    view.over = true;
    view.time = view.run.ended_at ?? view.time;
  },
  msg: (view, id, fields) => {
    const blank = { key: id, text: "", reasoning: "", edition: 0, ended: false, cut: false };
    view.messages.set(id, Object.assign(view.messages.get(id) ?? blank, fields));
  },
  text: (view, id, text, t) => {
    const found = view.messages.get(id);
    if (found) found.text += text;
    view.sawTime(t);
  },
  think: (view, id, text, t) => {
    const found = view.messages.get(id);
    if (found) found.reasoning += text;
    view.sawTime(t);
  },
  whole: (view, id, text, t) => {
    const found = view.messages.get(id);
    if (found) Object.assign(found, { text, edition: found.edition + 1 });
    view.sawTime(t);
  },
  drop: (view, id) => {
    view.messages.delete(id);
    view.turns = view.turns.filter((turn) => turn[0] !== id);
    for (const [key, call] of view.calls) {
      if (call.msg !== id) continue;
      view.calls.delete(key);
      view.versions.calls++;
    }
  },
  end: (view, id, { cut, how, note }) => {
    const found = view.messages.get(id);
    if (found) Object.assign(found, { ended: true, cut, how, note });
  },
  answer: (view, text, t) => {
    view.answer = text;
    view.sawTime(t);
  },
  branch: (view, id, fields) => merge(view.branches, id, fields),
  turn: (view, turns) => view.turns.push(...turns),
  span: (view, id, fields) => merge(view.spans, id, fields),
  own: (view, name, fields) => merge(view.ownSpans, name, fields),
  lane: (view, mode, bins) => {
    const lane = view.lanes.get(mode) ?? new Map();
    for (const [bin, events, size] of bins) lane.set(bin, [events, size]);
    view.lanes.set(mode, lane);
  },
  step: (view, step) => {
    view.steps.push(step);
    view.sawTime(step.t);
  },
  bar: (view, bar) => {
    view.bar = { ...view.bar, ...bar };
  },
  fig: (view, figures) => Object.assign(view.figures, figures),
  state: (view, ns, step, change, t, size) => {
    const states = view.states.get(ns) ?? [];
    states.push({ changed: {}, removed: [], ...change, step, t, size });
    view.states.set(ns, states);
  },
  upd: (view, update) => view.updates.push(update),
  task: (view, task) => view.tasks.push(task),
  ckpt: (view, checkpoint) => view.checkpoints.push(checkpoint),
  trace: (view, row) => view.trace.push(row),
  call: (view, id, fields) => merge(view.calls, id, fields, { args: "", output: [] }),
  arg: (view, id, text) => {
    const found = view.calls.get(id);
    if (found) found.args += text;
  },
  out: (view, id, value) => view.calls.get(id)?.output.push(value),
  ns: (view, path, fields) => view.namespaces.set(path, { path, ...fields }),
  active: (view, nodes) => {
    view.active = nodes;
  },
  finished: (view, nodes) => {
    view.finished = nodes;
  },
  seen: (view, seen) => {
    view.seen = seen;
  },
  kind: (view, name, fields) => merge(view.kinds, name, fields, { name }),
  rows: (view, tag, keep, rows, complete) => {
    const before = view.tables.get(tag)?.rows ?? [];
    view.tables.set(tag, { rows: [...before.slice(0, keep), ...rows], complete });
  },
  raw: (view, rows) => {
    for (const [index, row] of rows.entries()) {
      // It stays the same row, and whole, when a recording comes here again.
      if (row.length === 5) rows[index] = wholeRow(view, row);
      view.raw.push(rows[index]);
      rememberView(row, view);
    }
  },
  fault: (view, fault) => view.faults.push(fault),
};

function merge(map, key, fields, blank = {}) {
  map.set(key, { ...blank, ...map.get(key), ...fields });
}

/** @type {WeakMap<View, Map<number, RowBase>>} What rows in short refer to; found again when it is missing. */
const rowBases = new WeakMap();

/** @typedef {{row: any[], before: string, after: string}} RowBase */

/** The whole row of a row in short, which is like an earlier one with another text. @param {View} view */
function wholeRow(view, [seq, t, text, size, base]) {
  const bases = rowBases.get(view) ?? new Map();
  rowBases.set(view, bases);
  const { row, before, after } = bases.get(base) ?? rowBase(view.raw, base);
  bases.set(base, { row, before, after });
  return [seq, t, row[2], row[3], row[4], text, size, before + JSON.stringify(text) + after];
}

/** The row with this seq, and its JSON before and after the text. @returns {RowBase} */
function rowBase(rows, seq) {
  const row = rows.findLast((one) => one[0] === seq) ?? [seq, 0, "", "", "", "", 0, ""];
  const text = JSON.stringify(row[5]);
  const at = row[7].indexOf(`"content":${text}`) + '"content":'.length;
  return { row, before: row[7].slice(0, at), after: row[7].slice(at + text.length) };
}
