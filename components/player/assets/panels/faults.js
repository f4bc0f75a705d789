/** The run's own marks: attempts, fallbacks and failures, as they happen. */

import { h } from "../dom.js";
import { duration } from "../format.js";
import { Cards } from "./cards.js";

export class Faults extends Cards {
  static views = ["faults"];

  /** @param {{height?: number}} settings */
  constructor({ height = 160 }) {
    super({ height, label: "Attempts and failures", idle: "No attempt has failed.", card });
  }

  /** @param {import("../view.js").View} view */
  paint(view) {
    this.show(view.faults, view);
  }
}

const card = ({ t, text }) => h("div", "sl-step", h("span", "sl-note", duration(t)), ` ${text}`);
