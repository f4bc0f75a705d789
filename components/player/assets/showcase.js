/**
 * A recorded run that plays by itself once, with one button and no other control. With `prefers-reduced-motion` it shows
 * its end, and moves only when it is told to.
 */

import { make, makeSvg, writeText } from "./dom.js";
import { position } from "./format.js";
import { Playback } from "./playback.js";
import { PlaybackClock } from "./playback_clock.js";
import { Player } from "./player.js";

const PLAY = "M6 4v16l13-8z";
const PAUSE = "M6 4h4v16H6zM14 4h4v16h-4z";

export class Showcase {
  /**
   * @param {HTMLElement} element
   * @param {{recordings: import("./replay.js").Recorded[], panels: import("./player.js").PanelSpec[],
   *   colours?: Record<string, string>, note?: string}} settings `note` says what is played.
   */
  constructor(element, { recordings, panels, colours = {}, note = "" }) {
    this.playback = new Playback(recordings[0].entries);
    this.clock = new PlaybackClock([this.playback]);
    this.player = new Player(make("div", "sl-showcase-picture"));
    this.player.show({ runs: [], playbacks: [this.playback], panels, colours });
    this.button = /** @type {HTMLButtonElement} */ (make("button", "sl-transport-button sl-play"));
    this.button.type = "button";
    this.icon = makeSvg("path", { d: PLAY });
    const picture = makeSvg("svg", { viewBox: "0 0 24 24", "aria-hidden": "true" });
    picture.append(this.icon);
    this.button.append(picture);
    this.button.addEventListener("click", () => this.clock.toggle());
    this.time = make("span", "sl-transport-time");
    const bar = make("div", "sl-player sl-transport");
    bar.append(this.button, this.time, make("span", "sl-showcase-note", note));
    element.classList.add("sl-player", "sl-showcase");
    element.replaceChildren(this.player.element, bar);
    this.listener = () => this._paint();
    this.clock.listeners.add(this.listener);
    if (matchMedia("(prefers-reduced-motion: reduce)").matches) this.clock.seek(this.clock.duration);
    else this.clock.play();
  }

  _paint() {
    const { at, duration, direction } = this.clock;
    writeText(this.time, `${position(at)} of ${position(duration)}`);
    const label = direction ? "Pause" : at >= duration ? "Play again" : "Play";
    this.button.setAttribute("aria-label", label);
    this.button.title = label;
    this.icon.setAttribute("d", direction ? PAUSE : PLAY);
  }

  destroy() {
    this.clock.destroy();
    this.player.destroy();
  }
}
