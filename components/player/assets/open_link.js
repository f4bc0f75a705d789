/**
 * Whether a link may still be open, as far as it is written.
 * @param {string} rest From the end of its label, `]`, on.
 */
export function linkIsOpen(rest) {
  if (rest === "]") return true;
  if (rest[1] === "[") return !rest.includes("]", 2);
  return rest[1] === "(" && isOpen(rest.slice(2).trimStart());
}

const TITLE_ENDS = { '"': '"', "'": "'", "(": ")" };

/** Whether an address, with a title or without, needs more to be complete. */
function isOpen(address) {
  const end = address[0] === "<" ? endOf(address, ">") : endOfPlain(address);
  if (end < 0) return true;
  const title = address.slice(end).trimStart();
  if (!title) return true;
  const closer = TITLE_ENDS[title[0]];
  if (!closer || title.length === address.slice(end).length) return false;
  const titleEnd = endOf(title, closer);
  return titleEnd < 0 || !title.slice(titleEnd).trim();
}

/** Where an address in parentheses ends: at a blank, or at a parenthesis that it has not opened; or -1. */
function endOfPlain(address) {
  let depth = 0;
  for (let at = 0; at < address.length; at++) {
    if (address[at] === "\\") at++;
    else if (/\s/.test(address[at])) return at;
    else if (address[at] === "(") depth++;
    else if (address[at] === ")" && --depth < 0) return at;
  }
  return -1;
}

/** Where what begins with an opener ends, or -1. */
function endOf(text, closer) {
  for (let at = 1; at < text.length; at++) {
    if (text[at] === "\\") at++;
    else if (text[at] === closer) return at + 1;
  }
  return -1;
}
