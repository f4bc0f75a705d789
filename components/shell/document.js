(() => {
  // Streamlit's server is at the document's base, also on a deep link.
  window.__streamlit = { BACKEND_BASE_URL: new URL("./", document.baseURI).href };
  // What a page notes in its own address is no step of the visitor: Back leads to the page before.
  const push = history.pushState.bind(history);
  // The address at the last click, which may turn to another page.
  let left = "";
  history.pushState = (state, title, url) => {
    if (url != null && new URL(url, location.href).pathname === location.pathname) return void history.replaceState(state, title, url);
    // Streamlit writes what the next page notes, and the parameters of a link, into the address of the page that is left.
    if (left && new URL(left).pathname === location.pathname) history.replaceState(history.state, "", left);
    left = "";
    push(state, title, url);
    toTop();
  };
  addEventListener("click", () => (left = location.href), { capture: true });
  // A page begins at its top, also where the page before it was scrolled. Back leads to another page too.
  let shownPath = location.pathname;
  const toTop = () => {
    if (location.pathname !== shownPath) document.querySelector(".stMain")?.scrollTo(0, 0);
    shownPath = location.pathname;
  };
  addEventListener("popstate", toTop);
  // The page is shown when its elements, its fonts and its players have arrived, except what is below the window, and the
  // player of the home page, which keeps its place free. A slow network or a busy server may take long for that: a page is
  // shown as it is when for eight seconds no script has run and nothing has arrived, and after a minute in any case.
  const PATIENCE_MS = 8000;
  const LATEST_MS = 60_000;
  // A script that draws a running answer itself comes to its end with the run: then it counts that no element is added.
  const CALM_MS = 2000;
  const LOADING =
    ".stSkeleton, [data-testid=stSkeleton], [data-testid^=stBidiComponent]:not(:has(.sl-mount)), " +
    ".sl-mount:not(.sl-loaded, .st-key-home_lanes *)";
  // What has arrived is laid out and painted before the page is looked at again.
  const LOOKS = 2;
  let elements = 0;
  let changedAt = 0;
  let loadedAt = 0;
  let busyAt = 0;
  new PerformanceObserver(() => (loadedAt = performance.now())).observe({ type: "resource", buffered: true });
  const noteElements = () => {
    const now = document.querySelectorAll(".stMain .stElementContainer").length;
    if (now !== elements) [elements, changedAt] = [now, performance.now()];
    const running = document.querySelector("[data-test-script-state=running]");
    if (running || !document.querySelector(".stApp")) busyAt = performance.now();
  };
  // While no player has loaded, more may come however calm it is; a spinner says what is waited for until then.
  const calm = () => document.querySelector(".sl-loaded, .stSpinner") && performance.now() - changedAt > CALM_MS;
  // The font of code has letters of one width, and so has what is shown until it arrives.
  const fontsArrived = () => ![...document.fonts].some(({ family, status }) => status === "loading" && !/Code/.test(family));
  const inSight = (element) => element.getBoundingClientRect().top < innerHeight;
  const arrived = () =>
    ![...document.querySelectorAll(LOADING)].some(inSight) &&
    fontsArrived() &&
    (calm() || document.querySelector(".st-key-page_drawn"));
  const givenUp = () => performance.now() > Math.min(Math.max(changedAt, loadedAt, busyAt) + PATIENCE_MS, LATEST_MS);
  const root = document.documentElement;
  let looks = 0;
  const look = () => {
    noteElements();
    looks = arrived() ? looks + 1 : 0;
    if (looks < LOOKS && !givenUp()) return void setTimeout(look, 50);
    root.classList.add("sl-shown");
    followTheme(document.querySelector(".stApp"));
  };
  // What stays while the page scrolls needs the page's colour, which no variable of Streamlit holds.
  const followTheme = (app) => {
    if (!app) return;
    const paint = () => root.style.setProperty("--sl-page-colour", getComputedStyle(app).backgroundColor);
    paint();
    new MutationObserver(paint).observe(app, { attributes: true, attributeFilter: ["class"] });
  };
  // On a phone the title is where Streamlit's header would hide what passes below it.
  document.addEventListener(
    "scroll",
    ({ target }) => target instanceof Element && target.matches(".stMain") && root.classList.toggle("sl-scrolled", target.scrollTop > 2),
    { capture: true, passive: true },
  );
  // The keyboard comes to Run at once, and not past the whole navigation; it is seen only then.
  const skip = document.createElement("nav");
  skip.id = "sl-skip";
  skip.setAttribute("aria-label", "Skip");
  const button = skip.appendChild(document.createElement("button"));
  const run = () => document.querySelector(".stMain .st-key-run button");
  button.addEventListener("focus", () => (button.textContent = run() ? "Skip to Run" : "Skip to the page"));
  button.textContent = "Skip to the page";
  button.addEventListener("click", () => (run() ?? document.querySelector(".stMain :is(button, a, input, textarea)"))?.focus());
  document.addEventListener("DOMContentLoaded", () => document.body.prepend(skip));
  look();
})();
