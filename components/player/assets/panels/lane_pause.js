/**
 * Pauses the drawing of the lanes while their run goes on: Space holds them and lets them catch up, the arrow keys step from
 * part to part.
 */

import { make, writeText } from "../dom.js";
import { takesText } from "../field_keys.js";
import { position } from "../format.js";
import { pointedAt } from "../pointed.js";
import { showOn, transportButton } from "../transport_button.js";

const STEPS = { ArrowLeft: -1, ArrowRight: 1 };
/** What has the focus here has its own use of the arrow keys. */
const OWN_ARROWS = "[role=tab], [role=region], [role=log], [role=list], [role=slider], [role=radiogroup], [type=range], [type=radio]";
/** What Space presses. */
const PRESSED = "button, a, summary, [role=button], input";

export class LanePause {
  /**
   * @param {() => void} changed Called when another number of parts is to be shown.
   * @param {() => number} now The time of the run, in seconds.
   */
  constructor(changed, now) {
    this.changed = changed;
    this.now = now;
    this.buttons = make("div", "sl-lane-pause");
    this.back = transportButton("previous", "Previous part (←)", () => this.step(-1));
    this.toggleButton = transportButton("pause", "Pause (space)", () => this.toggle());
    this.on = transportButton("next", "Next part (→)", () => this.step(1));
    this.buttons.append(this.back, this.toggleButton, this.on);
    this.state = make("span", "sl-lane-paused");
    this.state.setAttribute("role", "status");
    this.onKey = (event) => this._key(event);
    document.addEventListener("keydown", this.onKey);
    this.reset();
  }

  reset() {
    /** @type {number | null} How many parts are shown; null shows all. */
    this.held = null;
    /** Whether other parts are shown than at the pause. */
    this.stepped = false;
    /** When the run was paused, in seconds: long after the last part where it is silent. */
    this.pausedAt = 0;
    this.over = true;
    /** @type {import("./mode_lanes.js").Part[]} */
    this.parts = [];
    this._paint();
  }

  /** How many of these parts are shown. @param {import("./mode_lanes.js").Part[]} parts @param {boolean} over */
  shown(parts, over) {
    this.parts = parts;
    this.over = over;
    this._paint();
    return this.held ?? parts.length;
  }

  /** Hold what is shown, or show what came meanwhile. */
  toggle() {
    this.stepped = false;
    this.pausedAt = this.now();
    this._hold(this.held === null ? this.parts.length : null);
  }

  /** Hold with one part more or less; the end of an ended run holds nothing. @param {number} by */
  step(by) {
    const length = this.parts.length;
    const wanted = Math.min(length, Math.max(0, (this.held ?? length) + by));
    const released = this.over && wanted === length;
    this.stepped = !released;
    this._hold(released ? null : wanted);
  }

  /** @param {number | null} held */
  _hold(held) {
    this.held = held;
    this._paint();
    this.changed();
  }

  /** @param {KeyboardEvent} event */
  _key(event) {
    const target = /** @type {Element} */ (event.target);
    if (event.defaultPrevented || event.altKey || event.ctrlKey || event.metaKey || takesText(target)) return;
    const step = STEPS[event.key];
    if (step ? target.closest(OWN_ARROWS) || !this.parts.length : event.key !== " " || !this._takesSpace(target)) return;
    event.preventDefault();
    if (step) this.step(step);
    else this.toggle();
  }

  /** Space presses what the keyboard has led to; after a click on Run it pauses. @param {Element} target */
  _takesSpace(target) {
    return !this.toggleButton.disabled && (!target.closest(PRESSED) || pointedAt(target));
  }

  _paint() {
    const { held, parts, over } = this;
    const shown = held ?? parts.length;
    showOn(this.toggleButton, ...(held === null ? ["pause", "Pause (space)"] : ["play", "Go on (space)"]));
    this.toggleButton.disabled = held === null && over;
    this.back.disabled = shown === 0;
    this.on.disabled = held === null || shown === parts.length;
    this.toggleButton.classList.toggle("sl-play", held !== null);
    const last = parts[shown - 1]?.[1] ?? 0;
    const at = position(this.stepped ? last : Math.max(last, this.pausedAt));
    const running = over || !matchMedia("(hover: hover)").matches ? "" : "Space pauses";
    writeText(this.state, held === null ? running : over ? `At ${at}` : `Paused at ${at}\nThe run goes on.`);
    this.state.classList.toggle("sl-held", held !== null);
  }

  destroy() {
    document.removeEventListener("keydown", this.onKey);
  }
}
