/**
 * A list of any length of which the last items are drawn; earlier ones come as the reader scrolls up, or by a button. It
 * moves forward and back: only what differs is drawn.
 */

import { hide, make, patchRange, writeText } from "../dom.js";
import { count } from "../format.js";
import { whenPainted } from "../frames.js";
import { StickToEnd } from "../stick_to_end.js";

/** More than are in sight. */
const MOST_DRAWN = 40;
/** A recording that is moved by more than this shows its end again. */
const FAR = 10 * MOST_DRAWN;
const NEAR_PX = 100;

export class TailList {
  /**
   * @param {{height: number, label: string, idle?: string, look: string, role?: string, node: (item: any) => any,
   *   same?: (one: any, other: any) => boolean, grown?: (one: any, other: any) => boolean}} settings `look` is a class,
   *   `idle` the text of a list without items; `role` is that of the list in its scroller; an item that has `grown` is
   *   drawn where it is, another one in place of it anew.
   */
  constructor({ height, label, idle = "", look, role = "presentation", node, same = Object.is, grown = () => false }) {
    this.node = node;
    this.same = same;
    this.grown = grown;
    this.scroller = make("div", `sl-scroller ${look}`);
    this.scroller.style.height = `${height}px`;
    this.scroller.tabIndex = 0;
    this.scroller.setAttribute("role", "region");
    this.scroller.setAttribute("aria-label", label);
    this.idle = make("div", "sl-note", idle);
    this.more = /** @type {HTMLButtonElement} */ (make("button", "sl-more"));
    this.more.type = "button";
    this.more.addEventListener("click", () => this._showEarlier());
    this.list = make("div");
    this.list.setAttribute("role", role);
    if (role !== "presentation") this.list.setAttribute("aria-label", label);
    this.scroller.append(this.idle, this.more, this.list);
    this.stick = new StickToEnd(this.scroller);
    this.element = this.stick.wrap();
    this.look = () => this._look();
    this.scroller.addEventListener("scroll", () => whenPainted(this.look), { passive: true });
    /** @type {any[]} The items that are drawn, from the one with the index `from` to the last. */
    this.drawn = [];
    this.from = 0;
    this.reset();
  }

  reset() {
    this.stick.reset();
    this.show([]);
  }

  /** @param {any[]} items */
  show(items) {
    this.items = items;
    this._draw(this._first(items.length));
    hide(this.idle, items.length > 0);
    this.stick.follow();
  }

  /** The item that was clicked, outside of what opens by itself. @param {any} target */
  itemAt(target) {
    if (target.closest("details, a, .sl-more")) return undefined;
    return this.drawn[[...this.list.children].findIndex((node) => node.contains(target))];
  }

  /** The first item to draw of so many: a reader who is not at the end keeps what is above. @param {number} length */
  _first(length) {
    const drawn = length - this.from;
    const most = this.stick.following ? 2 * MOST_DRAWN : this.drawn.length + FAR;
    return drawn > most || drawn < MOST_DRAWN / 2 ? Math.max(0, length - MOST_DRAWN) : this.from;
  }

  /** @param {number} from */
  _draw(from) {
    const wanted = this.items.slice(from);
    const above = this.from - from;
    if (above > 0 && above < wanted.length && this.drawn.length && this._alike(wanted[above], this.drawn[0])) {
      patchRange(this.list, wanted.slice(0, above).map(this.node), 0, 0);
      this.drawn.unshift(...wanted.slice(0, above));
    } else if (above < 0) {
      patchRange(this.list, [], 0, -above);
      this.drawn.splice(0, -above);
    }
    let kept = 0;
    for (; kept < Math.min(wanted.length, this.drawn.length); kept++) {
      if (this.same(wanted[kept], this.drawn[kept])) continue;
      if (!this.grown(wanted[kept], this.drawn[kept])) break;
      patchRange(this.list, [this.node(wanted[kept])], kept, 1);
    }
    patchRange(this.list, [], kept, this.drawn.length - kept);
    patchRange(this.list, wanted.slice(kept).map(this.node), kept, 0);
    [this.drawn, this.from] = [wanted, from];
    hide(this.more, from === 0);
    writeText(this.more, `Show earlier ones (${count(from)})`);
  }

  _alike(one, other) {
    return this.same(one, other) || this.grown(one, other);
  }

  /** Draw more above, and keep in sight what is. */
  _showEarlier() {
    const { scrollTop, scrollHeight } = this.scroller;
    this._draw(Math.max(0, this.from - MOST_DRAWN));
    this.scroller.scrollTop = scrollTop + this.scroller.scrollHeight - scrollHeight;
  }

  _look() {
    if (this.from && !this.stick.following && this.scroller.scrollTop < NEAR_PX) this._showEarlier();
  }
}
