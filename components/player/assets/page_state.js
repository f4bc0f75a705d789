/**
 * The root element's class `sl-streams` while a run goes on in any player of the page, for rules of the whole page.
 * A rule with `:has()` on an ancestor of a growing text would restyle all of the page for each element that is added.
 */

/** @type {Set<object>} */
const streaming = new Set();

/** @param {object} player @param {boolean} on Whether one of its runs goes on. */
export function tellStreaming(player, on) {
  if (on) streaming.add(player);
  else streaming.delete(player);
  document.documentElement.classList.toggle("sl-streams", streaming.size > 0);
}
