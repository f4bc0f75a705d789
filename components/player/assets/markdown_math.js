/**
 * A markdown-it plugin that leaves formulas as they are written: what is between `$…$`, `$$…$$`, `\(…\)` or `\[…\]` is
 * text, in which `_`, `*` and `\` mean nothing. A dollar sign before an amount of money opens no formula (pandoc's rule).
 */

const INLINE = [
  /\$\$[^$]{1,2000}?\$\$/y,
  /\$(?=[^\s$])(?:\\.|[^$\\\n])*?(?<=\S)\$(?!\d)/y,
  /\\\((?:[^\\]|\\(?!\))){0,2000}?\\\)/y,
  /\\\[(?:[^\\]|\\(?!\])){0,2000}?\\\]/y,
];

const OPENED = /^(?:\$\$|\\\(|\\\[)/;

/** @param {any} md */
export function math(md) {
  md.inline.ruler.before("escape", "math", inlineMath);
  md.block.ruler.before("fence", "math_block", mathBlock, { alt: ["paragraph", "reference", "blockquote", "list"] });
}

function inlineMath(state, silent) {
  const character = state.src[state.pos];
  if (character !== "$" && character !== "\\") return false;
  for (const pattern of INLINE) {
    pattern.lastIndex = state.pos;
    const found = pattern.exec(state.src);
    if (!found || state.pos + found[0].length > state.posMax) continue;
    if (!silent) state.push("math", "", 0).content = found[0];
    state.pos += found[0].length;
    return true;
  }
  return openMath(state, silent);
}

/** A formula that is still being written reaches to the end of a text that grows. */
function openMath(state, silent) {
  const growing = state.env.last && state.tokens === state.env.last;
  if (!growing || !OPENED.test(state.src.slice(state.pos, state.pos + 2))) return false;
  if (!silent) state.push("math", "", 0).content = state.src.slice(state.pos, state.posMax);
  state.pos = state.posMax;
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
