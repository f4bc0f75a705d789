/** The answer that the state holds, whole: of a run whose text does not arrive as tokens. */

import { copyCode } from "../copy_code.js";
import { hide, make, writeText } from "../dom.js";
import { MessageBox } from "../message_box.js";

export class Answer {
  static views = ["answer", "run"];
  static ticks = true;

  /** @param {{height?: number, idle?: string, waits?: string}} settings */
  constructor({ height = 320, idle = "Press Run: the answer will appear here.", waits = "" }) {
    this.idle = idle;
    this.waits = waits;
    this.element = make("div", "sl-text");
    this.element.style.height = `${height}px`;
    this.element.tabIndex = 0;
    this.element.setAttribute("role", "region");
    this.element.setAttribute("aria-label", "Answer");
    this.element.addEventListener("click", copyCode);
    this.waiting = make("div", "sl-waiting");
    this.reset();
  }

  reset() {
    this.box = new MessageBox({ label: false });
    this.edition = 0;
    this.text = "";
    this.element.replaceChildren(this.box.element, this.waiting);
  }

  /** @param {import("../view.js").View} view */
  paint(view) {
    if (view.answer !== this.text) {
      this.text = view.answer;
      const message = { key: "answer", text: this.text, reasoning: "", edition: ++this.edition, ended: true, cut: false };
      this.box.paint(message, true);
    }
    const started = view.time !== null || view.run.status === "Running";
    const waits = started && !view.over && !this.text;
    writeText(this.waiting, waits ? this.waits || "Waiting for the whole answer" : started ? "" : this.idle);
    this.waiting.classList.toggle("sl-typing", waits && !this.waits);
    hide(this.waiting, !this.waiting.textContent);
  }
}
