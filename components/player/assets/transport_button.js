/** The buttons of a playback: an icon, a label that is spoken, and a title that may name a key in brackets. */

import { make, makeSvg } from "./dom.js";

const ICONS = {
  start: "M5 5h2v14H5zM19 5v14l-10-7z",
  previous: "M17 5v14l-9-7zM5 5h1.4v14H5z",
  backward: "M18 4v16L5 12z",
  play: "M6 4v16l13-8z",
  pause: "M6 4h4v16H6zM14 4h4v16h-4z",
  next: "M7 5v14l9-7zM17.6 5H19v14h-1.4z",
  end: "M17 5h2v14h-2zM5 5v14l10-7z",
};

/**
 * @param {keyof typeof ICONS} icon
 * @param {string} title
 * @param {() => void} act
 * @returns {HTMLButtonElement}
 */
export function transportButton(icon, title, act) {
  const button = /** @type {HTMLButtonElement} */ (make("button", "sl-transport-button"));
  button.type = "button";
  const picture = makeSvg("svg", { viewBox: "0 0 24 24", "aria-hidden": "true" });
  picture.append(makeSvg("path"));
  button.append(picture);
  showOn(button, icon, title);
  button.addEventListener("click", act);
  return button;
}

/** Give a button another icon and title. @param {HTMLButtonElement} button @param {keyof typeof ICONS} icon @param {string} title */
export function showOn(button, icon, title) {
  if (button.title === title) return;
  button.title = title;
  button.setAttribute("aria-label", title.replace(/ \(.*\)$/, ""));
  button.querySelector("path").setAttribute("d", ICONS[icon]);
}
