/** A list of any length of which only the rows in sight exist as elements. */

import { h, make, patchChildren } from "./dom.js";
import { whenPainted } from "./frames.js";
import { StickToEnd } from "./stick_to_end.js";

const ROW_PX = 26;
const SPARE_ROWS = 6;
/** A browser cuts off an element that is higher than this: beyond it, a pixel of scrolling passes over several rows. */
const HIGHEST_PX = 15_000_000;

export class VirtualRows {
  /**
   * @param {{label: string, columns: string[], cells: (row: any) => any[],
   *   open: (element: HTMLElement, row: any) => void, height?: number}} settings `cells` gives the nodes of a row, `open`
   *   writes the whole of it into an element.
   */
  constructor({ label, columns, cells, open, height = 300 }) {
    this.cells = cells;
    this.open = open;
    /** @type {any[]} */
    this.rows = [];
    this.element = make("div", "sl-rows");
    this.head = make("div", "sl-row sl-row-head");
    patchChildren(this.head, columns.map((column) => h("span", "", column)));
    this.scroller = make("div", "sl-scroller");
    this.scroller.style.height = `${height}px`;
    this.scroller.tabIndex = 0;
    this.scroller.setAttribute("role", "listbox");
    this.scroller.setAttribute("aria-label", label);
    this.spacer = make("div", "sl-spacer");
    this.window = make("div", "sl-window");
    this.spacer.append(this.window);
    this.scroller.append(this.spacer);
    this.opened = make("pre", "sl-detail");
    this.opened.tabIndex = 0;
    this.opened.hidden = true;
    this.stick = new StickToEnd(this.scroller);
    this.element.append(this.head, this.stick.wrap(), this.opened);
    this.look = () => this._look();
    this.scroller.addEventListener("scroll", () => whenPainted(this.look), { passive: true });
    this.selected = -1;
    /** @type {Map<number, {row: any, element: HTMLElement}>} The rows that exist as elements, by their index. */
    this.drawn = new Map();
    this.top = this.inner = this.height = 0;
    this.window.addEventListener("click", (event) => this._click(event));
    this.scroller.addEventListener("keydown", (event) => this._key(event));
    this.inSight = false;
    this.sighted = new IntersectionObserver((entries) => (this.inSight = entries.at(-1).isIntersecting));
    this.sighted.observe(this.scroller);
    this.resized = new ResizeObserver(() => {
      this.inner = this.scroller.clientHeight;
      // A list that was hidden has grown without being scrolled, and may have lost its place.
      if (!this.stick.follows) this.top = this.scroller.scrollTop;
      this.stick.follow();
      this._place();
    });
    this.resized.observe(this.scroller);
  }

  /** @param {any[]} rows The same array may have grown. */
  show(rows) {
    this.rows = rows;
    this.height = Math.min(HIGHEST_PX, rows.length * ROW_PX);
    this.spacer.style.height = `${this.height}px`;
    this.stick.follow();
    this._place();
  }

  clear() {
    this.opened.hidden = true;
    this.selected = -1;
    this.stick.reset();
    this.show([]);
  }

  /** Paint the rows that are in sight when the list is where it is about to be scrolled to. */
  _place() {
    const end = Math.max(0, this.height - this.inner);
    this.top = this.stick.follows ? end : Math.min(this.top, end);
    this._paintWindow();
  }

  _look() {
    const { scrollTop } = this.scroller;
    if (Math.abs(scrollTop - this.top) < 1) return;
    this.top = scrollTop;
    this._paintWindow();
  }

  _paintWindow() {
    if (!this.inner) return;
    const inSight = Math.ceil(this.inner / ROW_PX);
    const farthest = Math.max(1, this.height - this.inner);
    const last = Math.max(0, this.rows.length - inSight);
    const exact = this.height < HIGHEST_PX ? this.top / ROW_PX : (this.top / farthest) * last;
    const from = Math.max(0, Math.floor(exact) - SPARE_ROWS);
    const to = Math.min(this.rows.length, Math.ceil(exact) + inSight + SPARE_ROWS);
    this.window.style.transform = `translateY(${Math.round(this.top - (exact - from) * ROW_PX)}px)`;
    this.from = from;
    this._paintRows(from, to);
  }

  /** Rows that stay in sight keep their elements. */
  _paintRows(from, to) {
    for (const [index, { row, element }] of this.drawn) {
      if (index >= from && index < to && row === this.rows[index]) continue;
      element.remove();
      this.drawn.delete(index);
    }
    const size = String(this.rows.length);
    let next = this.window.firstChild;
    for (let index = from; index < to; index++) {
      const element = this._element(index);
      if (element === next) next = next.nextSibling;
      else this.window.insertBefore(element, next);
      const selected = String(index === this.selected);
      if (element.ariaSelected !== selected) element.ariaSelected = selected;
      if (element.ariaSetSize !== size) element.ariaSetSize = size;
    }
  }

  _element(index) {
    const known = this.drawn.get(index);
    if (known) return known.element;
    const row = this.rows[index];
    const element = make("div", "sl-row");
    element.setAttribute("role", "option");
    element.setAttribute("aria-posinset", String(index + 1));
    patchChildren(element, this.cells(row).map((cell) => h("span", "", cell)));
    this.drawn.set(index, { row, element });
    return element;
  }

  _click(event) {
    const row = event.target.closest(".sl-row");
    if (row) this._select(this.from + [...this.window.children].indexOf(row), true);
  }

  /** Arrows choose a row, Enter shows the whole of it; other keys scroll. */
  _key(event) {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    const first = Math.floor(this.top / ROW_PX);
    if (step) this._select(this.selected < 0 ? first : this.selected + step, false);
    else if (event.key === "Enter" && this.selected >= 0) this._select(this.selected, true);
    else return;
    event.preventDefault();
  }

  /** Choose a row and bring it into sight; `open` shows the whole of it below the list. */
  _select(index, open) {
    if (!this.rows.length) return;
    this.selected = Math.max(0, Math.min(this.rows.length - 1, index));
    const { scrollTop, clientHeight } = this.scroller;
    const top = this.selected * ROW_PX;
    if (this.height < HIGHEST_PX && (top < scrollTop || top + ROW_PX > scrollTop + clientHeight)) {
      this.scroller.scrollTop = top < scrollTop ? top : top + ROW_PX - clientHeight;
      this.top = this.scroller.scrollTop;
    }
    if (open) this._show(this.rows[this.selected]);
    this._paintWindow();
  }

  /** Show the whole of a row, and bring it into sight: the list alone may end where the window does. */
  _show(row) {
    this.open(this.opened, row);
    this.opened.hidden = false;
    this.opened.scrollIntoView({ block: "nearest" });
  }

  destroy() {
    this.resized.disconnect();
    this.sighted.disconnect();
  }
}
