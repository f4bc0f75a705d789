/**
 * Draws runs: one column of panels for each of them, painted once a frame, and each panel only if its views have changed.
 */

import { Announcer } from "./announce.js";
import { hide, make, writeText } from "./dom.js";
import { doNotPaint, paintInNextFrame, paintsBeside, restOfBeside } from "./frames.js";
import { tellLost } from "./lost_link.js";
import { warmUp } from "./markdown.js";
import { tellStreaming } from "./page_state.js";
import { PANELS } from "./panels/index.js";
import { socketTo } from "./socket.js";
import { View } from "./view.js";

/**
 * @typedef {import("./socket.js").Feed} Feed
 * @typedef {{seconds: number, basis: string}} Expected When the first text of a run is expected, since its submission.
 * @typedef {{runs: string[], panels: PanelSpec[], labels?: string[], colours?: Record<string, string>, socket?: string,
 *   playbacks?: Playback[], one_at_a_time?: boolean, idle?: string, expected?: (Expected | null)[], next_run?: string,
 *   onEnded?: (runs: Record<string, string>) => void}} Options `playbacks` are
 *   recorded runs that are drawn as they are, instead of `runs`, over an axis as long as the longest. `next_run` takes
 *   the place of a single run when it starts.
 * @typedef {import("./playback.js").Playback} Playback
 * @typedef {string | ({panel: string} & Record<string, any>)} PanelSpec
 * @typedef {{element: HTMLElement, paint: (view: View, frame: Frame) => void, late?: boolean, rest?: number,
 *   destroy?: () => void}} Panel `rest` is the shortest time in milliseconds between two paintings while a run goes on.
 * @typedef {{now: number, link: string, axis: number, idle: string, playback?: Playback | null,
 *   followed?: boolean, expected?: Expected | null}} Frame `followed` is a run whose server may not have answered yet.
 */

const TICK_MS = 100;
const CALM_TICK_MS = 1_000;

export class Player {
  /** @param {HTMLElement} element */
  constructor(element) {
    this.element = element;
    element.classList.add("sl-player");
    /** @type {Column[]} */
    this.columns = [];
    this.shape = "";
    this.paint = () => this._paint();
    this.tick = 0;
    this.rest = 0;
    this.endReported = "";
    setTimeout(warmUp);
    this.calm = matchMedia("(prefers-reduced-motion: reduce)");
  }

  /**
   * Show these runs; what has not changed since the last call stays as it is.
   * @param {Options} options
   */
  show(options) {
    this.options = options;
    const wanted = options.playbacks?.length ?? Math.max(options.runs.length, options.labels?.length ?? 0, 1);
    const shape = JSON.stringify([wanted, options.panels, options.colours, options.labels, options.one_at_a_time]);
    if (shape !== this.shape) this._build(shape, wanted);
    if (options.socket) socketTo(options.socket).open();
    for (const [index, column] of this.columns.entries()) {
      column.follow(options.runs[index] ?? null, options);
      column.followAhead(this.columns.length === 1 ? (options.next_run ?? "") : "", options);
      column.play(options.playbacks?.[index] ?? null);
    }
    tellStreaming(this, this.columns.some((column) => column.goesOn()));
    this._schedule({ now: true });
  }

  /**
   * Apply patches to a run's view without a server: for replay, an exported page and tests.
   * @param {any[]} patches
   * @param {number} [index] Which of the runs.
   */
  feed(patches, index = 0) {
    this.columns[index].local().apply(patches);
    this._schedule({ now: true });
  }

  /** Forget what was fed. @param {number} [index] */
  clear(index = 0) {
    this.columns[index].local().clear();
    this._schedule({ now: true });
  }

  destroy() {
    doNotPaint(this.paint);
    clearTimeout(this.tick);
    clearTimeout(this.rest);
    tellStreaming(this, false);
    for (const column of this.columns) column.destroy();
    this.columns = [];
  }

  _build(shape, wanted) {
    for (const column of this.columns) column.destroy();
    this.shape = shape;
    this.columns = Array.from({ length: wanted }, (_, index) => new Column(this, index));
    const one = Boolean(this.options.one_at_a_time);
    this.element.classList.toggle("sl-one-at-a-time", one);
    this.element.classList.toggle("sl-side-by-side", wanted > 1 && !one);
    this.element.style.setProperty("--sl-columns", String(one ? 1 : wanted));
    // Of runs that are shown one at a time the others would move the page until the first paint.
    this.element.replaceChildren(...this.columns.slice(0, one ? 1 : wanted).map((column) => column.element));
  }

  /** Paint with the next frame, however much arrives until then; what is beside the text is painted less often. */
  _schedule({ now = false } = {}) {
    // A hidden tab gets no animation frames, but has to report the end.
    if (document.hidden) this._reportEnd();
    else for (const column of this.columns) column.write(this.options ?? {});
    if (this.rest) return;
    const rest = now || this._hurries() ? 0 : restOfBeside();
    if (rest <= 0) paintInNextFrame(this.paint);
    else this.rest = setTimeout(() => this._paintBeside(), rest);
  }

