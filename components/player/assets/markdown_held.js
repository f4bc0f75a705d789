/**
 * What at the end of a growing text is not drawn yet, because what follows decides what it is: signs without a text, a
 * fence, the header of a table, a definition that draws nothing.
 */

/** The signs of quotes and lists before the text of a line. */
const SIGNS = /^(?:[ \t>]|[-*+][ \t]|\d{1,9}[.)][ \t])*/;
const ITEM = /(?:[-*+]|\d{1,9}[.)])[ \t]+$/;
const FENCE_LINE = /^[\s>]*(?:`+|~+)\s*$/;
const FENCE_START = /^(?:`{3,}[^`]*|~{3,}.*)$/;
const MARKERS_ONLY = /^(?:[-*+_=|:`~#$\s]*|\d{1,9}[.)]?\s*)$/;
const TASK_START = /^\[[ xX]?\]?\s*$/;
/** What is, or can become, the definition of a reference, up to the end of its line. */
const REFERENCE = /^\[[^\]]+\](?:$|:\s*(?!\s)(?:<[^>]*>?|\S*)(?:\s+(?:["'(].*)?)?$)/;
/** A label as references have it; an answer in JSON begins with a bracket too, and is shown at once. */
const REFERENCE_START = /^\[[^\]{}"(),;]{0,60}$/;
const REFERENCE_TITLE = /^["'(][^"')]*["')]?\s*$/;
/** The destination of a definition is still to come on the next line. */
const REFERENCE_LABEL = /^\[[^\]]+\]:\s*$/;
const HEADING = /^#{1,6}[ \t]/;
const TABLE_RULE = /^[\s:|-]*$/;
/** A line that is longer, or has the end of a sentence after its first pipe, is a text with a pipe in it. */
const LONGEST_HEADER = 160;
const SENTENCE_END = /[.!?]\s/;

/**
 * How many characters at the end are not drawn yet.
 * @param {string} text What is not in a finished block.
 * @param {boolean} inFence Whether its complete lines end in a block of code.
 */
export function undecided(text, inFence) {
  const start = text.lastIndexOf("\n") + 1;
  const line = lineFrom(text, start);
  if (inFence) return FENCE_LINE.test(line.whole) ? line.whole.length : 0;
  const previous = lineFrom(text, text.lastIndexOf("\n", start - 2) + 1, start);
  const before = lineFrom(text, text.lastIndexOf("\n", previous.start - 2) + 1, previous.start);
  if (TABLE_RULE.test(line.rest) && isHeader(previous) && !(previous.start && hasPipe(before))) {
    return text.length - (previous.start + previous.pipe);
  }
  if (isHeader(line) && !hasPipe(previous)) return line.whole.length - line.pipe;
  if (REFERENCE_LABEL.test(previous.rest) && startsBlock(previous, before)) return text.length - previous.start;
  return isHeld(line, previous) ? line.whole.length : 0;
}

/** @typedef {{start: number, whole: string, signs: string, rest: string, pipe: number}} Line */

/** A line with its signs and the rest; `pipe` is where a table's header in it would be hidden from, or -1. @returns {Line} */
function lineFrom(text, start, end = text.length) {
  const whole = end > start ? text.slice(start, end) : "";
  const signs = SIGNS.exec(whole)[0];
  const rest = whole.slice(signs.length);
  const pipe = firstPipe(rest.slice(0, LONGEST_HEADER));
  return { start, whole, signs, rest, pipe: pipe > 0 ? signs.length + pipe : pipe };
}

function isHeld({ signs, rest }, previous) {
  if (!rest) return signs.trim() !== "";
  if (MARKERS_ONLY.test(rest) || FENCE_START.test(rest)) return true;
  if (ITEM.test(signs) && TASK_START.test(rest)) return true;
  if (REFERENCE.test(previous.rest.trimEnd()) && REFERENCE_TITLE.test(rest)) return true;
  return REFERENCE.test(rest) || (REFERENCE_START.test(rest) && startsBlock({ signs }, previous));
}

/** Whether a definition can begin on a line: it does not end a paragraph. */
function startsBlock({ signs }, previous) {
  const rest = previous.rest.trimEnd();
  const inside = ITEM.test(signs) || (signs.includes(">") && !previous.signs.includes(">"));
  return inside || !rest || REFERENCE.test(rest) || HEADING.test(rest);
}

/** Whether a line can be the header of a table: with a pipe at its beginning, or short and with one between words. */
function isHeader({ rest, pipe }) {
  if (pipe <= 0) return pipe === 0;
  return rest.length <= LONGEST_HEADER && !SENTENCE_END.test(rest.slice(rest.indexOf("|"))) && !HEADING.test(rest);
}

const hasPipe = ({ pipe }) => pipe >= 0;

/** Where the first pipe is that can part two cells, or -1: not in code, and not the first of two. */
function firstPipe(rest) {
  for (let at = 0; at < rest.length; at++) {
    if (rest[at] === "|") return rest[at + 1] === "|" && at > 0 ? -1 : at;
    if (rest[at] === "\\") at++;
    if (rest[at] === "`") at = rest.indexOf("`", at + 1);
    if (at < 0) return -1;
  }
  return -1;
}
