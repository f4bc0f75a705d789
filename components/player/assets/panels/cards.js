/** A list of cards that only grows: each is drawn once. */

import { openDetail } from "../detail.js";
import { h, make, patchChildren } from "../dom.js";
import { StickToEnd } from "../stick_to_end.js";

export class Cards {
  /** @param {{height?: number, idle: string, label: string, card: (item: any) => any,
   *   behind: (item: any, view: any) => any}} settings `behind` gives what a click on a card opens. */
  constructor({ height = 320, idle, label, card, behind }) {
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
    this.scroller.addEventListener("click", ({ target }) => {
      const item = cardAt(this.scroller, target, this.items ?? []);
      if (item) openDetail(this.scroller, behind(item, this.view));
    });
    this.reset();
  }

  reset() {
    this.drawn = 0;
    this.scroller.replaceChildren(make("div", "sl-note", this.idle));
    this.stick.reset();
  }

  /** @param {any[]} items @param {any} view */
  show(items, view) {
    [this.items, this.view] = [items, view];
    if (items.length < this.drawn) this.reset();
    if (items.length === this.drawn) return;
    patchChildren(this.scroller, items.slice(this.drawn).map((item) => this.card(item)), this.drawn);
    this.drawn = items.length;
    this.stick.follow();
  }
}

/** The title of a card, by which the keyboard opens it. @param {string} text */
export function cardTitle(text) {
  const button = { tag: "button", attributes: { type: "button", class: "sl-card-title" }, children: [text] };
  return h("strong", "", button);
}

/**
 * The item of the card that was clicked, outside of what opens by itself.
 * @param {Element} scroller
 * @param {any} target
 * @param {any[]} items In the order of the cards.
 */
export function cardAt(scroller, target, items) {
  const card = target.closest("details, a") ? null : target.closest(".sl-card");
  return card && items[[...scroller.children].indexOf(card)];
}
