/**
 * Keeps the text in the fields of a page below what the server takes as one message. More would close the connection, and
 * Streamlit would send it again with each new one: the page would stay disabled.
 */

const MOST_BYTES = 1_500_000;
const TOO_LONG = "At most 1.5 MB of text fit on a page. Shorten it.";
const TEXT = "textarea, input:not([type=file])";
/** UTF-8 has at most this many bytes for a unit of a string. */
const MOST_BYTES_OF_UNIT = 3;
const encoder = new TextEncoder();
/** The last text of a field that fitted. @type {WeakMap<HTMLElement, string>} */
const fitting = new WeakMap();

export function installFieldLimit() {
  document.addEventListener("beforeinput", refuseTooLong, { capture: true });
  document.addEventListener("focusin", ({ target }) => isField(target) && fitting.set(target, target.value), { capture: true });
  document.addEventListener("input", takeBackTooLong, { capture: true });
}

/**
 * What did not come by typing or pasting, such as a script's text, is taken back before the page hears of it.
 * @param {Event} event
 */
function takeBackTooLong(event) {
  const { target } = event;
  if (!isField(target)) return;
  if (fits(target, "")) {
    fitting.set(target, target.value);
    target.setCustomValidity("");
    return;
  }
  event.stopImmediatePropagation();
  target.value = fitting.get(target) ?? target.defaultValue;
  target.setCustomValidity(TOO_LONG);
  target.reportValidity();
}

/** @param {InputEvent} event */
function refuseTooLong(event) {
  const { target } = event;
  const added = event.data ?? event.dataTransfer?.getData("text/plain");
  if (!added || !isField(target) || fits(target, added)) return;
  event.preventDefault();
  target.setCustomValidity(TOO_LONG);
  target.reportValidity();
}

/** @param {EventTarget | null} target @returns {target is HTMLTextAreaElement | HTMLInputElement} */
function isField(target) {
  return target instanceof HTMLElement && target.matches(TEXT);
}

/** @param {HTMLTextAreaElement | HTMLInputElement} field @param {string} added What comes in the place of the selected text. */
function fits(field, added) {
  /** @type {NodeListOf<HTMLTextAreaElement | HTMLInputElement>} */
  const fields = document.querySelectorAll(TEXT);
  const texts = [added, ...[...fields].map(({ value }) => value)];
  // Counting every key's bytes would cost more than all else that a key does.
  const units = texts.reduce((sum, { length }) => sum + length, 0);
  if (units * MOST_BYTES_OF_UNIT <= MOST_BYTES) return true;
  const selected = field.value.slice(field.selectionStart ?? 0, field.selectionEnd ?? 0);
  return texts.reduce((sum, text) => sum + bytes(text), 0) - bytes(selected) <= MOST_BYTES;
}

/** @param {string} text */
function bytes(text) {
  return encoder.encode(text).length;
}
