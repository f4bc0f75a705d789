/** The modes of a run with how much each has sent; a mode that just delivered lights up, and its line in the page's code. */

import { make, writeText } from "../dom.js";
import { count } from "../format.js";

const LIT_MS = 400;
const HIGHLIGHT = "sl-delivered";

export class Delivered {
  static views = ["lanes"];

  /** @param {{lines?: Record<string, string>, code?: string, colours: Record<string, string>}} settings The line of each
   *   mode in what `code` selects. */
  constructor({ lines = {}, code = ".st-key-code code", colours }) {
    this.code = code;
    /** @type {WeakSet<Element>} Code that has no marks: one costs something in each frame in which anything of the page changes. */
    this.outOfSight = new WeakSet();
    this.sighted = new IntersectionObserver((entries) => this._sight(entries));
    this.element = make("div");
    this.modes = Object.entries(lines).map(([mode, line]) => {
      const chip = make("span", "sl-dotted sl-delivery", mode);
      const total = make("span", "sl-note", "0");
      chip.style.setProperty("--sl-dot", colours[mode] ?? "gray");
      chip.append(" ", total);
      this.element.append(chip);
      return { mode, line, chip, total, sent: 0, timer: 0, ranges: new Map() };
    });
    this.reset();
  }

  reset() {
    for (const one of this.modes) {
      this._darken(one);
      one.sent = -1;
    }
  }

  /** @param {import("../view.js").View} view */
  paint(view) {
    for (const one of this.modes) {
      let sent = 0;
      for (const [events] of view.lanes.get(one.mode)?.values() ?? []) sent += events;
      // What a picture begins with was delivered before.
      if (sent > one.sent && one.sent >= 0) this._light(one);
      one.sent = sent;
      writeText(one.total, count(sent));
    }
  }

  /** While parts follow each other nothing changes but the end of the light. */
  _light(one) {
    clearTimeout(one.timer);
    one.timer = setTimeout(() => this._darken(one), LIT_MS);
    one.chip.classList.add("sl-lit");
    const [first] = one.ranges.values();
    if (first?.startContainer.isConnected) return;
    // Streamlit draws the code after the first parts, and again in later script runs.
    this._unmark(one);
    for (const code of document.querySelectorAll(this.code)) {
      const range = rangeOf(code, one.line);
      if (range === null) continue;
      one.ranges.set(code, range);
      this.sighted.observe(code);
    }
    this._mark(one);
  }

  /** @param {IntersectionObserverEntry[]} entries */
  _sight(entries) {
    for (const { target, isIntersecting } of entries) this.outOfSight[isIntersecting ? "delete" : "add"](target);
    for (const one of this.modes) this._mark(one);
  }

  _mark(one) {
    const shared = highlight();
    for (const [code, range] of one.ranges) shared?.[this.outOfSight.has(code) ? "delete" : "add"](range);
  }

  _unmark(one) {
    for (const range of one.ranges.values()) highlight()?.delete(range);
    one.ranges.clear();
  }

  _darken(one) {
    clearTimeout(one.timer);
    one.chip.classList.remove("sl-lit");
    this._unmark(one);
  }

  destroy() {
    this.reset();
    this.sighted.disconnect();
  }
}

/** Marks of text that need no element, so that what Streamlit has drawn stays its own. @returns {Set<Range> | undefined} */
function highlight() {
  const marks = /** @type {any} */ (CSS).highlights;
  if (marks && !marks.has(HIGHLIGHT)) marks.set(HIGHLIGHT, new /** @type {any} */ (window).Highlight());
  return marks?.get(HIGHLIGHT);
}

/** @param {Element} code @param {string} line @returns {Range | null} Where the line is. */
function rangeOf(code, line) {
  const start = code.textContent.indexOf(line);
  if (start < 0) return null;
  const range = new Range();
  const texts = document.createTreeWalker(code, NodeFilter.SHOW_TEXT);
  for (let at = 0; texts.nextNode(); ) {
    const { data } = /** @type {Text} */ (texts.currentNode);
    const [from, to] = [start - at, start + line.length - at];
    if (from >= 0 && from < data.length) range.setStart(texts.currentNode, from);
    if (to > 0 && to <= data.length) range.setEnd(texts.currentNode, to);
    at += data.length;
  }
  return range;
}
