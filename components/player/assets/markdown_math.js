/**
 * A markdown-it plugin that leaves formulas as they are written: what is between `$…$`, `$$…$$`, `\(…\)` or `\[…\]` is
 * text, in which `_`, `*` and `\` mean nothing. A dollar sign before an amount of money opens no formula (pandoc's rule),
 * and words in escaped brackets are no formula.
 */

const DOLLARS = [/\$\$[^$]{1,2000}?\$\$/y, /\$(?=[^\s$])(?:\\.|[^$\\\n])*?(?<=\S)\$(?!\d)/y];
const BRACKETS = [/\\\((?:[^\\]|\\(?!\))){0,2000}?\\\)/y, /\\\[(?:[^\\]|\\(?!\])){0,2000}?\\\]/y];

const CLOSERS = { "(": "\\)", "[": "\\]" };

/** What only formulas have. */
const SIGN = /[\\^_=+<>{}]/;
const WORD = /\p{L}{3}/u;
/** A formula between single dollar signs whose second one is to come. */
const OPEN_DOLLAR = /^\$(?=[A-Za-z\\{(|])(?:\S+|[^\n]*?(?:[\\^=]|_\{)[^\n]*)$/;
const LONGEST_OPEN_DOLLAR = 200;
const LONGEST_OPEN = 2_000;
/** So much in an escaped bracket waits for what shows whether it is a formula. */
const LONGEST_UNKNOWN = 40;

/** @param {any} md */
export function math(md) {
  md.inline.ruler.before("escape", "math", inlineMath);
  md.block.ruler.before("fence", "math_block", mathBlock, { alt: ["paragraph", "reference", "blockquote", "list"] });
}

function inlineMath(state, silent) {
  const character = state.src[state.pos];
  if (character !== "$" && character !== "\\") return false;
  const found = closedFormula(state, character);
  if (!found) return openMath(state, silent);
  const content = found.slice(2, -2);
  if (character !== "$" && (!isFormula(content) || closesAlone(content, found[1]))) return false;
  return put(state, silent, found);
}

/** The formula that begins here, if it is closed. */
function closedFormula(state, character) {
  const { src, pos, posMax } = state;
  const patterns = character === "$" ? DOLLARS : isClosed(state, CLOSERS[src[pos + 1]]) ? BRACKETS : [];
  for (const pattern of patterns) {
    pattern.lastIndex = pos;
    const found = pattern.exec(src);
    if (found && pos + found[0].length <= posMax) return found[0];
  }
  return "";
}

/** Whether this closer comes later. It is looked for once: a text of openers would be read thousands of times. */
function isClosed(state, closer) {
  state.closers ??= Object.values(CLOSERS).map((one) => [one, state.src.lastIndexOf(one)]);
  return state.closers.some(([one, last]) => one === closer && last >= state.pos + 2);
}

/** Whether what is between escaped brackets is a formula: it has a sign of one, or letters but no words. */
function isFormula(content) {
  return hasSign(content) || (/\p{L}/u.test(content) && !WORD.test(content));
}

/** Whether a text has a sign of a formula, as far as it is written; other escaped brackets are none. */
function hasSign(content) {
  return SIGN.test(content.replace(/\\(?:[[\]()]|$)/g, ""));
}

/** A formula that is still being written reaches to the end of a text that grows. */
function openMath(state, silent) {
  const growing = state.env.last && state.tokens === state.env.last;
  if (!growing) return false;
  const rest = state.src.slice(state.pos, state.posMax);
  if (rest.length > LONGEST_OPEN) return false;
  const opener = rest.slice(0, 2);
  if (opener === "$$") return put(state, silent, rest);
  if (rest[0] === "$") return rest.length < LONGEST_OPEN_DOLLAR && OPEN_DOLLAR.test(rest) && put(state, silent, rest);
  if (opener !== "\\(" && opener !== "\\[") return false;
  const content = rest.slice(2);
  if (closesAlone(content, opener[1])) return false;
  if (hasSign(content)) return put(state, silent, rest);
  if (WORD.test(content) || content.length > LONGEST_UNKNOWN) return false;
  state.pos = state.posMax;
  return true;
}

/** Whether a bracket is closed that is not opened in this text: then the one before it was an escaped one. */
function closesAlone(content, opener) {
  const closer = opener === "(" ? ")" : "]";
  let depth = 0;
  for (const character of content) {
    if (character === opener) depth++;
    if (character === closer && --depth < 0) return true;
  }
  return false;
}

function put(state, silent, formula) {
  if (!silent) state.push("math", "", 0).content = formula;
  state.pos += formula.length;
  return true;
}

/** From a line `$$` or `\[` to its partner or the next blank line: decided line by line, as a growing text needs it. */
function mathBlock(state, startLine, endLine, silent) {
  const opener = lineOf(state, startLine).trim();
  if (opener !== "$$" && opener !== "\\[") return false;
  if (state.sCount[startLine] - state.blkIndent >= 4) return false;
  if (silent) return true;
  const closer = opener === "$$" ? "$$" : "\\]";
  let line = startLine + 1;
  while (line < endLine && !state.isEmpty(line) && state.sCount[line] >= state.blkIndent) {
    line++;
    if (lineOf(state, line - 1).trim() === closer) break;
  }
  const token = state.push("math_block", "", 0);
  token.content = state.getLines(startLine, line, state.blkIndent, false).trimEnd();
  token.map = [startLine, line];
  state.line = line;
  return true;
}

/** @returns {string} */
const lineOf = (state, line) => state.src.slice(state.bMarks[line] + state.tShift[line], state.eMarks[line]);
