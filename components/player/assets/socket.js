/**
 * The way from the server to the views: one WebSocket a tab for all runs that are followed on the page.
 *
 * After a cut the socket comes back and asks for what followed the last frame that arrived. A view is shared by all who
 * follow its run, and holds what any of them shows.
 */

import { Reach } from "./reach.js";
import { View } from "./view.js";

const QUIET_MS = 10_000;
const DEAD_MS = 20_000;
/** How long a connection may be silent when the browser has lost its network; a server on the same machine answers. */
const DOUBT_MS = 2_000;
const FIRST_RETRY_MS = 250;
const LONGEST_RETRY_MS = 8_000;
const ASK_AGAIN_MS = 2_000;
/** What the mount of an answer shows, which may come only with the run: more views begin what is drawn anew. */
const OF_ANSWERS = ["answer", "run", "text"];

/**
 * @typedef {{view: View, seq: number, views: Set<string>, listeners: Set<() => void>, link: Link,
 *   gone: string | null, edition: string, askedAt: number, anew?: boolean, ahead?: boolean}} Feed `edition` names the snapshot that Streamlit brought,
 *   `askedAt` is when another was asked for. A feed is `ahead` until its run has started.
 * @typedef {"connecting" | "open" | "lost"} Link
 * @typedef {{run: string, gone: string} | {run: string, edition: string, frames: any[]}} Pulled The newest frames of a run.
 */

export class LiveSocket {
  /** @param {string} url Address of the server's `/api/live`. */
  constructor(url) {
    this.url = url;
    /** @type {Map<string, Feed>} */
    this.feeds = new Map();
    /** Ids of runs by the numbers that the server's frames have instead. @type {Map<number, string>} */
    this.ids = new Map();
    /** @type {WebSocket | null} */
    this.socket = null;
    this.attempts = 0;
    this.heardAt = 0;
    /** What the server last complained about. */
    this.error = "";
    this.retry = 0;
    this.watch = 0;
    this.patience = 0;
    this.edition = 0;
    /** Raw parts that were asked for, by run and number. @type {Map<string, (json: string | null) => void>} */
    this.parts = new Map();
    this.reach = new Reach(url);
    /** What Streamlit brought last; `null` while the frames come by the socket. @type {Map<string, Pulled> | null} */
    this.channel = null;
    for (const event of ["online", "pageshow"]) addEventListener(event, () => this._reconnectNow());
    addEventListener("offline", () => this._doubt());
    document.addEventListener("visibilitychange", () => document.hidden || this._reconnectNow());
  }

  /**
   * Follow a run; `listener` is called when its view or the connection has changed.
   * @param {string} runId
   * @param {Iterable<string>} views
   * @param {() => void} listener
   * @param {boolean} [ahead] Whether the run may not have started.
   * @returns {Feed}
   */
  follow(runId, views, listener, ahead = false) {
    let feed = this.feeds.get(runId);
    if (feed === undefined) {
      const empty = { view: new View(), seq: 0, gone: null, edition: "", askedAt: 0, ahead };
      feed = { ...empty, views: new Set(), listeners: new Set(), link: "connecting" };
      feed.view.fetchPart = (seq) => this._fetchPart(runId, seq);
      this.feeds.set(runId, feed);
    }
    const known = feed.views.size;
    for (const view of ahead ? [...views, ...OF_ANSWERS] : views) feed.views.add(view);
    const started = Boolean(feed.ahead) && !ahead;
    if (started) feed.ahead = false;
    const more = started || feed.views.size > known || feed.listeners.size === 0;
    feed.listeners.add(listener);
    if (this.channel) {
      feed.link = "open";
      setTimeout(() => this._takePulled());
    } else if (this.socket?.readyState === WebSocket.OPEN) {
      feed.link = "open";
      if (more) this._ask(runId, feed);
    } else this.open();
    return feed;
  }

  /** Connect, if there is no connection: a page does so before its first run. */
  open() {
    if (this.socket === null && this.channel === null) this._connect();
  }

  /**
   * Stop following a run; the last listener's leaving frees its view.
   * @param {string} runId
   * @param {() => void} listener
   */
  leave(runId, listener) {
    const feed = this.feeds.get(runId);
    if (!feed?.listeners.delete(listener) || feed.listeners.size) return;
    this.feeds.delete(runId);
    this._send({ leave: runId });
  }

