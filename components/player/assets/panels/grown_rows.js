/** Rows of which a panel shows those that its settings admit; only new ones are looked at. A recording takes back the last. */

import { hide, make } from "../dom.js";
import { VirtualRows } from "../virtual_rows.js";

/** Shortest time between two paintings while a run goes on: nobody reads rows that pass more quickly. */
const REST_MS = 240;
/** The same out of sight, for who searches the page. */
const UNSEEN_REST_MS = 1_000;

export class GrownRows {
  /**
   * @param {ConstructorParameters<typeof VirtualRows>[0]} table
   * @param {(row: any) => boolean} admits
   */
  constructor(table, admits) {
    this.admits = admits;
    this.element = make("div");
    this.rows = new VirtualRows(table);
    this.hidden = make("p", "sl-note", "The filter hides all entries so far.");
    this.element.append(this.rows.element, this.hidden);
    this.reset();
  }

  reset() {
    /** @type {any[]} */
    this.shown = [];
    /** @type {number[]} The index among all rows of each that is shown. */
    this.indices = [];
    this.read = 0;
    this.rows.clear();
    this.hidden.hidden = true;
  }

  get rest() {
    return this.rows.inSight ? REST_MS : UNSEEN_REST_MS;
  }

  /** @param {any[]} all Every row so far. */
  show(all) {
    while (this.indices.length && this.indices.at(-1) >= all.length) {
      this.indices.pop();
      this.shown.pop();
    }
    if (this.shown.at(-1) !== all[this.indices.at(-1) ?? -1]) this.reset();
    for (this.read = Math.min(this.read, all.length); this.read < all.length; this.read++) {
      if (!this.admits(all[this.read])) continue;
      this.shown.push(all[this.read]);
      this.indices.push(this.read);
    }
    this.rows.show(this.shown);
    hide(this.hidden, !all.length || this.shown.length > 0);
  }

  destroy() {
    this.rows.destroy();
  }
}
