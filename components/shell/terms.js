(() => {
  // A dotted term is a link to its meaning in the glossary, which opens beside it. The elements are Streamlit's: only
  // their links are read. `TERMS` is put in front of this script.
  const PREFIX = "#term-";
  // The player marks the names of figures, where there is a meaning.
  globalThis.streamingLabTerms = TERMS;
  let note = null;
  const hide = () => note?.matches(":popover-open") && note.hidePopover();
  const show = (link, name, meaning) => {
    note ??= document.createElement("div");
    // Inside the app: outside, the page does not know whether it is dark.
    if (!note.isConnected) (document.querySelector(".stApp") ?? document.body).append(note);
    note.className = "sl-term-note";
    note.popover = "auto";
    note.setAttribute("role", "note");
    const title = document.createElement("strong");
    title.textContent = name;
    note.replaceChildren(title, ` ${meaning}`);
    const { left, bottom, top } = link.getBoundingClientRect();
    note.showPopover();
    const below = bottom + note.offsetHeight + 12 < innerHeight;
    note.style.left = `${Math.max(8, Math.min(left, innerWidth - note.offsetWidth - 8))}px`;
    note.style.top = `${below ? bottom + 6 : Math.max(8, top - note.offsetHeight - 6)}px`;
  };
  document.addEventListener(
    "click",
    (event) => {
      const link = event.target instanceof Element ? event.target.closest(`a[href^="${PREFIX}"]`) : null;
      const term = link?.getAttribute("href").slice(PREFIX.length);
      if (!link || !Object.hasOwn(TERMS, term)) return;
      const [name, meaning] = TERMS[term];
      // The page stays where it is, and its address as it was.
      event.preventDefault();
      event.stopPropagation();
      if (note?.dataset.of === link.href && note.matches(":popover-open")) return hide();
      show(link, name, meaning);
      note.dataset.of = link.href;
    },
    { capture: true },
  );
  addEventListener("scroll", hide, { capture: true, passive: true });
})();
