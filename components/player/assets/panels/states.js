/** The state after each superstep of the outer graph, with what changed marked; a slider goes back through them. */

import { h, make, patchChildren, writeText } from "../dom.js";
import { bytes, duration, preview } from "../format.js";
import { markdownNodes } from "../markdown.js";
import { fieldRow } from "./updates.js";

export class States {
  static views = ["states"];

  /** @param {{height?: number, ns?: string, idle?: string}} settings `ns` is the namespace whose state is shown. */
  constructor({ height = 320, ns = "", idle = "Press Run: the state after each superstep will appear here." }) {
    this.idle = idle;
    this.ns = ns;
    this.element = make("div");
    this.slider = /** @type {HTMLInputElement} */ (make("input", "sl-slider"));
    this.slider.type = "range";
    this.slider.min = "0";
    this.slider.setAttribute("aria-label", "Superstep");
    this.slider.disabled = true;
    this.title = make("div", "sl-note");
    this.fields = make("div", "sl-scroller");
    this.fields.style.height = `${height}px`;
    this.fields.tabIndex = 0;
    this.fields.setAttribute("role", "region");
    this.fields.setAttribute("aria-label", "State");
    this.element.append(this.slider, this.title, this.fields);
    this.slider.addEventListener("input", () => {
      this.chosen = this.slider.value === this.slider.max ? null : Number(this.slider.value);
      this._draw();
    });
    this.reset();
  }

  reset() {
    /** @type {number | null} The state that was chosen; null follows the latest. */
    this.chosen = null;
    this.states = [];
    this.fields.replaceChildren();
    writeText(this.title, this.idle);
  }

  /** @param {import("../view.js").View} view */
  paint(view) {
    this.states = view.states.get(this.ns) ?? [];
    if (!this.states.length) this.reset();
    // A recording that moves back may leave the chosen one behind.
    if (this.chosen !== null && this.chosen >= this.states.length) this.chosen = null;
    this.slider.max = String(Math.max(0, this.states.length - 1));
    this.slider.disabled = this.states.length < 2;
    if (this.chosen === null) this.slider.value = this.slider.max;
    if (this.states.length) this._draw();
  }

  _draw() {
    const index = this.chosen ?? this.states.length - 1;
    const { step, t, size, changed, removed } = this.states[index];
    const names = Object.keys(changed);
    const gone = removed.length ? ` · removed: ${removed.join(", ")}` : "";
    writeText(this.title, `Superstep ${step} · ${duration(t)} · ${bytes(size)} · changed: ${names.join(", ") || "nothing"}${gone}`);
    const nodes = [...this._fieldsAt(index)].map(([name, value]) => stateField(name, value, names.includes(name)));
    patchChildren(this.fields, nodes);
  }

  /** The fields of the state at an index, which holds what changed up to there. */
  _fieldsAt(index) {
    const fields = new Map();
    for (const { changed, removed } of this.states.slice(0, index + 1)) {
      for (const [name, value] of Object.entries(changed)) fields.set(name, value);
      for (const name of removed) fields.delete(name);
    }
    return fields;
  }
}

/** Text is shown as a whole and as Markdown, which models write; data opens with a click. The raw parts have each character. */
function stateField(name, value, changed) {
  const look = changed ? "sl-field sl-changed" : "sl-field";
  const chip = h("span", "sl-chip", changed ? "changed" : "same");
  if (changed) chip.attributes["data-tone"] = "green";
  if (value === null || typeof value !== "object") {
    return h("div", look, h("code", "", name), chip, written(preview(value)));
  }
  const row = fieldRow(name, value);
  row.attributes.class = look;
  row.children[0].children.push(chip);
  return row;
}

function written(text) {
  const box = h("div", "sl-written sl-markdown", ...(text ? markdownNodes(text) : ["(empty)"]));
  box.attributes.dir = "auto";
  return box;
}
