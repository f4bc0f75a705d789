(() => {
  // Presenter mode is a class that the style knows. It lasts while the tab is open, also from page to page.
  const NAME = "presenter";
  const ON = "sl-presenter";
  const root = document.documentElement;
  const stored = (call) => {
    try {
      return call(sessionStorage);
    } catch {
      return null; // A browser that stores nothing for this site still presents this page.
    }
  };
  const present = (on) => {
    root.classList.toggle(ON, on);
    stored((storage) => (on ? storage.setItem(NAME, "1") : storage.removeItem(NAME)));
    const address = new URL(location.href);
    if (on || !address.searchParams.has(NAME)) return;
    address.searchParams.delete(NAME);
    history.replaceState(history.state, "", address);
  };
  // Escape first closes what is open above the page.
  const closes = () => document.querySelector("dialog[open], [popover]:popover-open, [data-baseweb=popover]");
  const asked = new URLSearchParams(location.search).get(NAME) === "1";
  if (asked || stored((storage) => storage.getItem(NAME)) === "1") present(true);
  document.addEventListener("click", ({ target }) => {
    if (target instanceof Element && target.closest(".sl-presenter-toggle")) present(!root.classList.contains(ON));
  });
  document.addEventListener(
    "keydown",
    (event) => {
      if (event.key !== "Escape" || !root.classList.contains(ON) || closes()) return;
      if (event.target instanceof Element && event.target.closest("input, textarea")) return;
      present(false);
    },
    // Before anything closes what this key closes.
    { capture: true },
  );
})();
