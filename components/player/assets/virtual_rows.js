/** A list of any length of which only the rows in sight exist as elements. */

import { h, make, patchChildren } from "./dom.js";
import { StickToEnd } from "./stick_to_end.js";

const ROW_PX = 26;
const SPARE_ROWS = 6;
/** A browser cuts off an element that is higher than this: beyond it, a pixel of scrolling passes over several rows. */
const HIGHEST_PX = 15_000_000;

export class VirtualRows {
  /**
   * @param {{label: string, columns: string[], cells: (row: any) => any[], detail?: (row: any) => string,
   *   height?: number}} settings `cells` gives the nodes of a row.
   */
  constructor({ label, columns, cells, detail, height = 300 }) {
    this.cells = cells;
    this.detail = detail;
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
    this.scroller.addEventListener("scroll", () => this._paintWindow(), { passive: true });
    this.selected = -1;
    this.window.addEventListener("click", (event) => this._click(event));
    this.scroller.addEventListener("keydown", (event) => this._key(event));
    this.resized = new ResizeObserver(() => this._paintWindow());
    this.resized.observe(this.scroller);
  }

  /** @param {any[]} rows The same array may have grown. */
  show(rows) {
    this.rows = rows;
    this.height = Math.min(HIGHEST_PX, rows.length * ROW_PX);
    this.spacer.style.height = `${this.height}px`;
    this.stick.follow();
    this._paintWindow();
  }

  clear() {
    this.opened.hidden = true;
    this.selected = -1;
    this.stick.reset();
    this.show([]);
  }

  _paintWindow() {
    const { scrollTop, clientHeight } = this.scroller;
    if (!clientHeight) return;
    const inSight = Math.ceil(clientHeight / ROW_PX);
    const farthest = Math.max(1, (this.height ?? 0) - clientHeight);
    const last = Math.max(0, this.rows.length - inSight);
    const exact = this.height < HIGHEST_PX ? scrollTop / ROW_PX : (scrollTop / farthest) * last;
    const from = Math.max(0, Math.floor(exact) - SPARE_ROWS);
    const to = Math.min(this.rows.length, Math.ceil(exact) + inSight + SPARE_ROWS);
    this.window.style.transform = `translateY(${Math.round(scrollTop - (exact - from) * ROW_PX)}px)`;
    this.from = from;
    patchChildren(this.window, this.rows.slice(from, to).map((row, index) => this._row(row, from + index)));
  }

  _row(row, index) {
    const cells = this.cells(row).map((cell) => h("span", "", cell));
    const attributes = {
      class: "sl-row",
      role: "option",
      "aria-selected": String(index === this.selected),
      "aria-setsize": String(this.rows.length),
      "aria-posinset": String(index + 1),
    };
    return { tag: "div", attributes, children: cells };
  }

  _click(event) {
    const row = event.target.closest(".sl-row");
    if (row) this._select(this.from + [...this.window.children].indexOf(row), true);
  }

  /** Arrows choose a row, Enter shows the whole of it; other keys scroll. */
  _key(event) {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    const first = Math.floor(this.scroller.scrollTop / ROW_PX);
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
    }
    if (open && this.detail) this.opened.textContent = this.detail(this.rows[this.selected]);
    if (open) this.opened.hidden = false;
    this._paintWindow();
  }

  destroy() {
    this.resized.disconnect();
  }
}
