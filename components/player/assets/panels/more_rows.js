/** Rows in a box of fixed height: the newest is in sight while they come, and buttons say how many are above and below. */

import { hide, make, writeText } from "../dom.js";
import { paintInNextFrame, whenPainted } from "../frames.js";
import { StickToEnd } from "../stick_to_end.js";

export class MoreRows extends StickToEnd {
  /** @param {HTMLElement} scroller What holds the rows, all of one height. */
  constructor(scroller) {
    super(scroller);
    this.above = this._button("sl-hidden-above", -1);
    this.below = this._button("sl-hidden-below", 1);
    this.element = make("div", "sl-stick");
    this.element.append(this.above, scroller, this.below);
    this.over = false;
    this.hidden = { above: 0, below: 0 };
    this.begin = () => {
      this.rewind();
      this._look();
    };
    this.tell = () => {
      this._tell(this.above, "↑", "above", this.hidden.above);
      this._tell(this.below, "↓", "below", this.hidden.below);
    };
  }

  /**
   * Call after each painting.
   * @param {{grown: boolean, over: boolean}} now Whether a row came, and whether no other will.
   */
  painted({ grown, over }) {
    const ends = over && !this.over;
    if (this.over && !over) this.reset();
    this.over = over;
    if (!grown && !ends) return;
    // Who reads something that is over begins at its beginning.
    if (over && this.follows) whenPainted(this.begin);
    else this.follow();
  }

  _button(name, direction) {
    const button = make("button", `sl-hidden-rows ${name}`);
    button.setAttribute("type", "button");
    button.hidden = true;
    button.addEventListener("click", () => {
      this.scroller.scrollBy({ top: direction * Math.max(1, this.scroller.clientHeight - 1) });
      // A button that goes away with the last row that it has told takes the focus with it.
      this.scroller.focus({ preventScroll: true });
    });
    return button;
  }

  _look() {
    super._look();
    const { scrollTop, scrollHeight, clientHeight, childElementCount } = this.scroller;
    const row = scrollHeight / Math.max(1, childElementCount);
    const below = Math.max(0, scrollHeight - clientHeight - scrollTop);
    this.hidden = { above: Math.round(scrollTop / row), below: Math.round(below / row) };
    // Written now, it would have the page laid out again for what looks at the layout next.
    paintInNextFrame(this.tell);
  }

  _tell(button, arrow, where, count) {
    if (count) writeText(button, `${arrow} ${count} more`);
    if (count) button.setAttribute("aria-label", `${count} more ${where}`);
    hide(button, !count);
  }
}
