/**
 * Single keys for what a presenter does most, and an overview of them on `?`. They do nothing while the user types, and
 * press the page's own buttons, so that a key can do no more than a click.
 */

import { installClosingChoices } from "./closing_choices.js";
import { make } from "./dom.js";
import { installFieldKeys, PROMPT, takesText } from "./field_keys.js";
import { installFieldLimit } from "./field_limit.js";

/** @type {[string, string, string | (() => Element | null)][]} Key, meaning, and what it presses. */
const SHORTCUTS = [
  ["r", "Run", ".st-key-run button"],
  ["s", "Stop", ".st-key-stop button"],
  ["p", "Replay this run", ".st-key-replay_link a"],
  ["m", "Replay this run in slow motion", ".st-key-slow_motion a"],
  ["f", "Presenter: larger type, and only the stage; again or Escape leaves", ".sl-presenter-toggle"],
  ["e", "Edit the prompt", PROMPT],
  ["n", "Next page", () => pageBeside(1)],
  ["b", "Page before", () => pageBeside(-1)],
];
/** Keys that work elsewhere, for the overview. */
const OTHERS = [
  ["Enter", "In the prompt: run · Elsewhere: open what is behind a node, a bar, a card or a word, as a click does"],
  ["Shift + Enter", "In the prompt: a new line"],
  ["Ctrl + Enter", "In an answer: resume · In the prompt: run"],
  ["Escape", "In the prompt: leave it · Elsewhere: close what is open, then leave Presenter"],
  ["Space", "Lanes: pause a run that streams, or go on · Replay: play or pause"],
  ["← →", "Lanes and Replay: step back or forward · In one lane: from dot to dot"],
  [", .", "Replay: slower or faster"],
  ["?", "This overview"],
];

const THEME = ["text-color", "background-color", "secondary-background-color", "border-color", "primary-color", "font", "base-radius"];

let installed = false;

/** Listen for the keys, once a tab. */
export function installShortcuts() {
  if (installed) return;
  installed = true;
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented || takesText(event.target)) return;
    if (event.key === "?") showOverview();
    const found = SHORTCUTS.find(([key]) => key === event.key.toLowerCase());
    const target = found && /** @type {HTMLElement | null} */ (targetOf(found[2]));
    if (!target) return;
    event.preventDefault();
    if (found[2] === PROMPT) target.focus();
    else target.click();
  });
  installFieldKeys();
  installFieldLimit();
  installClosingChoices();
}

/** @param {string | (() => Element | null)} target */
function targetOf(target) {
  return typeof target === "string" ? document.querySelector(target) : target();
}

/** The link of the sidebar to the next page or to the one before; Presenter only hides it. @param {1 | -1} direction */
function pageBeside(direction) {
  const links = [...document.querySelectorAll("a[data-testid=stSidebarNavLink]")];
  const here = links.findIndex((link) => /** @type {HTMLAnchorElement} */ (link).pathname === location.pathname);
  return here < 0 ? null : (links[here + direction] ?? null);
}

function showOverview() {
  const dialog = /** @type {HTMLDialogElement} */ (make("dialog", "sl-player sl-shortcuts"));
  dialog.setAttribute("aria-label", "Keyboard shortcuts");
  const rows = make("dl");
  // On a page that can run, also those whose buttons a run brings.
  const runs = document.querySelector(".st-key-run button") !== null;
  const shown = SHORTCUTS.filter(([, , target]) => runs || targetOf(target)).map(([key, meaning]) => [key.toUpperCase(), meaning]);
  for (const [key, meaning] of [...shown, ...OTHERS]) rows.append(make("dt", "", key), make("dd", "", meaning));
  const close = make("button", "", "Close");
  close.addEventListener("click", () => dialog.close());
  const head = make("header");
  // First of all that takes the focus: a dialog that is higher than the screen opens at its top.
  head.append(make("h2", "", "Keyboard shortcuts"), close);
  dialog.append(head, rows);
  dialog.addEventListener("close", () => dialog.remove());
  dialog.addEventListener("click", (event) => event.target === dialog && dialog.close());
  // Not in a player, which a run and its end draw anew; but the theme is known there alone.
  const player = document.querySelector(".sl-player");
  const style = player && getComputedStyle(player);
  for (const name of THEME) if (style) dialog.style.setProperty(`--st-${name}`, style.getPropertyValue(`--st-${name}`));
  document.body.append(dialog);
  dialog.showModal();
}
