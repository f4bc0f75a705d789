/** One run of a player, or the place of the next one: its panels, and the feed or the recording that they draw. */

import { Announcer } from "./announce.js";
import { hide, make, writeText } from "./dom.js";
import { tellLost } from "./lost_link.js";
import { Slot } from "./slot.js";
import { socketTo } from "./socket.js";
import { View } from "./view.js";

/**
 * @typedef {import("./player.js").Frame} Frame
 * @typedef {import("./player.js").Options} Options
 * @typedef {import("./player.js").PanelSpec} PanelSpec
 * @typedef {import("./playback.js").Playback} Playback
 * @typedef {import("./socket.js").Feed} Feed
 */

export class Column {
  /** @param {import("./player.js").Player} player @param {number} index */
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
    /** The run whose place this one took before the page's script told of it. @type {string | null | undefined} */
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
      // Where there was no run, it is that of the next one.
      expected: this.replaced ? null : expected?.[this.index],
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
