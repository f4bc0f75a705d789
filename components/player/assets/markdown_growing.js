/**
 * A markdown-it plugin for text that still grows: markup that has been opened and not yet closed is drawn as if it were
 * closed at the end, so that no raw `**` or half a link flashes up. It acts on the last inline content of a parse whose
 * `env.growing` is true, and on nothing else.
 *
 * The parser itself knows which delimiters are open, which a preprocessor of the text has to guess.
 */

const BACKTICK = 0x60;
const BRACKET = 0x5b;
const BANG = 0x21;
const CODE_OPENER = /`+/y;
const LONGEST_LINK = 2_000;
const LONGEST_LABEL = 200;
const LONGEST_END = 80;
const CLOSED_CELL = /(?<!\\)\|\s*$/;
/** From the end of a label on; an address may have parentheses in it. */
const OPEN_LINK = /^\](?:$|\((?:[^()]|\([^()]*\))*(?:\([^()]*)?$|\[[^\]]*$)/;
const UNDECIDED_END = /(?:\*+|_+|~+|!|\\|<[^\s>]{0,60}|&#?\w{0,10})$/;

/** @param {any} md */
export function growing(md) {
  md.core.ruler.before("inline", "growing", markLastInline);
  md.inline.ruler.before("backticks", "open_code", openCode);
  md.inline.ruler.after("link", "open_link", openLink);
  md.inline.ruler.after("image", "open_image", openImage);
  md.inline.ruler2.after("balance_pairs", "close_delimiters", closeDelimiters);
  md.inline.ruler2.push("undecided_end", hideUndecidedEnd);
}

/** Remember the children of the last leaf, if it is inline content: text can only be added there. */
function markLastInline(state) {
  state.env.last = null;
  if (!state.env.growing) return;
  for (let index = state.tokens.length - 1; index >= 0; index--) {
    const token = state.tokens[index];
    if (token.nesting !== 0 || isCellToCome(state.tokens, index)) continue;
    if (token.type === "inline" && !(isCell(state.tokens, index) && CLOSED_CELL.test(state.src))) {
      state.env.last = token.children;
    }
    return;
  }
}

const isCell = (tokens, index) => /^t[hd]_open$/.test(tokens[index - 1]?.type);

/** The parser fills a row that is being written with empty cells. */
const isCellToCome = (tokens, index) => isCell(tokens, index) && !tokens[index].content;

/** @param {any} state */
const atEnd = (state) => state.env.last !== null && state.env.last !== undefined && state.tokens === state.env.last;

/** A code span without its closing backticks reaches to the end. */
function openCode(state, silent) {
  if (!atEnd(state) || state.src.charCodeAt(state.pos) !== BACKTICK) return false;
  CODE_OPENER.lastIndex = state.pos;
  const marker = CODE_OPENER.exec(state.src)[0];
  const start = state.pos + marker.length;
  const rest = state.src.slice(start, state.posMax);
  if (new RegExp(`(?<!\`)\`{${marker.length}}(?!\`)`).test(rest)) return false;
  const content = rest.replace(/`+$/, "").trim().replace(/\n/g, " ");
  if (!silent && content) {
    const token = state.push("code_inline", "code", 0);
    token.markup = marker;
    token.content = content;
  }
  state.pos = state.posMax;
  return true;
}

function openLink(state, silent) {
  return state.src.charCodeAt(state.pos) === BRACKET && openLabel(state, silent, state.pos);
}

function openImage(state, silent) {
  const { src, pos } = state;
  return src.charCodeAt(pos) === BANG && src.charCodeAt(pos + 1) === BRACKET && openLabel(state, silent, pos + 1);
}

/** A link whose address is not complete is its label; a label that is not complete is its text. */
function openLabel(state, silent, bracket) {
  if (silent || !atEnd(state) || state.linkLevel > 0) return false;
  const last = state.posMax;
  if (last - bracket > LONGEST_LINK) return false;
  const end = state.md.helpers.parseLinkLabel(state, bracket, true);
  if (end < 0) {
    if (last - bracket > LONGEST_LABEL || state.src.slice(bracket, last).includes("]")) return false;
    state.pos = bracket + 1;
    return true;
  }
  if (state.src[bracket - 1] === "]") return false;
  if (!OPEN_LINK.test(state.src.slice(end, last))) return false;
  state.pos = bracket + 1;
  state.posMax = end;
  state.md.inline.tokenize(state);
  state.pos = state.posMax = last;
  return true;
}

/** Give each opening delimiter without a partner one at the end, the innermost first. */
function closeDelimiters(state) {
  if (!atEnd(state)) return;
  const delimiters = state.delimiters;
  for (let index = delimiters.length - 1; index >= 0; index--) {
    const opener = delimiters[index];
    if (!opener.open || opener.end !== -1 || opener.close) continue;
    const token = state.push("text", "", 0);
    token.content = state.tokens[opener.token].content;
    opener.end = delimiters.length;
    delimiters.push({ ...opener, open: false, close: true, token: state.tokens.length - 1, end: -1 });
  }
}

/** Hold back characters at the very end whose meaning the next one decides. */
function hideUndecidedEnd(state) {
  if (!atEnd(state)) return;
  hideOpenAngle(state.tokens);
  const token = state.tokens.findLast((found) => found.nesting === 0 && (found.type !== "text" || found.content));
  if (token?.type !== "text") return;
  const cut = Math.max(0, token.content.length - LONGEST_END);
  token.content = token.content.slice(0, cut) + token.content.slice(cut).replace(UNDECIDED_END, "");
}

/** Hold back the `<` of an address in angle brackets, which is a link before its `>` has come. */
function hideOpenAngle(tokens) {
  const open = tokens.findLastIndex(({ type }) => type === "link_open");
  if (open < 1 || tokens[open].markup !== "linkify") return;
  const [before, rest] = [tokens[open - 1], tokens.slice(open + 3)];
  if (before.type === "text" && !rest.some(({ content }) => /\s/.test(content))) before.content = before.content.replace(/<$/, "");
}
