/**
 * Single keys for what a presenter does most, and an overview of them on `?`. They do nothing while the user types, and
 * press the page's own buttons, so that a key can do no more than a click.
 */

import { make } from "./dom.js";

/** @type {[string, string, string][]} Key, meaning, and what it presses. */
const SHORTCUTS = [
  ["r", "Run", ".st-key-run button"],
  ["s", "Stop", ".st-key-stop button"],
  ["p", "Replay this run", ".st-key-replay_link a"],
  ["m", "Replay this run in slow motion", ".st-key-slow_motion a"],
  ["f", "Presenter: larger type, and only the stage; again or Escape leaves", ".sl-presenter-toggle"],
  ["e", "Edit the prompt", ".st-key-prompt textarea"],
];
/** Keys that work elsewhere, for the overview. */
const OTHERS = [
  ["Enter", "In the prompt: Run (Shift + Enter: a new line) · On a node, a bar, a card or a word: open what is behind it"],
  ["Ctrl + Enter", "In the prompt: Run · In an answer: Resume"],
  ["Escape", "Leave the prompt"],
  ["Space", "Replay: play or pause"],
  ["← →", "Replay: step back or forward · Lanes: from dot to dot"],
  [", .", "Replay: slower or faster"],
  ["?", "This overview"],
];

let installed = false;

/** Listen for the keys, once a tab. */
export function installShortcuts() {
  if (installed) return;
  installed = true;
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented || takesText(event.target)) return;
    if (event.key === "?") showOverview();
    const found = SHORTCUTS.find(([key]) => key === event.key.toLowerCase());
    const target = found && /** @type {HTMLElement | null} */ (document.querySelector(found[2]));
    if (!target) return;
    event.preventDefault();
    if (target instanceof HTMLTextAreaElement) target.focus();
    else target.click();
  });
  document.body.addEventListener("keydown", keyInPrompt);
  document.addEventListener("click", closeChoices);
  // Before Streamlit's own listener: the key of Run belongs to the controls of a run. In an answer it sends the answer,
  // and in any other field it only applies what was typed; a new run would lose it.
  document.body.addEventListener("keydown", (event) => {
    const target = event.target;
    if (event.key !== "Enter" || !(event.ctrlKey || event.metaKey) || !(target instanceof Element)) return;
    if (!takesText(target) || target.closest(".st-key-run_panel")) return;
    event.stopPropagation();
    if (!target.closest("[class*='st-key-question_']")) return;
    /** @type {HTMLElement | null} */ (document.querySelector(".st-key-resume button"))?.click();
  });
}

/** Enter runs, as the key that Run shows, and so does that; then, or with Escape, the other keys work again. */
function keyInPrompt(event) {
  const { target, key } = event;
  if (!(target instanceof HTMLTextAreaElement) || !target.closest(".st-key-prompt") || event.isComposing) return;
  if (key === "Escape") return target.blur();
  if (key !== "Enter" || event.shiftKey) return;
  if (event.ctrlKey || event.metaKey) return void setTimeout(() => target.blur());
  event.preventDefault();
  event.stopPropagation();
  const run = { key, code: "Enter", ctrlKey: true, bubbles: true, cancelable: true };
  target.dispatchEvent(new KeyboardEvent("keydown", run));
}

/** A choice among examples closes their menu, which may cover Run. */
function closeChoices({ target }) {
  if (!(target instanceof Element) || !target.closest("[class*='st-key-example_'], [class*='st-key-preset-']")) return;
  const open = ".st-key-examples [aria-expanded=true], .st-key-race_presets [aria-expanded=true]";
  /** @type {HTMLElement | null} */ (document.querySelector(open))?.click();
  /** @type {HTMLElement | null} */ (document.querySelector(".st-key-run button"))?.focus();
}

/** @param {EventTarget | null} target */
function takesText(target) {
  if (!(target instanceof HTMLElement)) return false;
  return target.isContentEditable || target.closest("input, textarea, select, [role='combobox'], [role='slider'], dialog, [popover]") !== null;
}

function showOverview() {
  const dialog = /** @type {HTMLDialogElement} */ (make("dialog", "sl-player sl-shortcuts"));
  dialog.setAttribute("aria-label", "Keyboard shortcuts");
  const rows = make("dl");
  // On a page that can run, also those whose buttons a run brings.
  const runs = document.querySelector(".st-key-run button") !== null;
  const shown = SHORTCUTS.filter(([, , target]) => runs || document.querySelector(target)).map(([key, meaning]) => [key.toUpperCase(), meaning]);
  for (const [key, meaning] of [...shown, ...OTHERS]) rows.append(make("dt", "", key), make("dd", "", meaning));
  const close = make("button", "", "Close");
  close.addEventListener("click", () => dialog.close());
  dialog.append(make("h2", "", "Keyboard shortcuts"), rows, close);
  dialog.addEventListener("close", () => dialog.remove());
  dialog.addEventListener("click", (event) => event.target === dialog && dialog.close());
  // Inside a mount, where the theme's colours are known.
  (document.querySelector(".sl-player") ?? document.body).append(dialog);
  dialog.showModal();
}