  _paintBeside() {
    this.rest = 0;
    paintInNextFrame(this.paint);
  }

  /** Whether each frame counts: for text, for a recording that is moved, and at the end. */
  _hurries() {
    return this.columns.some((column) => column.urgent || column.playback || column.ended());
  }

  _paint() {
    if (!this._hurries()) paintsBeside();
    const axis = Math.max(0, ...this.columns.map((column) => column.playback?.duration ?? column.view.now()));
    for (const column of this.columns) column.paint(axis, this.options ?? {});
    if (this.options?.one_at_a_time) this._showOne();
    this._reportEnd();
    clearTimeout(this.tick);
    if (this.columns.some((column) => column.late())) this._schedule();
    tellStreaming(this, this.columns.some((column) => column.goesOn()));
    if (this.columns.some((column) => column.running())) {
      this.tick = setTimeout(() => this._schedule(), this.calm.matches ? CALM_TICK_MS : TICK_MS);
    }
  }

  /** The first run that has not ended; of ended ones the first that did not complete. */
  _showOne() {
    const wanted = (column) => column.word() !== "Completed";
    const shown = this.columns.find((column) => !column.ended()) ?? this.columns.find(wanted) ?? this.columns.at(-1);
    // What is hidden would still be found by its text.
    if (this.element.childElementCount > 1 || !shown.element.isConnected) this.element.replaceChildren(shown.element);
  }

  /** Tell once that all runs have ended. */
  _reportEnd() {
    const runs = this.options?.runs ?? [];
    const columns = this.columns.slice(0, runs.length);
    if (!columns.length || !columns.every((column) => column.ended())) return;
    const key = runs.join(" ");
    if (key === this.endReported) return;
    this.endReported = key;
    this.options?.onEnded?.(Object.fromEntries(columns.map((column) => [column.runId, column.word()])));
  }
}

/** The panels of one run. */
class Column {
  /** @param {Player} player @param {number} index */
  constructor(player, index) {
    this.player = player;
    this.index = index;
    /** @type {string | null} */
    this.runId = null;
    /** @type {Feed | null} */
    this.feed = null;
    /** @type {Playback | null} */
    this.playback = null;
    this.view = new View();
    this.element = make("section", "sl-column");
    const label = player.options.labels?.[index];
    if (label) this.element.append(make("h4", "sl-column-label", label));
    this.link = make("div", "sl-link");
    this.link.setAttribute("role", "status");
    this.link.hidden = true;
    this.teller = { element: this.element, rank: rankOf(player.options.panels), tell: (on) => this._tellLost(on) };
    this.tellsLost = false;
    this.announcer = new Announcer(label);
    /** The next run, until it has started. */
    this.nextRun = "";
    /** The run in whose place the present one came before the page's script told of it. @type {string | null | undefined} */
    this.replaced = undefined;
    this.started = () => this._showNext();
    this.panels = player.options.panels.map((spec) => new Slot(spec, player.options));
    this.urgent = this.panels.some(({ urgent }) => urgent);
    this.element.append(this.link, ...this.panels.map((panel) => panel.element));
    this.listener = () => player._schedule();
  }

  /** @param {string | null} runId @param {Options} options */
  follow(runId, options) {
    if (runId === this.replaced) return;
    this.replaced = undefined;
    if (runId === this.runId) return;
    this._take(runId, options);
  }

  _take(runId, options) {
    this._leave();
    this.runId = runId;
    this.view = new View();
    this.announcer.reset(runId);
    if (runId === null || !options.socket) return;
    this.socket = socketTo(options.socket);
    this.feed = this.socket.follow(runId, this._views(), this.listener);
    this.view = this.feed.view;
  }

  /** Follow the run that will take this one's place. @param {string} runId @param {Options} options */
  followAhead(runId, options) {
    if (runId === this.nextRun || runId === this.runId) return;
    this._forgetNext();
    this.nextRun = runId;
    if (!runId || !options.socket) return;
    this.socket = socketTo(options.socket);
    this.next = this.socket.follow(runId, this._views(), this.started, true);
  }

  /** Show the next run, if it has started. */
  _showNext() {
    if (!this.next || this.next.ahead) return;
    const runId = this.nextRun;
    this.replaced = this.runId;
    // The feed stays, because it has this follower before it loses the other.
    this._take(runId, this.player.options);
    this._forgetNext();
    this.player._schedule({ now: true });
  }

  _forgetNext() {
    if (this.next) this.socket.leave(this.nextRun, this.started);
    this.nextRun = "";
    this.next = undefined;
  }

  _views() {
    return this.panels.flatMap((panel) => panel.views);
  }

  /** Draw a recorded run whenever it is moved. @param {Playback | null} playback */
  play(playback) {
    if (playback === this.playback) return;
    this.playback?.listeners.delete(this.listener);
    this.playback = playback;
    playback?.listeners.add(this.listener);
    this.view = playback?.view ?? new View();
    this.announcer.reset();
  }

