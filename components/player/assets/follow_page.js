/** Keeps the end of a growing part of the page in sight while the reader is there, with a button for the way back. */

import { takesText } from "./field_keys.js";
import { StickToEnd } from "./stick_to_end.js";

/** What is kept free below the end: the buttons of a turn come there when it has ended, and nothing moves then. */
const ROOM_PX = 56;
const PAGE = ".stMain";
const CONTENT = ".stMainBlockContainer";
const BOXES = ".sl-text, .sl-scroller";
const CONTROLS = ".st-key-run_panel";

class PageEnd extends StickToEnd {
  /** @param {Element} part What grows. @param {Element | null} bar What stays at the lower edge of the window, over the page. */
  constructor(part, bar) {
    super(part.closest(PAGE), document);
    Object.assign(this, { part, bar });
    settle(this.scroller);
    this.watched = [part, part.closest(CONTENT)].map((content) => this.watch(content));
    this.follow();
  }

  stop() {
    this.listening.abort();
    for (const observer of this.watched) observer.disconnect();
    this.button.remove();
  }

  _extent() {
    const { scrollTop, clientHeight } = this.scroller;
    const edge = this.scroller.getBoundingClientRect().bottom;
    const inSight = Math.min(this.bar?.getBoundingClientRect().top ?? edge, edge);
    const hidden = Math.ceil(this.part.getBoundingClientRect().bottom + ROOM_PX - inSight);
    return { scrollTop, clientHeight, scrollHeight: scrollTop + clientHeight + hidden };
  }

  /** A box on the page is scrolled by itself first. */
  _wheel(event) {
    if (!(event.target.closest(BOXES)?.scrollTop > 0)) super._wheel(event);
  }

  _key(event) {
    if (!takesText(event.target)) super._key(event);
  }
}

/** @type {{once: string, end: PageEnd} | null} */
let followed = null;

/**
 * @param {{element: HTMLElement, data: {target: string, above: string, once: string, streams: boolean}}} mount `target` is the key of what grows and
 *   `above` of the bar over its end, `once` names what it shows; what no longer `streams` when it comes is not followed.
 * @returns {() => void}
 */
export function draw({ element, data: { target, above, once, streams } }) {
  const part = document.querySelector(`.st-key-${CSS.escape(target)}`);
  if (followed && (followed.once !== once || followed.end.part !== part)) leave();
  if (!followed && part && streams) followed = { once, end: new PageEnd(part, document.querySelector(`.st-key-${CSS.escape(above)}`)) };
  if (followed) {
    element.classList.add("sl-player", "sl-to-end");
    element.append(followed.end.button);
  }
  return leave;
}

/** Brings the run panel at once to where it stays: it would go there with the text, and Stop from under a pointer. @param {Element} page */
function settle(page) {
  let panel = document.querySelector(CONTROLS);
  while (panel && getComputedStyle(panel).position !== "sticky") panel = panel.parentElement;
  if (!panel) return;
  const stays = page.getBoundingClientRect().top + parseFloat(getComputedStyle(panel).top);
  page.scrollTop += Math.max(0, panel.getBoundingClientRect().top - stays);
}

function leave() {
  followed?.end.stop();
  followed = null;
}
