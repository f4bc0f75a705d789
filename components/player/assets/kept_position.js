/** Where a replay was when its page is loaded again: kept in the tab, for the same address. */

/** @typedef {import("./playback_clock.js").PlaybackClock} PlaybackClock */

const NAME = "replay";

/** Keep where the clock is. @param {PlaybackClock} clock */
export function keepPosition({ at, speed, direction }) {
  stored((storage) => storage.setItem(NAME, JSON.stringify({ address: location.href, at, speed, direction })));
}

/** Go on where the clock was before the page was loaded again; returns whether it was there. @param {PlaybackClock} clock */
export function takeUpPosition(clock) {
  const content = stored((storage) => storage.getItem(NAME));
  stored((storage) => storage.removeItem(NAME));
  const kept = content && JSON.parse(content);
  const [navigation] = /** @type {PerformanceNavigationTiming[]} */ (performance.getEntriesByType("navigation"));
  if (!kept || kept.address !== location.href || navigation?.type !== "reload") return false;
  clock.setSpeed(kept.speed);
  clock.seek(kept.at);
  if (kept.direction) clock.play(kept.direction);
  return true;
}

/** @template T @param {(storage: Storage) => T} call @returns {T | null} `null` where a browser stores nothing for this site. */
function stored(call) {
  try {
    return call(sessionStorage);
  } catch {
    return null;
  }
}
