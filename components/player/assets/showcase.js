/**
 * A recorded run that plays by itself once, with one button and no other control. With `prefers-reduced-motion` it shows
 * its end, and moves only on a click.
 */

import { make, writeText } from "./dom.js";
import { position } from "./format.js";
import { Playback } from "./playback.js";
import { PlaybackClock } from "./playback_clock.js";
import { Player } from "./player.js";
import { showOn, transportButton } from "./transport_button.js";

export class Showcase {
  /**
   * @param {HTMLElement} element
   * @param {{recordings: import("./replay.js").Recorded[], panels: import("./player.js").PanelSpec[],
   *   colours?: Record<string, string>, note?: string}} settings `note` says what is played.
   */
  constructor(element, { recordings, panels, colours = {}, note = "" }) {
    this.playback = recordings[0].playback ?? new Playback(recordings[0].entries);
    this.clock = new PlaybackClock([this.playback]);
    this.player = new Player(make("div", "sl-showcase-picture"));
    this.player.show({ runs: [], playbacks: [this.playback], panels, colours });
    this.button = transportButton("play", "Play", () => this.clock.toggle());
    this.button.classList.add("sl-play");
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
    const title = direction ? "Pause" : at >= duration ? "Play again" : "Play";
    showOn(this.button, direction ? "pause" : "play", title);
  }

  destroy() {
    this.clock.destroy();
    this.player.destroy();
  }
}
