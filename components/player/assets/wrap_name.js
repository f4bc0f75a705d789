/** A name in at most two lines, and how wide it is; estimated, so that a picture does not change when a font has loaded. */

const LONGEST_EM = 11;
const MOST_LINES = 2;
const BREAK_AFTER = /(?<=[\s_\-:|/.])/u;
const graphemes = new Intl.Segmenter(undefined, { granularity: "grapheme" });

/**
 * @param {string} name
 * @returns {{lines: string[], em: number}} `em` is the width of the longest line.
 */
export function wrapName(name) {
  /** @type {string[]} */
  const lines = [];
  let line = "";
  for (const piece of pieces(name)) {
    if (line && width((line + piece).trim()) > LONGEST_EM) {
      lines.push(line.trim());
      line = "";
    }
    line += piece;
  }
  lines.push(line.trim());
  const shown = lines.slice(0, MOST_LINES);
  if (lines.length > MOST_LINES) shown.push(shorten(shown.pop() ?? ""));
  return { lines: shown, em: Math.max(...shown.map(width)) };
}

/** Words, and characters where a word alone is too wide for a line. */
function pieces(name) {
  return name.split(BREAK_AFTER).flatMap((word) => (width(word) > LONGEST_EM ? characters(word) : [word]));
}

function shorten(line) {
  const left = characters(line);
  while (left.length && width(`${left.join("")}…`) > LONGEST_EM) left.pop();
  return `${left.join("").trim()}…`;
}

const characters = (text) => [...graphemes.segment(text)].map(({ segment }) => segment);
const width = (text) => characters(text).reduce((sum, character) => sum + characterWidth(character), 0);

function characterWidth(character) {
  if (/[^\u0000-\u10ff]/u.test(character)) return 1.05;
  if (/[MW@mw%]/.test(character)) return 0.88;
  if (/[A-Z]/.test(character)) return 0.7;
  return /[ijltfrI1.,:;|!'()[\]{}\s]/.test(character) ? 0.38 : 0.58;
}
