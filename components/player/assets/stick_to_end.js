/** Keeps a growing element scrolled to its end while the reader is there, with a button for the way back. */

import { make } from "./dom.js";
import { whenPainted } from "./frames.js";

const NEAR_PX = 8;

export class StickToEnd {
  /**
   * @param {HTMLElement} scroller
   * @param {EventTarget} [keyboard] What the keys that scroll it come to.
   */
  constructor(scroller, keyboard = scroller) {
    this.scroller = scroller;
    this.listening = new AbortController();
    const { signal } = this.listening;
    const passive = { passive: true, signal };
    this.following = true;
    this.held = false;
    this.button = make("button", "sl-jump", "Jump to the end");
    this.button.type = "button";
    this.button.hidden = true;
    this.button.addEventListener("click", () => {
      this.reset();
      this._look();
    });
    this.top = this.height = 0;
    this.scrolled = this.grown = false;
    this.look = () => this._look();
    scroller.addEventListener("scroll", () => this._scrolled(), passive);
    scroller.addEventListener("wheel", (event) => this._wheel(event), passive);
    keyboard.addEventListener("keydown", (event) => this._key(event), { signal });
    // While the pointer is down a text is being selected, or the scroll bar is held.
    scroller.addEventListener("pointerdown", () => (this.held = true), passive);
    for (const type of ["pointerup", "pointercancel"]) addEventListener(type, () => (this.held = false), passive);
  }

  /**
   * Follow this content also when it grows by itself, as what is drawn only in sight does.
   * @param {Element} content
   * @returns {ResizeObserver} To be disconnected.
   */
  watch(content) {
    const resized = new ResizeObserver(() => {
      this.grown = true;
      this._look();
    });
    resized.observe(content);
    return resized;
  }

  /** The scroller with its button. */
  wrap() {
    const box = make("div", "sl-stick");
    box.append(this.scroller, this.button);
    return box;
  }

  /** Call after the content has grown. */
  follow() {
    this.grown = true;
    whenPainted(this.look);
  }

  /** Back to the end. */
  reset() {
    this._set(true);
    this.follow();
  }

  /** Whether growing content takes the reader along. */
  get follows() {
    return this.following && !this.held;
  }

  /** Back to the beginning, where a reader of a text that is complete starts: no button covers it. */
  rewind() {
    this.following = false;
    this.button.hidden = true;
    this.top = this.scroller.scrollTop = 0;
  }

  _scrolled() {
    this.scrolled = true;
    whenPainted(this.look);
  }

  _look() {
    const { scrollTop, scrollHeight, clientHeight } = this._extent();
    if (this.scrolled) {
      // What has grown since the last look has moved the end away: only who moves up has left it.
      const near = Math.min(this.height, scrollHeight) - scrollTop - clientHeight < NEAR_PX;
      // A smooth way up begins near the end.
      if (scrollTop < this.top) this._set(this.following && near);
      // An event of an earlier way to the end may come after the key that leaves it: only who moves down has come back.
      else if (near && scrollTop > this.top) this._set(true);
    }
    [this.top, this.height] = [scrollTop, scrollHeight];
    if (this.grown && this.follows && scrollTop < Math.max(0, scrollHeight - clientHeight)) {
      this.scroller.scrollTop = scrollHeight - clientHeight;
      this.top = this.scroller.scrollTop;
    }
    this.scrolled = this.grown = false;
  }

  _wheel({ deltaY }) {
    if (deltaY < 0 && this._canScroll()) this._set(false);
  }

  /** Keys scroll smoothly: what grows meanwhile would hold a reader back who leaves, and get away from one who returns. */
  _key({ key, shiftKey }) {
    if (key === "End") this.reset();
    const up = ["ArrowUp", "PageUp", "Home"].includes(key) || (key === " " && shiftKey);
    if (up && this._canScroll()) this._set(false);
  }

  _set(following) {
    if (following === this.following) return;
    this.following = following;
    this.button.hidden = following;
  }

  _canScroll() {
    const { scrollHeight, clientHeight } = this._extent();
    return scrollHeight > clientHeight;
  }

  /** How far the content goes, and how much of it is in sight: of a page this is less than all that can be scrolled. */
  _extent() {
    return this.scroller;
  }
}
