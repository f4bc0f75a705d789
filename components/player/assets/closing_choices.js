/** A choice in a popover closes it, and what comes next has the focus. */

/** @type {[string, string][]} Where choices are, and the button that opened them. */
const CHOICES = [
  ["[class*='st-key-example_'] button", ".st-key-examples button"],
  ["[class*='st-key-preset-'] button", ".st-key-race_presets button"],
];
const NEXT = ".st-key-run button";

export function installClosingChoices() {
  document.addEventListener("click", ({ target }) => {
    const found = target instanceof Element && CHOICES.find(([choice]) => target.closest(choice));
    if (!found) return;
    // After Streamlit has taken the choice.
    setTimeout(() => {
      const opener = /** @type {HTMLElement | null} */ (document.querySelector(found[1]));
      if (opener?.getAttribute("aria-expanded") !== "false") opener?.click();
      setTimeout(() => /** @type {HTMLElement | null} */ (document.querySelector(NEXT))?.focus());
    });
  });
}
