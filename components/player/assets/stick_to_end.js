/** Keeps a growing element scrolled to its end while the reader is there, with a button for the way back. */

import { make } from "./dom.js";

const NEAR_PX = 8;

export class StickToEnd {
  /** @param {HTMLElement} scroller */
  constructor(scroller) {
    this.scroller = scroller;
    this.following = true;
    this.held = false;
    this.button = make("button", "sl-jump", "Jump to the end");
    this.button.type = "button";
    this.button.hidden = true;
    this.button.addEventListener("click", () => this.reset());
    this.top = 0;
    scroller.addEventListener("scroll", () => this._scrolled(), { passive: true });
    scroller.addEventListener("wheel", ({ deltaY }) => deltaY < 0 && this._canScroll() && this._set(false), {
      passive: true,
    });
    // While the pointer is down a text is being selected, or the scroll bar is held.
    scroller.addEventListener("pointerdown", () => {
      this.held = true;
      addEventListener("pointerup", () => (this.held = false), { once: true });
      addEventListener("pointercancel", () => (this.held = false), { once: true });
    });
  }

  /** The scroller with its button. */
  wrap() {
    const box = make("div", "sl-stick");
    box.append(this.scroller, this.button);
    return box;
  }

  /** Call after the content has grown. */
  follow() {
    if (!this.following || this.held) return;
    this.scroller.scrollTop = this.scroller.scrollHeight;
    this.top = this.scroller.scrollTop;
  }

  /** Back to the end. */
  reset() {
    this._set(true);
    this.follow();
  }

  /** Text may have grown since the last frame, so that the end has moved away: only who moves up has left it. */
  _scrolled() {
    const { scrollTop } = this.scroller;
    if (this._atEnd()) this._set(true);
    else if (scrollTop < this.top) this._set(false);
    this.top = scrollTop;
  }

  _set(following) {
    if (following === this.following) return;
    this.following = following;
    this.button.hidden = following;
  }

  _canScroll() {
    return this.scroller.scrollHeight > this.scroller.clientHeight;
  }

  _atEnd() {
    const { scrollHeight, scrollTop, clientHeight } = this.scroller;
    return scrollHeight - scrollTop - clientHeight < NEAR_PX;
  }
}
