/** What a model thought: its latest words in one line while it thinks, afterwards how long it took, and all on demand. */

import { hide, make, writeText } from "./dom.js";

/** More than one line holds. */
const IN_SIGHT = 400;
const LONGEST = 200_000;

export class Reasoning {
  constructor() {
    this.element = make("details", "sl-reasoning");
    this.summary = make("summary");
    this.line = make("span", "sl-reasoning-line");
    // The line is cut at its start, as in a text that is written from right to left; its words are isolated from that.
    this.words = make("bdi");
    this.line.append(this.words);
    this.summary.append(this.line);
    this.all = make("div", "sl-reasoning-all");
    this.all.dir = "auto";
    this.element.append(this.summary, this.all);
    this.element.hidden = true;
    this.text = "";
    this.element.addEventListener("toggle", () => this._paintAll());
  }

  /**
   * @param {import("./view.js").Message} message
   * @param {boolean} ended
   */
  paint({ reasoning, text, thought_s }, ended) {
    hide(this.element, !reasoning);
    if (!reasoning) return;
    const thinking = !text && !ended;
    this.element.classList.toggle("sl-thinking", thinking);
    writeText(this.words, thinking ? reasoning.slice(-IN_SIGHT) : took(thought_s));
    this.text = reasoning;
    this._paintAll();
  }

  /** A closed text costs nothing while it grows. */
  _paintAll() {
    if (this.element.open) writeText(this.all, this.text.slice(0, LONGEST));
  }
}

/** @param {number | null | undefined} seconds */
function took(seconds) {
  if (typeof seconds !== "number") return "Thought";
  return `Thought for ${seconds < 9.95 ? seconds.toFixed(1) : Math.round(seconds)} s`;
}