  /**
   * Take frames from Streamlit, or from the socket. A page that changes still draws mounts of an older edition.
   * @param {boolean} [fed]
   * @param {number} [edition]
   */
  use(fed = false, edition = 0) {
    if (edition < this.edition) return;
    this.edition = edition;
    if (fed) this.useChannel();
    else this.useSocket();
  }

  /** Take frames from Streamlit from now on. */
  useChannel() {
    if (this.channel) return;
    this.channel = new Map();
    clearTimeout(this.retry);
    this._close();
    this.reach.watch();
    this._setLink("open");
  }

  /** Connect again, and begin each view that is not complete anew: Streamlit brought only the newest raw rows. */
  useSocket() {
    if (!this.channel) return;
    this.channel = null;
    clearTimeout(this.asking);
    this.reach.stopWatching();
    for (const feed of this.feeds.values()) {
      if (!pending(feed)) continue;
      // What is drawn stays until the first frame comes.
      Object.assign(feed, { seq: 0, edition: "", anew: true });
    }
    this._connect();
  }

  /**
   * @param {Pulled[]} runs
   * @param {(runs: string[]) => void} ask Called with the runs that need a snapshot.
   */
  takeChannel(runs, ask) {
    if (this.channel === null) return;
    this.channel = new Map(runs.map((pulled) => [pulled.run, pulled]));
    this.askChannel = ask;
    this._takePulled();
  }

  /** Apply what continues each view; frames come several times, so that a lost one does no harm. */
  _takePulled() {
    clearTimeout(this.asking);
    if (this.channel === null) return;
    const missing = [];
    for (const [runId, pulled] of this.channel) {
      const feed = this.feeds.get(runId);
      if (feed === undefined) continue;
      if ("gone" in pulled) feed.gone = pulled.gone;
      else if (!takeFrames(feed, pulled)) missing.push([runId, feed]);
      for (const listener of [...feed.listeners]) listener();
    }
    if (!missing.length) return;
    // The question may be lost as well.
    this.asking = setTimeout(() => this._takePulled(), ASK_AGAIN_MS);
    const unasked = missing.filter(([, feed]) => performance.now() - feed.askedAt >= ASK_AGAIN_MS);
    for (const [, feed] of unasked) feed.askedAt = performance.now();
    if (unasked.length) this.askChannel?.(unasked.map(([runId]) => runId));
  }

  /** Whether any run is followed that is not over. */
  _wanted() {
    return [...this.feeds.values()].some((feed) => pending(feed) && !feed.ahead);
  }

  _connect() {
    clearTimeout(this.retry);
    const socket = (this.socket = new WebSocket(this.url));
    const current = () => this.socket === socket;
    // A proxy may open the socket, and send nothing over it.
    this.patience = setTimeout(() => this._lost(true), this.reach.patience());
    socket.onopen = () => {
      if (!current()) return;
      this.ids.clear();
      this.heardAt = performance.now();
      this.watch = setInterval(() => this._check(), QUIET_MS / 4);
      this._setLink("open");
      this._send({ ping: this.heardAt });
      for (const [runId, feed] of this.feeds) if (pending(feed)) this._ask(runId, feed);
    };
    socket.onmessage = ({ data }) => current() && this._take(JSON.parse(data));
    socket.onclose = () => current() && this._lost();
  }

  _ask(runId, feed) {
    const raw = feed.seq && feed.view.raw.length ? { raw: feed.view.raw.at(-1)[0] + 1 } : {};
    const ahead = feed.ahead ? { ahead: true } : {};
    this._send({ follow: runId, since: feed.seq, views: [...feed.views].sort(), ...raw, ...ahead });
  }

  /** The whole of a raw part; `null` where there is no connection. @returns {Promise<string | null>} */
  _fetchPart(runId, seq) {
    if (this.socket?.readyState !== WebSocket.OPEN) return Promise.resolve(null);
    this._send({ part: runId, seq });
    return new Promise((resolve) => this.parts.set(`${runId} ${seq}`, resolve));
  }

  /** @param {object} message */
  _send(message) {
    if (this.socket?.readyState === WebSocket.OPEN) this.socket.send(JSON.stringify(message));
  }

