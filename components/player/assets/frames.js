/**
 * Frames of the browser, shared by all players of a page. In each, recordings move, then everything is painted, and then
 * everything looks at the layout: what reads a size or a position between two paintings makes the browser lay out the page again.
 */

/** Shortest time between two paints of panels beside the text: what they cost would delay the text. */
const BESIDE_MS = 80;

/** @type {Set<(now: number) => void>} */
const movers = new Set();
/** @type {Set<() => void>} */
const painters = new Set();
/** @type {Set<() => void>} */
const lookers = new Set();
let frame = 0;
let besideAt = -BESIDE_MS;

/** @param {(now: number) => void} move Called in the next frame, once, before the painting of what it moves. */
export function moveInNextFrame(move) {
  movers.add(move);
  request();
}

/** @param {(now: number) => void} move */
export function doNotMove(move) {
  movers.delete(move);
}

/** @param {() => void} paint Called in the next frame, once. */
export function paintInNextFrame(paint) {
  painters.add(paint);
  request();
}

/** @param {() => void} paint */
export function doNotPaint(paint) {
  painters.delete(paint);
}

/** @param {() => void} look Called once when everything of a frame is painted, to read the layout and to scroll. */
export function whenPainted(look) {
  lookers.add(look);
  request();
}

/** Milliseconds until panels beside the text are painted again, the same moment for all players. */
export function restOfBeside() {
  return besideAt + BESIDE_MS - performance.now();
}

/** Panels beside the text are painted now. */
export function paintsBeside() {
  besideAt = performance.now();
}

function request() {
  frame ||= requestAnimationFrame((now) => {
    run(movers, now);
    frame = 0;
    if (movers.size) request();
    run(painters, now);
    run(lookers, now);
  });
}

/** @param {Set<(now: number) => void>} tasks One that fails keeps no other from its turn. @param {number} now */
function run(tasks, now) {
  const taken = [...tasks];
  tasks.clear();
  for (const task of taken) {
    try {
      task(now);
    } catch (error) {
      reportError(error);
    }
  }
}
