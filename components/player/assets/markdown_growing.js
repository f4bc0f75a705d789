/**
 * A markdown-it plugin for text that still grows: markup that has been opened and not yet closed is drawn as if it were
 * closed at the end, so that no raw `**` or half a link flashes up. It acts on the last inline content of a parse whose
 * `env.growing` is true, and on nothing else.
 *
 * The parser itself knows which delimiters are open, which a preprocessor of the text has to guess.
 */

import { linkIsOpen } from "./open_link.js";

const BACKTICK = 0x60;
const BRACKET = 0x5b;
const BANG = 0x21;
const UNDERSCORE = 0x5f;
const CODE_OPENER = /`+/y;
const LONGEST_LINK = 2_000;
const LONGEST_LABEL = 200;
const LONGEST_END = 80;
/** More delimiters without a partner are signs of something else. */
const MOST_OPEN = 40;
const CLOSED_CELL = /(?<!\\)\|\s*$/;
const UNDECIDED_END = /(?:\*+|_+|~+|\$|!|\\|<[^\s>]{0,60}|&#?\w{0,31})$/;
/** The label of a reference: within a line any one, and at its beginning a number or none, as logs begin with words. */
const REFERENCE = /^\]\[(?:[^\][^][^\][]{0,60})?\](?![[(:])/;
const FIRST_REFERENCE = /^\]\[\d{0,3}\](?![[(:])/;
const PICTURE = String.raw`\p{Extended_Pictographic}[\uFE0F\u{1F3FB}-\u{1F3FF}\u{E0020}-\u{E007F}]*`;
/** A picture that the next character may change into another one, as a person becomes a family. */
const UNDECIDED_PICTURE = new RegExp(`${PICTURE}(?:\\u200D${PICTURE})*\\u200D?$`, "u");
const FLAG_LETTERS = /\p{Regional_Indicator}+$/u;
const FLAG_LETTER_LENGTH = 2;

/** @param {any} md */
export function growing(md) {
  md.core.ruler.before("inline", "growing", markLastInline);
  md.inline.ruler.before("backticks", "open_code", openCode);
  md.inline.ruler.after("link", "open_link", openLink);
  md.inline.ruler.after("image", "open_image", openImage);
  md.inline.ruler.after("open_image", "pending_reference", pendingReference);
  md.inline.ruler2.after("balance_pairs", "close_delimiters", closeDelimiters);
  md.inline.ruler2.push("undecided_end", hideUndecidedEnd);
}

/** Remember the children of the last leaf, if it is inline content: text can only be added there. */
function markLastInline(state) {
  state.env.last = null;
  if (!state.env.growing) return;
  state.env.inLine = !state.src.endsWith("\n");
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
  const content = rest.replace(/[`\\]+$/, "").trim().replace(/\n/g, " ");
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
    // A closed label with a link in it is none.
    if (last - bracket > LONGEST_LABEL || state.md.helpers.parseLinkLabel(state, bracket, false) >= 0) return false;
    state.pos = bracket + 1;
    return true;
  }
  if (state.src[bracket - 1] === "]") return false;
  if (!linkIsOpen(state.src.slice(end, last))) return false;
  drawLabel(state, bracket, end, last);
  return true;
}

/** Draw what is between brackets, and go on behind all that is a link's. */
function drawLabel(state, bracket, end, next) {
  const last = state.posMax;
  state.pos = bracket + 1;
  state.posMax = end;
  state.md.inline.tokenize(state);
  state.pos = next;
  state.posMax = last;
}

/** A reference whose definition may still come is its text, until the text is complete. */
function pendingReference(state, silent) {
  const { src, pos } = state;
  const bracket = src.charCodeAt(pos) === BANG ? pos + 1 : pos;
  if (silent || !state.env.unfinished || src.charCodeAt(bracket) !== BRACKET) return false;
  // Looked for once: from each bracket on, a text of brackets alone would be read thousands of times.
  state.lastReference ??= src.lastIndexOf("][");
  if (state.lastReference < bracket) return false;
  // Behind a word it is an index.
  if (/[\p{L}\p{N}\])]$/u.test(src.slice(Math.max(0, pos - 2), pos))) return false;
  const end = state.md.helpers.parseLinkLabel(state, bracket, true);
  const first = pos === 0 || src[pos - 1] === "\n";
  const label = end > bracket + 1 && (first ? FIRST_REFERENCE : REFERENCE).exec(src.slice(end, end + LONGEST_END));
  if (!label) return false;
  drawLabel(state, bracket, end, end + label[0].length);
  return true;
}

/** Give each opening delimiter without a partner one at the end, the innermost first. */
function closeDelimiters(state) {
  if (!atEnd(state)) return;
  const delimiters = state.delimiters;
  if (delimiters.reduce((open, { end, close }) => open + (end === -1 && !close), 0) > MOST_OPEN) return;
  for (let index = delimiters.length - 1; index >= 0; index--) {
    const opener = delimiters[index];
    if (!opener.open || opener.end !== -1 || (opener.close && !opensInWord(state.tokens, opener))) continue;
    const token = state.push("text", "", 0);
    token.content = state.tokens[opener.token].content;
    opener.end = delimiters.length;
    delimiters.push({ ...opener, open: false, close: true, token: state.tokens.length - 1, end: -1 });
  }
}

/**
 * Whether a delimiter between characters of words opens something: scripts without blanks have it so, and two of them
 * before a letter. One between letters or before a number multiplies.
 */
function opensInWord(tokens, { marker, length, token }) {
  const isMark = ({ content }) => content === String.fromCharCode(marker);
  const before = tokens.slice(0, token).findLast((found) => !isMark(found))?.content ?? "";
  const after = tokens.slice(token).find((found) => !isMark(found))?.content ?? "";
  if (/^\d/.test(after)) return false;
  return length > 1 || marker === UNDERSCORE || /[^\0-\x7F]$/.test(before) || /^[^\0-\x7F]/.test(after);
}

/** Hold back characters at the very end whose meaning the next one decides. */
function hideUndecidedEnd(state) {
  if (!atEnd(state)) return;
  hideOpenAngle(state.tokens);
  const token = state.tokens.findLast((found) => found.nesting === 0 && (found.type !== "text" || found.content));
  if (token?.type !== "text") return;
  const cut = Math.max(0, token.content.length - LONGEST_END);
  const end = token.content.slice(cut).replace(UNDECIDED_END, "");
  token.content = token.content.slice(0, cut) + (state.env.inLine ? withoutOpenPicture(end) : end);
}

/** A text without the half of a flag, or the picture, at its end. */
function withoutOpenPicture(content) {
  const letters = (FLAG_LETTERS.exec(content)?.[0].length ?? 0) / FLAG_LETTER_LENGTH;
  return letters % 2 ? content.slice(0, -FLAG_LETTER_LENGTH) : content.replace(UNDECIDED_PICTURE, "");
}

/** Hold back the `<` of an address in angle brackets, which is a link before its `>` has come. */
function hideOpenAngle(tokens) {
  const open = tokens.findLastIndex(({ type }) => type === "link_open");
  if (open < 1 || tokens[open].markup !== "linkify") return;
  const [before, rest] = [tokens[open - 1], tokens.slice(open + 3)];
  if (before.type === "text" && !rest.some(({ content }) => /\s/.test(content))) before.content = before.content.replace(/<$/, "");
}
