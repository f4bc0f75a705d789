/** Recorded runs as a Streamlit component: loaded once, then played in the browser, whatever the script does. */

import { make } from "./dom.js";
import { Replay } from "./replay.js";
import { installShortcuts } from "./shortcuts.js";
import { Showcase } from "./showcase.js";

/** @type {WeakMap<Element, Mounted>} */
const mounted = new WeakMap();

/** The parameter of the page's URL that names the view. */
const VIEW_PARAM = "view";

/**
 * @param {{element: HTMLElement, data: any, base: string, setTriggerValue: (name: string, value: any) => void}} mount
 * @returns {() => void} Takes the replay down.
 */
export function draw({ element, data, base, setTriggerValue }) {
  installShortcuts();
  let known = mounted.get(element);
  if (known === undefined) {
    known = new Mounted(element);
    mounted.set(element, known);
  }
  known.show(data, base, () => setTriggerValue("unreachable", "recordings"));
  return () => {
    mounted.delete(element);
    known.destroy();
  };
}

class Mounted {
  constructor(element) {
    this.element = element;
    this.shown = "";
    /** @type {Replay | Showcase | null} */
    this.replay = null;
    this.speed = 1;
  }

  async show(data, base, tellUnreachable) {
    const shown = JSON.stringify(data.recordings);
    if (shown === this.shown) return;
    this.shown = shown;
    this._clear("Loading the recording…");
    try {
      const recordings = await Promise.all(data.recordings.map((recording) => load(recording, base)));
      if (this.shown !== shown) return;
      const content = make("div");
      this.element.replaceChildren(content);
      const settings = { ...data, recordings, onChosen: rememberView };
      this.replay = data.showcase ? new Showcase(content, settings) : new Replay(content, settings);
      this.replay.clock.setSpeed(data.speed ?? this.speed);
      if (data.speed && !data.showcase) this.replay.clock.play();
    } catch (error) {
      if (this.shown !== shown) return;
      this._clear(error.message);
      if (error.unreachable) tellUnreachable();
    }
  }

  _clear(text) {
    this.speed = this.replay?.clock.speed ?? this.speed;
    this.replay?.destroy();
    this.replay = null;
    const note = make("div", "sl-player sl-replay-note", text);
    note.setAttribute("role", "status");
    this.element.replaceChildren(note);
  }

  destroy() {
    this.shown = "";
    this.replay?.destroy();
    this.replay = null;
  }
}

async function load({ src, label, content: brought, error }, base) {
  if (error) throw new Error(error);
  if (brought) return { entries: JSON.parse(brought).entries, label };
  const response = await fetch(new URL(src, base)).catch(() => null);
  const content = await response?.json().catch(() => null);
  if (!response?.ok || !content?.entries) {
    const text = content?.error ?? "The recording could not be loaded. Reload the page to try again.";
    // The app's own answers are JSON.
    throw Object.assign(new Error(text), { unreachable: content === null || content === undefined });
  }
  return { entries: content.entries, label };
}

/** Put the view into the page's address, so that a link opens it. */
function rememberView(name) {
  const address = new URL(location.href);
  address.searchParams.set(VIEW_PARAM, name);
  history.replaceState(history.state, "", address);
}
