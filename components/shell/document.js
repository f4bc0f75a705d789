(() => {
  // Streamlit's server is at the document's base, also on a deep link.
  window.__streamlit = { BACKEND_BASE_URL: new URL("./", document.baseURI).href };
  // The page is shown when its elements and its players have arrived, and after four seconds in any case.
  const LATEST_MS = 4000;
  const LOADING = ".stSkeleton, [data-testid=stSkeleton], .sl-mount:not(.sl-loaded)";
  const arrived = () => document.querySelector(".st-key-page_drawn") && !document.querySelector(LOADING);
  const look = () => {
    if (arrived() || performance.now() > LATEST_MS) document.documentElement.classList.add("sl-shown");
    else setTimeout(look, 50);
  };
  look();
})();
