/** Numbers as they are shown; an unknown one is a dash, never 0. */

const UNKNOWN = "–";

/**
 * Seconds, in the unit that reads best.
 * @param {number | null | undefined} seconds
 */
export function duration(seconds) {
  if (typeof seconds !== "number") return UNKNOWN;
  if (seconds < 0.9995) return `${Math.round(seconds * 1000)} ms`;
  if (seconds < 99.95) return `${seconds.toFixed(seconds < 9.995 ? 2 : 1)} s`;
  return `${Math.floor(seconds / 60)} min ${Math.round(seconds % 60)} s`;
}

/** A running clock: tenths of a second. */
export const clock = (seconds) => (seconds < 100 ? `${seconds.toFixed(1)} s` : duration(seconds));

/** A time to be found again: hundredths of a second. @param {number} seconds */
export function position(seconds) {
  if (seconds < 99.995) return `${seconds.toFixed(2)} s`;
  const hundredths = Math.round(seconds * 100);
  return `${Math.floor(hundredths / 6000)} min ${((hundredths % 6000) / 100).toFixed(2)} s`;
}

/** @param {number | null | undefined} value */
export const count = (value) => (typeof value === "number" ? Math.round(value).toLocaleString("en") : UNKNOWN);

/** @param {number | null | undefined} size */
export function bytes(size) {
  if (typeof size !== "number") return UNKNOWN;
  if (size < 1000) return `${size} B`;
  return size < 999_500 ? `${(size / 1000).toFixed(1)} KB` : `${(size / 1e6).toFixed(1)} MB`;
}

/** @param {number} number @param {string} word */
export const plural = (number, word) => `${count(number)} ${word}${number === 1 ? "" : "s"}`;

/** A namespace as a path of node names. @param {string | undefined} ns */
export function path(ns) {
  return (ns ?? "")
    .split("|")
    .map((part) => part.split(":")[0])
    .filter(Boolean)
    .join(" › ");
}

/**
 * A preview as text: a string as it is, JSON that was cut as it was cut, anything else as JSON.
 * @param {any} value
 * @returns {string}
 */
export function preview(value) {
  if (typeof value === "string") return value;
  if (typeof value?.["…"] === "string") return value["…"];
  return JSON.stringify(value) ?? "";
}

/**
 * A preview to be read as a whole: JSON with an item a line, anything else as `preview` has it.
 * @param {any} value
 * @returns {string}
 */
export function pretty(value) {
  return typeof value === "string" || value?.["…"] ? preview(value) : (JSON.stringify(value, null, 2) ?? "");
}
