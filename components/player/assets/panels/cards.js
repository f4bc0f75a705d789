/** A list of cards that only grows: each is drawn once. */

import { make, patchChildren } from "../dom.js";
import { StickToEnd } from "../stick_to_end.js";

export class Cards {
  /** @param {{height?: number, idle: string, label: string, card: (item: any, view: any) => any}} settings */
  constructor({ height = 320, idle, label, card }) {
    this.card = card;
    this.idle = idle;
    this.element = make("div");
    this.scroller = make("div", "sl-scroller sl-cards");
    this.scroller.style.height = `${height}px`;
    this.scroller.tabIndex = 0;
    this.scroller.setAttribute("role", "region");
    this.scroller.setAttribute("aria-label", label);
    this.stick = new StickToEnd(this.scroller);
    this.element.append(this.stick.wrap());
    this.reset();
  }

  reset() {
    this.drawn = 0;
    this.scroller.replaceChildren(make("div", "sl-note", this.idle));
    this.stick.reset();
  }

  /** @param {any[]} items @param {any} view */
  show(items, view) {
    if (items.length < this.drawn) this.reset();
    if (items.length === this.drawn) return;
    patchChildren(this.scroller, items.slice(this.drawn).map((item) => this.card(item, view)), this.drawn);
    this.drawn = items.length;
    this.stick.follow();
  }
}
