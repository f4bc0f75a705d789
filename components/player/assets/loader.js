/**
 * The code that Streamlit carries to the browser with each mount, and therefore small: it finds the app's address, also
 * below a proxy's prefix, and loads the player from there once a tab. If that fails, the mount reports it to Python, which sends the same
 * script by a component of its own, which hands it over here.
 */

const mounts = new WeakMap();

export default function ({ parentElement, data, setTriggerValue }) {
  const element = parentElement.querySelector(".sl-mount");
  element.style.minHeight = `${data.min_height}px`;
  const base = appAddress(data.base_path);
  let mount = mounts.get(element);
  if (mount === undefined) {
    mount = { destroy: null, gone: false };
    mounts.set(element, mount);
  }
  mount.latest = { element, data: data.player, base, setTriggerValue, fed: data.fed, edition: data.routes_edition };
  loadModules(data, base).then(
    (modules) => {
      if (mount.note) element.textContent = mount.note = "";
      if (!mount.gone) mount.destroy = modules[data.module].draw(mount.latest);
      element.classList.add("sl-loaded");
    },
    () => {
      element.classList.add("sl-loaded");
      if (mount.gone) return;
      element.textContent = mount.note = "The live view could not be loaded. Reload the page to try again.";
      // Each mount reports: a report of one that the next script run does not draw is lost.
      setTriggerValue("unreachable", "script");
    },
  );
  return () => {
    mount.gone = true;
    mounts.delete(element);
    mount.destroy?.();
  };
}

/** The player's modules by name: from the server, or as Streamlit brings them. */
async function loadModules(data, base) {
  if (data.inline) return inlineWay().modules;
  const folder = new URL(`api/player/${data.version}/`, base);
  const styles = data.styles.map((name) => loadStyle(new URL(name, folder).href));
  const [{ modules }] = await Promise.all([import(new URL("player.js", folder).href), ...styles]);
  return modules;
}

/** Where the script that Streamlit brings hands over its modules: one for the tab, whichever of both comes first. */
function inlineWay() {
  if (!globalThis.streamingLabPlayer) {
    const way = (globalThis.streamingLabPlayer = {});
    way.modules = new Promise((resolve) => (way.arrived = resolve));
  }
  return globalThis.streamingLabPlayer;
}

/** Add a style sheet to the page once, and wait for it: nothing is drawn without it. */
function loadStyle(href) {
  const known = document.head.querySelector(`link[href="${href}"]`);
  if (known) return known.sheet ? null : new Promise((resolve) => known.addEventListener("load", resolve));
  const link = document.createElement("link");
  link.rel = "stylesheet";
  link.href = href;
  document.head.append(link);
  return new Promise((resolve, reject) => {
    link.addEventListener("load", resolve);
    link.addEventListener("error", reject);
  });
}

/**
 * The address below which the app's own routes are. Streamlit's code comes from `static/js`, which is found below a proxy's
 * prefix too; Streamlit's setting `server.baseUrlPath` moves its own routes and not those of the app.
 */
function appAddress(basePath) {
  const script = document.querySelector('script[src*="static/js/"]');
  if (!script) return new URL("/", location.href).href;
  const address = script.src.slice(0, script.src.lastIndexOf("static/js/"));
  return basePath && address.endsWith(`/${basePath}/`) ? address.slice(0, -basePath.length - 1) : address;
}
