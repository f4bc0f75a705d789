/** Recorded runs as a Streamlit component: loaded once, then played in the browser, whatever the script does. */

import { make, writeText } from "./dom.js";
import { keepPosition, takeUpPosition } from "./kept_position.js";
import { piecesOf, playbackOf, textOf } from "./recording_text.js";
import { Replay } from "./replay.js";
import { installShortcuts } from "./shortcuts.js";
import { Showcase } from "./showcase.js";

/** @type {WeakMap<Element, Mounted>} */
const mounted = new WeakMap();

/** The parameters of the page's URL that name the view and the speed. */
const VIEW_PARAM = "view";
const SPEED_PARAM = "speed";
const LOADING = "Loading the recording…";

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
    /** @type {AbortController | null} Ends what is loaded for nothing. */
    this.loading = null;
    this.speed = 1;
    this.leaves = () => this.replay instanceof Replay && keepPosition(this.replay.clock);
    addEventListener("pagehide", this.leaves);
  }

  async show(data, base, tellUnreachable) {
    const shown = JSON.stringify(data.recordings);
    if (shown === this.shown) return;
    this.shown = shown;
    this._clear(LOADING);
    this.loading = new AbortController();
    const { signal } = this.loading;
    const shares = data.recordings.map(() => 0);
    const told = (index) => (share) => {
      shares[index] = share;
      if (!signal.aborted) this._tell(Math.min(...shares));
    };
    try {
      const recordings = await Promise.all(
        data.recordings.map(async (recording, index) => {
          return { playback: await load(recording, base, signal, told(index)), label: recording.label };
        }),
      );
      if (signal.aborted) return;
      const content = make("div");
      this.element.replaceChildren(content);
      const settings = { ...data, recordings, onChosen: (name) => remember(VIEW_PARAM, name) };
      this.replay = data.showcase ? new Showcase(content, settings) : new Replay(content, settings);
      const { clock } = this.replay;
      if (!(this.replay instanceof Replay && takeUpPosition(clock))) {
        clock.setSpeed(data.speed ?? this.speed);
        if (data.speed && !data.showcase) clock.play();
      }
      if (!data.showcase) rememberSpeedOf(clock);
    } catch (error) {
      if (signal.aborted) return;
      this._clear(error.message);
      if (error.unreachable) tellUnreachable();
    }
  }

  _clear(text) {
    this.speed = this.replay?.clock.speed ?? this.speed;
    this.replay?.destroy();
    this.replay = null;
    this.loading?.abort();
    this.note = make("div", "sl-player sl-replay-note", text);
    this.note.setAttribute("role", "status");
    this.share = make("span");
    // It changes too often to be read out.
    this.share.setAttribute("aria-hidden", "true");
    this.note.append(this.share);
    this.element.replaceChildren(this.note);
  }

  /** @param {number} share Of the recording that has to be waited for longest. */
  _tell(share) {
    writeText(this.share, ` ${Math.floor(100 * share)}%`);
  }

  destroy() {
    this.shown = "";
    removeEventListener("pagehide", this.leaves);
    this.loading?.abort();
    this.replay?.destroy();
    this.replay = null;
  }
}

/**
 * @param {{src: string, content?: string, error?: string}} recording Its content may have been brought already.
 * @param {string} base
 * @param {AbortSignal} signal
 * @param {(share: number) => void} onProgress
 */
async function load({ src, content: brought, error }, base, signal, onProgress) {
  if (error) throw new Error(error);
  const response = brought ? null : await fetch(new URL(src, base), { signal }).catch(() => null);
  if (response && !response.ok) {
    // The app's own answers are JSON.
    const content = await response.json().catch(() => null);
    return notLoaded(content?.error, content === null);
  }
  const pieces = brought ? piecesOf(brought) : response && textOf(response);
  const failed = (error) => (error.told ? notLoaded(error.message, false) : null);
  return (pieces && (await playbackOf(pieces, onProgress).catch(failed))) ?? notLoaded(undefined, !brought);
}

/** @returns {never} */
function notLoaded(text = "The recording could not be loaded. Reload the page to try again.", unreachable = true) {
  throw Object.assign(new Error(text), { unreachable });
}

/** Put each speed that is chosen from now on into the address. @param {import("./playback_clock.js").PlaybackClock} clock */
function rememberSpeedOf(clock) {
  let { speed } = clock;
  clock.listeners.add(() => {
    if (speed === clock.speed) return;
    speed = clock.speed;
    remember(SPEED_PARAM, String(speed));
  });
}

/** Put what is chosen into the page's address, so that a link opens it. @param {string} param @param {string} value */
function remember(param, value) {
  const address = new URL(location.href);
  address.searchParams.set(param, value);
  history.replaceState(history.state, "", address);
}
