/** The messages of a run as they grow. */

import { opensWords } from "../behind.js";
import { copyCode } from "../copy_code.js";
import { hide, make, writeText } from "../dom.js";
import { basisOf, countdown, hasText, whyNoText } from "../first_text.js";
import { MessageBox } from "../message_box.js";
import { whenPainted } from "../frames.js";
import { admits } from "../message_filter.js";
import { StickToEnd } from "../stick_to_end.js";

const HIDDEN = "The filter hides all text so far. Choose other nodes or tags to see it.";

export class Tokens {
  static views = ["text", "answer", "run"];
  static ticks = true;
  static urgent = true;

  /**
   * @param {{height?: number | null, named?: boolean, idle?: string, waits?: string, rewinds?: boolean, whole?: boolean}
   *   & import("../message_filter.js").MessageFilter} settings Only messages that the filter admits are shown; `named`
   *   puts the node above each; `waits` is shown instead of a countdown; a pane that `rewinds` is at its first words when the run has ended; with `whole` the answer in the state
   *   is shown of a run that has no tokens.
   */
  constructor({ height = 320, named = true, idle = "Press Run: the text will stream here.", waits = "", rewinds = false, whole = false, ...filter }) {
    this.settings = { named, idle, waits, rewinds, whole };
    this.filter = filter;
    this.element = make("div");
    this.scroller = make("div", "sl-text");
    this.scroller.style.height = height === null ? "auto" : `${height}px`;
    if (height === null) this.scroller.style.contain = "layout paint";
    this.scroller.tabIndex = 0;
    this.scroller.setAttribute("role", "region");
    this.scroller.setAttribute("aria-label", "Answer");
    this.messages = make("div");
    this.waiting = make("div", "sl-waiting");
    this.words = make("span", "sl-words");
    this.basis = make("div", "sl-basis");
    this.waiting.append(this.words, this.basis);
    this.scroller.append(this.messages, this.waiting);
    this.stick = new StickToEnd(this.scroller);
    this.resized = this.stick.watch(this.messages);
    this.element.append(this.stick.wrap());
    this.scroller.addEventListener("click", copyCode);
    opensWords(this.scroller, () => this.view);
    /** @type {Map<string, MessageBox>} */
    this.boxes = new Map();
    this.rewind = () => this.stick.rewind();
    this.seen = -1;
    this.late = this.grew = this.rewound = false;
    this.answer = "";
  }

  reset() {
    this.boxes.clear();
    this.messages.replaceChildren();
    this.answer = "";
    this.stick.reset();
    this.seen = -1;
  }

  /** @param {import("../view.js").View} view @param {import("../player.js").Frame} frame */
  paint(view, { expected, playback, followed = false }) {
    this.view = view;
    this.playback = playback;
    const empty = this.messages.childElementCount === 0;
    if (this.settings.whole) this._paintAnswer(view.messages.size ? "" : view.answer);
    const grew = this._write(view) || this.grew;
    this.grew = false;
    this._paintWaiting(view, expected, followed);
    if (!grew) return;
    // A recording opens with its whole text: one begins to read at its first words.
    const rewinds = view.over && (this.settings.rewinds || (Boolean(playback) && empty));
    if (rewinds) whenPainted(this.rewind);
    else if (this.rewound && !view.over) this.stick.reset();
    else this.stick.follow();
    this.rewound = rewinds || (this.rewound && view.over);
  }

  destroy() {
    this.resized.disconnect();
  }

  /** Draw new text before the next frame; what has to look at the layout waits for `paint`. */
  write(view) {
    if (this._write(view)) this.grew = true;
  }

  _write(view) {
    const version = view.versions.text + (view.over ? 0.5 : 0);
    const changed = version !== this.seen || this.late;
    this.seen = version;
    if (changed) this._paintMessages(view);
    return changed;
  }

  _paintMessages(view) {
    this.late = false;
    for (const [key, box] of this.boxes) if (!this._shows(view.messages.get(key) ?? {})) this._remove(key, box);
    for (const message of view.messages.values()) {
      if (!this._shows(message)) continue;
      let box = this.boxes.get(message.key);
      if (box === undefined) {
        box = new MessageBox({ label: this.settings.named });
        this.boxes.set(message.key, box);
        this.messages.append(box.element);
        this._drawAhead(box, message);
      }
      if (box.paint(message, view.over)) this.late = true;
    }
    // In the same frame, or the first text would push it down.
    if (this.boxes.size) hide(this.waiting, true);
  }

  /** Of a recording draw all that the message becomes, once: wherever it is moved then, nothing has to be parsed. */
  _drawAhead(box, message) {
    const whole = this.playback?.whole.messages.get(message.key);
    if (whole?.text.startsWith(message.text)) box.paint(whole, true);
  }

  /** @param {string} text The whole answer of a run without tokens. */
  _paintAnswer(text) {
    if (text === this.answer) return;
    this.answer = text;
    const box = new MessageBox({ label: false });
    box.paint({ key: "answer", text, reasoning: "", edition: 1, ended: true, cut: false }, true);
    this.messages.replaceChildren(...(text ? [box.element] : []));
  }

  _remove(key, box) {
    box.element.remove();
    this.boxes.delete(key);
  }

  _shows(message) {
    return hasText(message) && admits(this.filter, message);
  }

  /** Whether a reader's choice leaves this message out, and not the page, which draws it elsewhere. */
  _hides(message) {
    return hasText(message) && admits({ without: this.filter.without }, message);
  }

  _paintWaiting(view, expected, followed) {
    const started = view.time !== null || view.run.status === "Running";
    const empty = started && this.boxes.size === 0;
    const hidden = empty && [...view.messages.values()].some((message) => this._hides(message));
    const waits = empty && !hidden && !view.over;
    // A run that is followed may wait or be over long since: until its server tells, neither is said.
    const idle = !started && !followed && !view.over;
    const silent = empty && view.over && !this.answer && ![...view.messages.values()].some(hasText);
    const why = hidden ? HIDDEN : silent ? whyNoText(view) : "";
    writeText(this.words, why || (waits ? this.settings.waits || countdown(view.now(), expected, view.run.api) : idle ? this.settings.idle : ""));
    writeText(this.basis, waits && !this.settings.waits ? basisOf(expected) : "");
    this.words.classList.toggle("sl-typing", waits && !this.settings.waits);
    hide(this.waiting, !waits && !idle && !why);
  }
}
