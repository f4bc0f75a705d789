/** Rows in a box of fixed height: the newest is in sight while they come, and buttons say how many are above and below. */

import { hide, make, writeText } from "../dom.js";
import { paintInNextFrame, whenPainted } from "../frames.js";

const NEAR_PX = 4;

export class MoreRows {
  /** @param {HTMLElement} scroller What holds the rows, all of one height. */
  constructor(scroller) {
    this.scroller = scroller;
    this.element = make("div", "sl-stick");
    this.above = this._button("sl-hidden-above", -1);
    this.below = this._button("sl-hidden-below", 1);
    this.element.append(this.above, scroller, this.below);
    this.look = () => this._look();
    this.tell = () => this._tellBoth();
    this.hidden = { above: 0, below: 0 };
    scroller.addEventListener("scroll", () => whenPainted(this.look), { passive: true });
    this.reset();
  }

  reset() {
    this.follows = true;
    this.over = this.grown = this.rewinds = false;
    this.top = 0;
    whenPainted(this.look);
  }

  /**
   * Call after each painting.
   * @param {{grown: boolean, over: boolean}} now Whether a row came, and whether no other will.
   */
  painted({ grown, over }) {
    const ends = over && !this.over;
    if (this.over && !over) this.follows = true;
    this.over = over;
    this.grown ||= grown;
    // Who reads something that is over begins at its beginning.
    this.rewinds ||= (ends || (grown && over)) && this.follows;
    if (grown || ends) whenPainted(this.look);
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
    const { scroller } = this;
    const [height, inSight] = [scroller.scrollHeight, scroller.clientHeight];
    let top = scroller.scrollTop;
    if (this.rewinds) top = scroller.scrollTop = 0;
    else if (this.grown && this.follows) top = scroller.scrollTop = Math.max(0, height - inSight);
    else if (height - inSight - top < NEAR_PX) this.follows = true;
    else if (top < this.top) this.follows = false;
    this.top = top;
    this.grown = this.rewinds = false;
    const row = height / Math.max(1, scroller.childElementCount);
    this.hidden = { above: Math.round(top / row), below: Math.round(Math.max(0, height - inSight - top) / row) };
    // Written now, it would have the page laid out again for what looks at the layout next.
    paintInNextFrame(this.tell);
  }

  _tellBoth() {
    this._tell(this.above, "↑", "above", this.hidden.above);
    this._tell(this.below, "↓", "below", this.hidden.below);
  }

  _tell(button, arrow, where, count) {
    if (count) writeText(button, `${arrow} ${count} more`);
    if (count) button.setAttribute("aria-label", `${count} more ${where}`);
    hide(button, !count);
  }
}
