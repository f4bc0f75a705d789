// Runs in each measured page before its own scripts: when each word came into the DOM, frames, layout shifts, clicks.
(() => {
  const bench = { pane: "body", last: 0, seen: [], gaps: [], shifts: [], clicked: 0 };
  window.bench = bench;
  const now = () => performance.timeOrigin + performance.now();
  const WORD = /w\d{5}/g;
  /** @param {string} text */
  const look = (text) => {
    const words = text.slice(-4000).match(WORD);
    if (!words) return;
    for (const word of words) {
      const number = Number(word.slice(1));
      if (number > bench.last) bench.last = number;
    }
  };
  new MutationObserver((records) => {
    const before = bench.last;
    for (const { target, addedNodes } of records) {
      const element = target.nodeType === Node.ELEMENT_NODE ? target : target.parentElement;
      if (!element || !element.closest(bench.pane)) continue;
      if (target.nodeType === Node.TEXT_NODE) look(target.data);
      for (const node of addedNodes) look(node.textContent);
    }
    if (bench.last > before) bench.seen.push([bench.last, now()]);
  }).observe(document, { childList: true, subtree: true, characterData: true });
  let frame = 0;
  const tick = () => {
    const at = now();
    if (frame && at - frame > 20) bench.gaps.push([at, at - frame]);
    frame = at;
    requestAnimationFrame(tick);
  };
  requestAnimationFrame(tick);
  new PerformanceObserver((list) => {
    for (const entry of list.getEntries()) {
      if (!entry.hadRecentInput) bench.shifts.push([performance.timeOrigin + entry.startTime, entry.value]);
    }
  }).observe({ type: "layout-shift", buffered: true });
  document.addEventListener("click", (event) => { bench.clicked = performance.timeOrigin + event.timeStamp; }, true);
})();