  /** @param {any} message */
  _take(message) {
    this.heardAt = performance.now();
    clearTimeout(this.patience);
    this.reach.answered();
    if (message.error !== undefined) this.error = message.error;
    if (message.part !== undefined) {
      this.parts.get(`${message.run} ${message.part}`)?.(message.json);
      this.parts.delete(`${message.run} ${message.part}`);
      return;
    }
    if (message.as !== undefined) this.ids.set(message.as, message.run);
    const runId = this.ids.get(message.run) ?? message.run;
    const feed = this.feeds.get(runId);
    if (feed === undefined) return;
    if (message.gone !== undefined) feed.gone = message.gone;
    else if (!this._fits(message, feed, runId)) return;
    this.error = "";
    this.attempts = 0;
    if (message.snapshot || feed.anew) feed.view.clear();
    feed.anew = feed.ahead = false;
    if (message.p) feed.view.apply(message.p);
    feed.seq = message.seq ?? feed.seq;
    feed.view.sawTime(message.t);
    for (const listener of [...feed.listeners]) listener();
  }

  /** Whether a frame continues what is known; if there is a gap, the server is asked for what is missing. */
  _fits({ snapshot, seq, from = seq - 1 }, feed, runId) {
    if (snapshot || from === feed.seq) return true;
    if (seq > feed.seq) this._ask(runId, feed);
    return false;
  }

  _check() {
    const quiet = performance.now() - this.heardAt;
    if (quiet > DEAD_MS) this._lost();
    else if (quiet > QUIET_MS) this._send({ ping: performance.now() });
  }

  /** Take the connection for lost, unless it answers soon. */
  _doubt() {
    const { socket, heardAt } = this;
    this._send({ ping: performance.now() });
    setTimeout(() => socket && this.socket === socket && this.heardAt === heardAt && this._lost(), DOUBT_MS);
  }

  _lost(silent = false) {
    this._close();
    this.reach.failed(silent);
    // Before a run the page finds out whether the socket works.
    if (!this._wanted() && (this.reach.proven || this.reach.hopeless())) return;
    this._setLink("lost");
    const wait = Math.min(LONGEST_RETRY_MS, FIRST_RETRY_MS * 2 ** this.attempts++);
    this.retry = setTimeout(() => this.open(), wait * (0.5 + Math.random() / 2));
  }

  _close() {
    clearInterval(this.watch);
    clearTimeout(this.patience);
    for (const resolve of this.parts.values()) resolve(null);
    this.parts.clear();
    const socket = this.socket;
    this.socket = null;
    socket?.close();
  }

  /** Try at once: the network or the tab is back. */
  _reconnectNow() {
    if (this.channel) this.reach.probe();
    else if (this.socket === null && this._wanted()) this.open();
    else this._send({ ping: performance.now() });
  }

  /** @param {Link} link */
  _setLink(link) {
    for (const feed of this.feeds.values()) {
      feed.link = link;
      for (const listener of feed.listeners) listener();
    }
  }
}

/** Whether the feed has all of these frames now. @param {Feed} feed @param {{edition: string, frames: any[]}} pulled */
function takeFrames(feed, { edition, frames }) {
  for (const frame of frames) {
    const fits = frame.snapshot ? feed.edition !== edition : feed.edition === edition && frame.from === feed.seq;
    if (!fits) continue;
    if (frame.snapshot) feed.view.clear();
    feed.edition = edition;
    feed.view.apply(frame.p);
    feed.seq = frame.seq;
    feed.view.sawTime(frame.t);
  }
  return feed.edition === edition && feed.seq === frames.at(-1).seq;
}

/** Whether more may come for a feed. @param {Feed} feed */
const pending = (feed) => !feed.view.over && feed.gone === null;

/** @type {Map<string, LiveSocket>} */
const sockets = new Map();

/**
 * The tab's socket to an address.
 * @param {string} url
 */
export function socketTo(url) {
  if (!sockets.has(url)) sockets.set(url, new LiveSocket(url));
  return sockets.get(url);
}

/** The socket's address below the app's. @param {string} base */
export function socketAddress(base) {
  const address = new URL("api/live", base);
  address.protocol = address.protocol.replace("http", "ws");
  return address.href;
}
