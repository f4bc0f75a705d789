/** A list of cards: a click opens what is behind one. */

import { openDetail } from "../detail.js";
import { h, make } from "../dom.js";
import { TailList } from "./tail_list.js";

export class Cards {
  /**
   * @param {Omit<ConstructorParameters<typeof TailList>[0], "height" | "look"> & {height?: number, look?: string,
   *   behind: (item: any, view: any) => any}} settings `behind` gives what a click on a card opens.
   */
  constructor({ height = 320, look = "sl-cards", behind, ...settings }) {
    this.cards = new TailList({ height, look, ...settings });
    this.element = make("div");
    this.element.append(this.cards.element);
    this.cards.scroller.addEventListener("click", ({ target }) => {
      const item = this.cards.itemAt(target);
      if (item) openDetail(this.cards.scroller, behind(item, this.view));
    });
  }

  reset() {
    this.cards.reset();
  }

  /** @param {any[]} items @param {any} view */
  show(items, view) {
    this.view = view;
    this.cards.show(items);
  }
}

/** The title of a card, by which the keyboard opens it. @param {string} text */
export function cardTitle(text) {
  const button = { tag: "button", attributes: { type: "button", class: "sl-card-title" }, children: [text] };
  return h("strong", "", button);
}
