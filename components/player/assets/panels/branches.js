/** Parallel branches: each with its own text, TTFT and rate, side by side, or all in the order of arrival. */

import { opensWords } from "../behind.js";
import { copyCode } from "../copy_code.js";
import { h, make, patchChildren, writeText } from "../dom.js";
import { duration, plural } from "../format.js";
import { basisOf, countdown, hasText } from "../first_text.js";
import { MessageBox } from "../message_box.js";
import { StickToEnd } from "../stick_to_end.js";

const TONES = ["blue", "orange", "violet", "green", "red", "gray"];

export class Branches {
  static views = ["text", "branches", "arrival", "run"];
  static ticks = true;
  static urgent = true;

  /** @param {{height?: number, order?: "grouped by node" | "by arrival", idle?: string}} settings */
  constructor({ height = 320, order = "grouped by node", idle = "" }) {
    this.arrival = order === "by arrival";
    this.idle = idle;
    this.element = make("div");
    this.scroller = make("div", this.arrival ? "sl-text" : "sl-text sl-branch-grid");
    this.scroller.style.height = `${height}px`;
    this.scroller.tabIndex = 0;
    this.scroller.setAttribute("role", "region");
    this.scroller.setAttribute("aria-label", "Branches");
    this.stick = new StickToEnd(this.scroller);
    this.element.append(this.stick.wrap());
    this.scroller.addEventListener("click", copyCode);
    if (!this.arrival) opensWords(this.scroller, () => this.view);
    this.reset();
  }

  reset() {
    // Before the first text there is a note: what Run does, or how long the text takes.
    this.note = make("div", "sl-waiting");
    this.words = make("span", "", this.idle);
    this.basis = make("div", "sl-basis");
    this.note.append(this.words, this.basis);
    this.scroller.replaceChildren(this.note);
    /** @type {Map<string, {element: HTMLElement, head: HTMLElement, figures: HTMLElement, boxes: Map<string, MessageBox>}>} */
    this.slots = new Map();
    this.late = false;
    this.stick.reset();
  }

  /** @param {import("../view.js").View} view @param {Partial<import("../player.js").Frame>} frame */
  paint(view, { expected }) {
    this.view = view;
    if (view.time === null && !view.messages.size) return;
    const waits = !view.over && ![...view.messages.values()].some(hasText);
    this._paintWaiting(waits, view.now(), expected);
    if (waits) return;
    if (this.arrival) this._paintArrival(view);
    else this._paintBranches(view);
    this.stick.follow();
  }

  _paintWaiting(waits, now, expected) {
    if (!waits) {
      this.note.remove();
      return;
    }
    writeText(this.words, countdown(now, expected));
    writeText(this.basis, basisOf(expected));
    this.words.classList.add("sl-typing");
    if (this.note.isConnected) return;
    // A run that starts again has dropped its texts.
    this.slots.clear();
    this.late = false;
    this.scroller.replaceChildren(this.note);
  }

  _paintBranches(view) {
    this._removeDropped(view);
    this.late = false;
    for (const message of view.messages.values()) {
      if (!hasText(message)) continue;
      const slot = this._slot(message.branch ?? message.node ?? "");
      let box = slot.boxes.get(message.key);
      if (box === undefined) {
        box = new MessageBox({ label: false });
        slot.boxes.set(message.key, box);
        slot.element.append(box.element);
      }
      if (box.paint(message, view.over)) this.late = true;
    }
    for (const [key, slot] of this.slots) paintHead(slot, key, view.branches.get(key));
    const stages = stagesOf(this.slots, view.branches);
    for (const stage of stages) {
      for (const { element } of stage) {
        element.classList.toggle("sl-alone", stages.length > 1 && stage.length === 1);
        makeRoom(element, stage !== stages.at(-1));
      }
    }
  }

  /** A branch that starts again has no text until its first new word. */
  _removeDropped(view) {
    for (const [branch, slot] of this.slots) {
      for (const [key, box] of slot.boxes) {
        if (view.messages.get(key)?.text) continue;
        box.element.remove();
        slot.boxes.delete(key);
      }
      if (slot.boxes.size) continue;
      slot.element.remove();
      this.slots.delete(branch);
    }
  }

  _slot(key) {
    let slot = this.slots.get(key);
    if (slot === undefined) {
      const element = make("section", "sl-branch");
      const head = make("span", "sl-chip");
      head.dataset.tone = TONES[this.slots.size % TONES.length];
      const figures = make("div", "sl-note");
      element.append(head, figures);
      this.scroller.append(element);
      slot = { element, head, figures, boxes: new Map() };
      this.slots.set(key, slot);
    }
    return slot;
  }

  _paintArrival(view) {
    const order = [...view.branches.keys()];
    const nodes = segments(view).map(({ message, text }) => {
      const label = view.branches.get(message.branch)?.label ?? message.node ?? "";
      const tone = TONES[Math.max(0, order.indexOf(message.branch)) % TONES.length];
      const chip = { tag: "span", attributes: { class: "sl-chip", "data-tone": tone }, children: [label] };
      return h("span", "sl-segment", chip, ` ${text} `);
    });
    patchChildren(this.scroller, nodes);
  }
}

/**
 * Branches that ran at the same time together, each stage after the end of the one before. Without the times of the nodes all
 * are one.
 * @param {Map<string, {element: HTMLElement}>} slots @param {Map<string, any>} branches
 */
function stagesOf(slots, branches) {
  /** @type {{element: HTMLElement}[][]} */
  const stages = [];
  let end = -Infinity;
  for (const [key, slot] of slots) {
    const { started_at = 0, ended_at = null } = branches.get(key) ?? {};
    if (started_at >= end) stages.push([]);
    stages.at(-1)?.push(slot);
    end = Math.max(end, ended_at ?? Infinity);
  }
  return stages;
}

/** What has ended gets lower for what came after it, and scrolls by itself. @param {HTMLElement} element @param {boolean} gives */
function makeRoom(element, gives) {
  // Each write, also of the same value, would restyle the element.
  if (element.classList.contains("sl-gives-room") === gives) return;
  element.classList.toggle("sl-gives-room", gives);
  if (gives) element.tabIndex = 0;
  else element.removeAttribute("tabindex");
}

function paintHead(slot, key, branch) {
  writeText(slot.head, branch?.label ?? branch?.node ?? key);
  if (!branch) {
    writeText(slot.figures, "");
    return;
  }
  const rate = typeof branch.chunks_per_s === "number" ? ` · ${branch.chunks_per_s.toFixed(0)}/s` : "";
  const first = `first text ${duration(branch.first_text_after_s)} after its start`;
  writeText(slot.figures, `${first}${rate} · ${plural(branch.chunks ?? 0, "chunk")}`);
}

/** The texts cut at the offsets of their turns, in the order of arrival. */
function segments(view) {
  const next = new Map();
  const cut = [];
  for (const [key, offset] of view.turns.toReversed()) {
    const message = view.messages.get(key);
    if (!message) continue;
    const text = message.text.slice(offset, next.get(key));
    next.set(key, offset);
    if (text) cut.push({ message, text });
  }
  return cut.reverse();
}
