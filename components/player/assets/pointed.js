/**
 * Which element the pointer has pressed last. It keeps the focus, but a visitor's keys are for the page: what the keyboard
 * has led to has its own use of them, and a link of the sidebar that was clicked to come here has none.
 */

const TAKES_FOCUS = "button, a, summary, [role=button]";
/** The style draws no ring around the whole page when a key follows a click beside everything. */
const POINTED = "sl-pointed";

/** What had the focus before this module was loaded, and is not marked as reached by the keyboard, was pressed too. */
let pressed = document.querySelector(":focus:not(:focus-visible)");

document.addEventListener("pointerdown", ({ target }) => note(target instanceof Element ? target.closest(TAKES_FOCUS) : null, true), true);
document.addEventListener("keydown", ({ key }) => key === "Tab" && note(null, false), true);

/** @param {Element | null} element @param {boolean} pointed */
function note(element, pointed) {
  pressed = element;
  document.documentElement.classList.toggle(POINTED, pointed);
}

/** Whether this has the focus, or holds what has it, by the pointer and not by the keyboard. @param {Element} target */
export function pointedAt(target) {
  return pressed !== null && target.closest(TAKES_FOCUS) === pressed;
}
