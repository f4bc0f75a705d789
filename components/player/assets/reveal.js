/** Brings a part of the page into sight, or scrolled text to its beginning, once, when the script has drawn it. */

const HELD_MS = 4_000;

const shown = new Set();
/** @type {WeakMap<Element, string>} Who comes back to the page has another element, whose end Streamlit follows anew. */
const rewound = new WeakMap();

/**
 * @param {{data: {target: string, once: string, rewinds?: boolean, to_begin?: boolean, then?: string}}} mount `target` is the key of the part; what it
 *   shows is named by `once`; a part that is `to_begin` is brought to the top, where it has room; with `rewinds` it is scrolled to its beginning where it
 *   is. When the target gets empty, the part `then` is brought into sight.
 * @returns {(() => void) | void}
 */
export function draw({ data: { target, once, rewinds = false, to_begin: begins = false, then = "" } }) {
  const name = `${target} ${once}`;
  if (rewinds) {
    const element = find(target);
    if (!element || rewound.get(element) !== once) holdAtBeginning(target);
    if (!element) return;
    rewound.set(element, once);
    return whenBack(element, () => holdAtBeginning(target));
  }
  // The elements around it get their sizes with the next frames.
  if (!shown.has(name)) requestAnimationFrame(() => requestAnimationFrame(() => show(target, { begins })));
  shown.add(name);
  // The presenter's stage leaves away what it has no room for beside this part.
  document.documentElement.dataset.revealed = target;
  return () => {
    if (document.documentElement.dataset.revealed === target) delete document.documentElement.dataset.revealed;
    // Before the next frame: the page gets shorter, and would stand on what is far below.
    if (then) requestAnimationFrame(() => find(target)?.childElementCount || show(then, { jumps: true }));
  };
}

function find(key) {
  return document.querySelector(`.st-key-${CSS.escape(key)}`);
}

/** Calls back when the element is in sight again, as its tab is: Streamlit took one without a height for one at its end. */
function whenBack(element, callback) {
  let hidden = false;
  const watching = new ResizeObserver(() => {
    const back = hidden && element.clientHeight > 0;
    hidden = element.clientHeight === 0;
    // What streams is followed.
    if (back && !document.documentElement.classList.contains("sl-streams")) callback();
  });
  watching.observe(element);
  return () => watching.disconnect();
}

/** Streamlit draws the last text, and follows its end, for some frames more; a reader who does something is left alone. */
function holdAtBeginning(target) {
  const release = new AbortController();
  const listening = { signal: release.signal, capture: true, passive: true };
  for (const type of ["wheel", "touchstart", "pointerdown", "keydown"]) addEventListener(type, () => release.abort(), listening);
  addEventListener("scroll", () => rewind(target), listening);
  for (const ms of [0, 300, 900]) setTimeout(() => release.signal.aborted || rewind(target), ms);
  setTimeout(() => release.abort(), HELD_MS);
}

/** Streamlit follows the end of a text in the element around the one with the key, or in that itself. */
function rewind(target) {
  let element = find(target);
  for (let up = 0; element && up < 3; up++, element = element.parentElement) element.scrollTop = 0;
}

function show(target, { begins = false, jumps = begins }) {
  const element = find(target);
  if (!element) return;
  const { top, bottom } = element.getBoundingClientRect();
  const hidden = document.querySelector(".st-key-run_panel")?.getBoundingClientRect().bottom ?? 0;
  if (top >= hidden && bottom <= innerHeight && !begins) return;
  const calm = matchMedia("(prefers-reduced-motion: reduce)").matches;
  // What follows a growing end meanwhile would stop a smooth way to a beginning where the end comes into sight.
  element.scrollIntoView({ block: "start", behavior: calm || jumps ? "auto" : "smooth" });
}
