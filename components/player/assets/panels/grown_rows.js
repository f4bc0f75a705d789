/** Rows that only grow, of which a panel shows those that its settings admit; only new ones are looked at. */

import { make } from "../dom.js";
import { VirtualRows } from "../virtual_rows.js";

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
    this.shown = [];
    this.read = 0;
    this.rows.clear();
    this.hidden.hidden = true;
  }

  /** @param {any[]} all Every row so far. */
  show(all) {
    if (all.length < this.read) this.reset();
    for (; this.read < all.length; this.read++) {
      if (this.admits(all[this.read])) this.shown.push(all[this.read]);
    }
    this.rows.show(this.shown);
    this.hidden.hidden = !all.length || this.shown.length > 0;
  }

  destroy() {
    this.rows.destroy();
  }
}
