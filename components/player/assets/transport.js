/**
 * The buttons, the time and the speed of a playback, and its keys.
 *
 *     const clock = new PlaybackClock([playback]);
 *     const transport = new Transport(clock);
 *     page.append(transport.element, new RunMap(clock, playback).element);
 */

import { make, writeText } from "./dom.js";
import { position } from "./format.js";
import { SPEEDS } from "./playback_clock.js";
import { pointedAt } from "./pointed.js";
import { showOn, transportButton } from "./transport_button.js";

/** @typedef {import("./playback_clock.js").PlaybackClock} PlaybackClock */

const SECOND = 1;
/** What a key does on these is theirs. */
const OWN_KEYS = "input, select, textarea, [contenteditable], [role=listbox], [role=region], [role=list], summary";

export class Transport {
  /** @param {PlaybackClock} clock */
  constructor(clock) {
    this.clock = clock;
    this.element = make("div", "sl-player sl-transport");
    this.element.setAttribute("role", "toolbar");
    this.element.setAttribute("aria-label", "Playback");
    this.backward = transportButton("backward", "Play backward", () => clock.toggle(-1));
    this.play = transportButton("play", "Play", () => clock.toggle(1));
    this.play.classList.add("sl-play");
    this.buttons = make("div", "sl-transport-buttons");
    this.buttons.append(
      transportButton("start", "To the start (Home)", () => clock.seek(0)),
      transportButton("previous", "Previous event (←)", () => clock.step(-1)),
      this.backward,
      this.play,
      transportButton("next", "Next event (→)", () => clock.step(1)),
      transportButton("end", "To the end (End)", () => clock.seek(clock.duration)),
    );
    this.time = make("output", "sl-transport-time");
    this.time.setAttribute("aria-live", "off");
    this.speed = this._speeds();
    this.element.append(this.buttons, this.time, this.speed);
    this.listener = () => this._paint();
    clock.listeners.add(this.listener);
    this.onKey = (event) => this._key(event);
    document.addEventListener("keydown", this.onKey);
    this._paint();
  }

  _speeds() {
    const select = /** @type {HTMLSelectElement} */ (make("select", "sl-transport-speed"));
    select.setAttribute("aria-label", "Speed");
    select.title = "Speed (< and >)";
    for (const speed of SPEEDS) {
      const option = /** @type {HTMLOptionElement} */ (make("option", "", `${speed}×`));
      option.value = String(speed);
      select.append(option);
    }
    select.addEventListener("change", () => this.clock.setSpeed(Number(select.value)));
    return select;
  }

  /** Keys count on the page itself, on what a click elsewhere left the focus on, and on the player's own controls. @param {KeyboardEvent} event */
  _key(event) {
    const target = /** @type {Element} */ (event.target);
    if (event.defaultPrevented || event.altKey || event.ctrlKey || event.metaKey) return;
    const own = target.closest(".sl-transport, .sl-map, .sl-replay");
    // A click beside everything gives the focus to the part of the page that scrolls.
    const page = target.contains(this.element) || (!own && pointedAt(target));
    if (!page && (!own || target.matches(OWN_KEYS))) return;
    // Space presses the player's button that has the focus.
    if (event.key === " " && own && target.closest("button")) return;
    const act = this._action(event);
    if (act === undefined) return;
    event.preventDefault();
    act();
  }

  /** @returns {(() => void) | undefined} */
  _action({ key, shiftKey }) {
    const { clock } = this;
    switch (key) {
      case " ":
        return () => (clock.direction ? clock.pause() : clock.play());
      case "ArrowLeft":
        return () => (shiftKey ? clock.seek(clock.at - SECOND) : clock.step(-1));
      case "ArrowRight":
        return () => (shiftKey ? clock.seek(clock.at + SECOND) : clock.step(1));
      case "Home":
        return () => clock.seek(0);
      case "End":
        return () => clock.seek(clock.duration);
      case ",":
      case "<":
        return () => clock.changeSpeed(-1);
      case ".":
      case ">":
        return () => clock.changeSpeed(1);
    }
  }

  _paint() {
    const { at, duration, direction, speed } = this.clock;
    writeText(this.time, `${position(at)} of ${position(duration)}`);
    this.speed.value = String(speed);
    showOn(this.play, ...(direction > 0 ? ["pause", "Pause (space)"] : ["play", "Play (space)"]));
    showOn(this.backward, ...(direction < 0 ? ["pause", "Pause"] : ["backward", "Play backward"]));
  }

  destroy() {
    this.clock.listeners.delete(this.listener);
    document.removeEventListener("keydown", this.onKey);
  }
}
