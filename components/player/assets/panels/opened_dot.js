/** The parts of the dot of a lane that was opened. */

import { partNodes } from "../detail.js";
import { make } from "../dom.js";
import { bytes, plural } from "../format.js";

/** @typedef {import("./mode_lanes.js").Part} Part */

export class OpenedDot {
  constructor() {
    /** @type {SVGElement | null} */
    this.dot = null;
    this.element = make("div", "sl-opened");
    this.element.tabIndex = 0;
    this.element.setAttribute("role", "region");
    this.element.setAttribute("aria-label", "Opened parts");
    this.close();
  }

  close() {
    this.dot?.classList.remove("sl-chosen");
    this.dot = null;
    const how = matchMedia("(hover: hover)").matches ? "Click a dot, or use the arrow keys in a lane," : "Tap a dot";
    this.element.replaceChildren(make("p", "sl-note", `${how} to open the part as LangGraph sent it.`));
  }

  /** @param {SVGElement} dot @param {Part[]} parts */
  open(dot, parts) {
    this.ring(dot);
    const size = parts.reduce((sum, part) => sum + part[6], 0);
    this.element.replaceChildren(make("p", "sl-note", `${plural(parts.length, "part")}, ${bytes(size)}`), ...partNodes(parts));
    this.element.scrollTop = 0;
  }

  /** Mark the dot that is open, and no other one. @param {SVGElement} dot */
  ring(dot) {
    this.dot?.classList.remove("sl-chosen");
    this.dot = dot;
    dot.classList.add("sl-chosen");
  }
}
