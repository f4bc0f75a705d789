/** Brings a part of the page into sight, once, when the script has drawn it. */

const shown = new Set();

/**
 * @param {{data: {target: string, once: string}}} mount `target` is the key of the part; what it shows is named by `once`.
 * @returns {() => void}
 */
export function draw({ data: { target, once } }) {
  const name = `${target} ${once}`;
  // The elements around it get their sizes with the next frames.
  if (!shown.has(name)) requestAnimationFrame(() => requestAnimationFrame(() => show(target)));
  shown.add(name);
  // The presenter's stage leaves away what it has no room for beside this part.
  document.documentElement.dataset.revealed = target;
  return () => {
    if (document.documentElement.dataset.revealed === target) delete document.documentElement.dataset.revealed;
  };
}

function show(target) {
  const element = document.querySelector(`.st-key-${CSS.escape(target)}`);
  if (!element) return;
  const { top, bottom } = element.getBoundingClientRect();
  const hidden = document.querySelector(".st-key-run_panel")?.getBoundingClientRect().bottom ?? 0;
  if (top >= hidden && bottom <= innerHeight) return;
  const calm = matchMedia("(prefers-reduced-motion: reduce)").matches;
  element.scrollIntoView({ block: "start", behavior: calm ? "auto" : "smooth" });
}
