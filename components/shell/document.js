(() => {
  // Streamlit's server is at the document's base, also on a deep link.
  window.__streamlit = { BACKEND_BASE_URL: new URL("./", document.baseURI).href };
  // The page is shown when its elements and its players have arrived, except that of the home page, which keeps its
  // place free; and after eight seconds in any case.
  const LATEST_MS = 8000;
  // A script that draws a running answer itself comes to its end with the run: then it counts that no element is added.
  const CALM_MS = 2000;
  const LOADING = ".stSkeleton, [data-testid=stSkeleton], .sl-mount:not(.sl-loaded, .st-key-home_lanes *)";
  let elements = 0;
  let changedAt = 0;
  const calm = () => {
    const now = document.querySelectorAll(".stMain .stElementContainer").length;
    if (now !== elements) [elements, changedAt] = [now, performance.now()];
    // While no player has loaded, more may come however calm it is.
    return document.querySelector(".sl-loaded") && performance.now() - changedAt > CALM_MS;
  };
  const arrived = () => {
    const still = calm();
    return !document.querySelector(LOADING) && (still || document.querySelector(".st-key-page_drawn"));
  };
  const root = document.documentElement;
  const look = () => {
    if (!arrived() && performance.now() < LATEST_MS) return void setTimeout(look, 50);
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
  look();
})();