  /** The view of what is fed here. */
  local() {
    return this.view;
  }

  paint(axis, options) {
    const frame = this._frame(axis, options);
    this._paintLink(frame.link);
    for (const panel of this.panels) panel.paint(this.view, frame);
    // The listener moves a recording, and gets its time.
    if (!this.playback) this.announcer.paint(this.view);
  }

  /** @param {number} axis @param {Partial<Options>} options @returns {Frame} */
  _frame(axis, { idle = "", expected }) {
    return {
      now: this.view.now(),
      axis,
      link: this.feed?.link ?? "open",
      idle: this.runId === null ? idle : "",
      playback: this.playback,
      followed: this.feed !== null,
      expected: this.replaced === undefined ? expected?.[this.index] : null,
    };
  }

  /**
   * Put new text into the page at once, so that it is there for the next frame of the browser: in a tab behind others
   * frames are a second apart. A recording may be moved many times before that frame.
   * @param {Partial<Options>} options
   */
  write(options) {
    if (!this.playback) for (const panel of this.panels) panel.write(this.view, () => this._frame(0, options));
  }

  _paintLink(link) {
    tellLost(this.teller, link === "lost" && !this.view.over);
    this._writeLink();
  }

  /** @param {boolean} on Whether this column is the one that tells that the connection is lost. */
  _tellLost(on) {
    this.tellsLost = on;
    this._writeLink();
  }

  _writeLink() {
    const lost = this.tellsLost ? "Connection lost. Reconnecting…" : "";
    const error = this.feed && !this.view.over ? this.socket.error : "";
    const text = this.feed?.gone ?? [error, lost].filter(Boolean).join(" ");
    writeText(this.link, text);
    hide(this.link, !text);
  }

  running() {
    return !this.view.over && !this.view.held && this.view.time !== null;
  }

  /** Whether its run may still change what is on screen, also before anything of it has arrived. */
  goesOn() {
    return this.running() || (this.feed !== null && !this.ended());
  }

  /** Whether a panel left something for a later frame. */
  late() {
    return this.panels.some((panel) => panel.late);
  }

  ended() {
    return this.view.over || Boolean(this.feed?.gone);
  }

  word() {
    return this.view.run.status ?? "";
  }

  _leave() {
    if (this.runId !== null && this.socket) this.socket.leave(this.runId, this.listener);
    this.feed = null;
    tellLost(this.teller, false);
  }

  destroy() {
    this._leave();
    this._forgetNext();
    this.play(null);
    for (const panel of this.panels) panel.destroy();
    this.announcer.destroy();
  }
}

/** How well a column with these panels can tell of the connection: best where notices are. @param {PanelSpec[]} panels */
function rankOf(panels) {
  const states = panels.map((spec) => (typeof spec === "string" ? { panel: spec } : spec)).filter(({ panel }) => panel === "status");
  if (!states.length) return 2;
  return states.some(({ parts }) => !parts || parts.includes("notice")) ? 0 : 1;
}

/** A panel with what it needs to know whether it has to be painted. */
class Slot {
  /** @param {PanelSpec} spec @param {Options} options */
  constructor(spec, options) {
    const { panel: name, ...settings } = typeof spec === "string" ? { panel: spec } : spec;
    const kind = PANELS[name];
    this.name = name;
    if (kind === undefined) throw new Error(`There is no panel named ${name}.`);
    this.views = kind.views;
    this.ticks = kind.ticks ?? false;
    this.urgent = kind.urgent ?? false;
    this.panel = new kind({ colours: options.colours ?? {}, ...settings });
    this.element = this.panel.element;
    this.element.classList.add("sl-panel", `sl-${name}`);
    this.seen = "";
    this.painted = 0;
    this.rests = false;
  }

  /** Whether something is left for a later frame. */
  get late() {
    return this.rests || Boolean(this.panel.late);
  }

  /** Draw the new text of a panel that has text; of a run that it has not shown yet, all of it. @param {View} view */
  write(view, frame) {
    if (!this.panel.write) return;
    if (this.view === view) this.panel.write(view);
    else this.paint(view, frame());
  }

  /** @param {View} view */
  paint(view, frame) {
    // Beside a longer run the axis stays as it is while this one goes on.
    const time = this.ticks ? `${frame.now} ${frame.axis}` : "";
    const seen = [view.edition, frame.idle, time, ...this.views.map((name) => view.versions[name])].join();
    if (this.view === view && seen === this.seen && !this.panel.late) return;
    const goesOn = this.view === view && !view.over && !frame.playback;
    const now = performance.now();
    this.rests = goesOn && now - this.painted < (this.panel.rest ?? 0);
    if (this.rests) return;
    if (this.view !== view) this.panel.reset?.();
    this.view = view;
    this.seen = seen;
    this.painted = now;
    this.panel.paint(view, frame);
  }

  destroy() {
    this.panel.destroy?.();
  }
}
