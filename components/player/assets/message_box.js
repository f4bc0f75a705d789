/** One message as it grows: its reasoning, its text as Markdown, and a line about how it ended. */

import { hide, make, writeText } from "./dom.js";
import { bytes } from "./format.js";
import { GrowingMarkdown } from "./markdown.js";
import { Reasoning } from "./reasoning.js";

const LONGEST = 400_000;
/** Parsing takes at most about this share of the time, however long one block becomes. */
const PARSING_SHARE = 0.25;

export class MessageBox {
  /** @param {{label?: boolean}} settings */
  constructor({ label = true } = {}) {
    this.element = make("article", "sl-message");
    this.label = make("div", "sl-label");
    this.label.hidden = !label;
    this.reasoning = new Reasoning();
    this.text = make("div", "sl-markdown");
    this.text.dir = "auto";
    this.parts = make("div", "sl-note sl-parts");
    this.note = make("div", "sl-note sl-ending");
    this.markdown = new GrowingMarkdown(this.text);
    this.parts.hidden = this.note.hidden = true;
    this.element.append(this.label, this.reasoning.element, this.text, this.parts, this.note);
    this.drawn = 0;
    this.edition = 0;
    this.ended = false;
    /** Milliseconds that the last two paints of text took. */
    this.costs = [0, 0];
    this.paintedAt = 0;
  }

  /**
   * Draw what is new. Returns whether something had to wait for a later frame.
   * @param {import("./view.js").Message} message
   * @param {boolean} over Whether the run is over.
   * @param {string} [label]
   */
  paint(message, over, label = message.label ?? message.node ?? "") {
    this.element.dataset.key = message.key;
    writeText(this.label, label);
    this.reasoning.paint(message, message.ended || over);
    const ended = message.ended || over;
    // One slow paint says nothing about the text: the browser may have been busy with something else.
    const cost = Math.min(...this.costs);
    if (!ended && performance.now() - this.paintedAt < cost / PARSING_SHARE - cost) return true;
    const start = performance.now();
    const grew = this._paintText(message, ended);
    if (ended && !this.ended) this.markdown.finish();
    this.ended = ended;
    this._paintNote(message);
    if (grew) this.costs = [this.costs[1], performance.now() - start];
    this.paintedAt = start;
    return false;
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

  _paintNote({ cut, note, text, parts = [] }) {
    const sentences = [
      note || (cut && "Broke off here."),
      text.length > LONGEST && `The text is longer than ${LONGEST.toLocaleString("en")} characters; the rest is not shown.`,
    ].filter(Boolean);
    writeText(this.note, sentences.join(" "));
    hide(this.note, !sentences.length);
    writeText(this.parts, parts.length ? `Not drawn here: ${parts.map(named).join(" · ")}` : "");
    hide(this.parts, !parts.length);
  }
}

/** A part of the content that is not text. */
function named({ type, media, size }) {
  return `${type} (${[media, bytes(size)].filter(Boolean).join(", ")})`;
}
