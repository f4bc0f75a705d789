/** What Enter and Escape do while the user types. They press the page's own buttons. */

/** Where one prompt is written. */
export const PROMPT = ".st-key-prompt textarea, .st-key-race_prompt input";
const RUN = ".st-key-run button";
const RESUME = ".st-key-resume button";
const ANSWER = "[class*='st-key-question_']";
const RUN_PANEL = ".st-key-run_panel";
const SAYS_EMPTY = ".st-key-empty_prompt";
const WRITTEN = "textarea, input:is([type=text], [type=number]):not([role=combobox])";

/** What is set without letters: a slider takes the arrows alone, and what is switched takes Space. */
const SET = "[type=range], [type=checkbox], [type=radio]";
const TEXT = `input:not(${SET}), textarea, select, [role='combobox'], dialog, [popover]`;
const FIELD = `${TEXT}, input, [role='slider']`;

/** Whether letters are typed there, or choose something. @param {EventTarget | null} target */
export function takesText(target) {
  return isIn(target, TEXT);
}

/** @param {EventTarget | null} target @param {string} places */
function isIn(target, places) {
  return target instanceof HTMLElement && (target.isContentEditable || target.closest(places) !== null);
}

/** Before Streamlit's own listener, which is further out and would run from every field. */
export function installFieldKeys() {
  document.body.addEventListener("keydown", (event) => {
    const { target } = event;
    if (event.key !== "Enter" || isComposed(event) || !(target instanceof HTMLElement) || !isIn(target, FIELD)) return;
    enter(event, target);
  });
  // Before what is above the page closes: a field that goes with it would keep what was typed to itself.
  addEventListener("keydown", leave, { capture: true });
  document.body.addEventListener("input", hideUntrue);
}

/** While an input method composes a word, both keys are its own; Safari tells of that by the old code alone. */
function isComposed({ isComposing, keyCode }) {
  return isComposing || keyCode === 229;
}

/** @param {KeyboardEvent} event */
function leave(event) {
  const { key, target } = event;
  if (key === "Escape" && !isComposed(event) && target instanceof HTMLElement && target.matches(WRITTEN)) target.blur();
}

/** The page learns what was typed when the field is left: until then a line that says that it is empty would be wrong. */
function hideUntrue({ target }) {
  /** @type {HTMLElement | null} */
  const line = target.matches(PROMPT) && document.querySelector(SAYS_EMPTY);
  if (line) line.style.display = target.value.trim() ? "none" : "";
}

/** @param {KeyboardEvent} event @param {HTMLElement} target */
function enter(event, target) {
  const control = event.ctrlKey || event.metaKey;
  if (target.matches(PROMPT)) {
    if (event.altKey || (event.shiftKey && !control)) return;
    event.preventDefault();
    event.stopPropagation();
    // Leaving the field applies what was typed, and gives the single keys back; the press comes after it. Where nothing is
    // typed no run starts, and what comes next is meant for the field.
    target.blur();
    setTimeout(() => {
      press(RUN);
      if (!target.value.trim()) target.focus();
    });
    return;
  }
  // In an answer the key of Run sends the answer, and in any other field it only applies what was typed; a new run would
  // lose it.
  if (!control || target.closest(RUN_PANEL)) return;
  event.stopPropagation();
  if (target.closest(ANSWER)) press(RESUME);
}

/** @param {string} button */
function press(button) {
  /** @type {HTMLElement | null} */ (document.querySelector(button))?.click();
}
