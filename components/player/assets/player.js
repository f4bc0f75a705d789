/**
 * Draws runs: one column of panels for each of them, painted once a frame, and each panel only if its views have changed.
 */

import { Column } from "./column.js";
import { doNotPaint, paintInNextFrame, paintsBeside, restOfBeside } from "./frames.js";
import { warmUp } from "./markdown.js";
import { tellStreaming } from "./page_state.js";
import { socketTo } from "./socket.js";

/**
 * @typedef {import("./view.js").View} View
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

  /** The runs of the page; where it has none, the one that took the place of none. */
  _reported() {
    const { runs = [], next_run = "" } = this.options ?? {};
    return !runs.length && next_run && this.columns[0].runId === next_run ? [next_run] : runs;
  }

  /** Tell once that all runs have ended. */
  _reportEnd() {
    const runs = this._reported();
    const columns = this.columns.slice(0, runs.length);
    if (!columns.length || !columns.every((column) => column.ended())) return;
    const key = runs.join(" ");
    if (key === this.endReported) return;
    this.endReported = key;
    this.options?.onEnded?.(Object.fromEntries(columns.map((column) => [column.runId, column.word()])));
  }
}
