/** One message as it grows: its reasoning in a muted line, its text as Markdown, and a mark where it broke off. */

import { make, writeText } from "./dom.js";
import { plural } from "./format.js";
import { GrowingMarkdown } from "./markdown.js";

const LONGEST = 400_000;
/** Parsing takes at most about this share of the time, however long one block becomes. */
const PARSING_SHARE = 0.25;

export class MessageBox {
  /** @param {{label?: boolean}} settings */
  constructor({ label = true } = {}) {
    this.element = make("article", "sl-message");
    this.label = make("div", "sl-label");
    this.label.hidden = !label;
    this.reasoning = make("div", "sl-reasoning");
    this.text = make("div", "sl-markdown");
    this.text.dir = "auto";
    this.note = make("div", "sl-note");
    this.markdown = new GrowingMarkdown(this.text);
    this.reasoning.hidden = this.note.hidden = true;
    this.element.append(this.label, this.reasoning, this.text, this.note);
    this.drawn = 0;
    this.edition = 0;
    this.ended = false;
    this.cost = 0;
    this.paintedAt = 0;
  }

  /**
   * Draw what is new. Returns whether something had to wait for a later frame.
   * @param {import("./view.js").Message} message
   * @param {boolean} over Whether the run is over.
   * @param {string} [label]
   */
  paint(message, over, label = message.label ?? message.node ?? "") {
    writeText(this.label, label);
    this._paintReasoning(message);
    const ended = message.ended || over;
    if (!ended && performance.now() - this.paintedAt < this.cost / PARSING_SHARE - this.cost) return true;
    const start = performance.now();
    const grew = this._paintText(message, ended);
    if (ended && !this.ended) this.markdown.finish();
    this.ended = ended;
    this._paintNote(message);
    if (grew) this.cost = performance.now() - start;
    this.paintedAt = start;
    return false;
  }

  _paintReasoning({ reasoning, text }) {
    this.reasoning.hidden = !reasoning;
    // One line of it is in sight: its end while it grows, its beginning afterwards.
    if (reasoning) writeText(this.reasoning, text ? reasoning : reasoning.slice(-400));
    this.reasoning.classList.toggle("sl-thinking", !text);
    this.reasoning.title = text ? reasoning.slice(0, 4_000) : "";
  }

  _paintText({ text, edition }, ended) {
    const whole = text.slice(0, LONGEST);
    const reopened = this.ended && (whole.length > this.drawn || !ended);
    if (edition !== this.edition || whole.length < this.drawn || reopened) {
      this.markdown.replace(whole);
      this.ended = false;
    } else if (whole.length > this.drawn) this.markdown.append(whole.slice(this.drawn));
    else return false;
    this.edition = edition;
    this.drawn = whole.length;
    return true;
  }

  _paintNote({ cut, text }) {
    const parts = [
      cut && `Broke off here, after ${plural(text.length, "character")}.`,
      text.length > LONGEST && `The text is longer than ${LONGEST.toLocaleString("en")} characters; the rest is not shown.`,
    ].filter(Boolean);
    writeText(this.note, parts.join(" "));
    this.note.hidden = !parts.length;
  }
}
