/** The copy button of a code block. */

const SHOWN_MS = 1_500;

/**
 * Handles clicks inside a text: those on a copy button copy the code of their block.
 * @param {MouseEvent} event
 */
export async function copyCode(event) {
  const button = /** @type {HTMLElement} */ (event.target).closest(".sl-copy");
  if (!button) return;
  await copy(button.closest(".sl-code").querySelector("code"));
  button.classList.add("sl-copied");
  setTimeout(() => button.classList.remove("sl-copied"), SHOWN_MS);
}

/** A page that is not served over HTTPS has no clipboard of its own: there the text is selected and copied. */
async function copy(code) {
  if (navigator.clipboard) {
    await navigator.clipboard.writeText(code.textContent);
    return;
  }
  getSelection().selectAllChildren(code);
  document.execCommand("copy");
}
