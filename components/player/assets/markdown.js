/**
 * Markdown that grows: finished blocks are drawn once, and only the last block is parsed again when text comes.
 *
 * A block is finished when the next one has started in complete lines, which no later text can change; an exception are
 * reference definitions, after which the earlier blocks with brackets are drawn once more.
 */

import MarkdownIt from "./vendor/markdown-it/markdown-it.js";
import { patchChildren, patchRange } from "./dom.js";
import { growing } from "./markdown_growing.js";
import { undecided } from "./markdown_held.js";
import { math } from "./markdown_math.js";
import { nodesOf } from "./markdown_nodes.js";

const CONTINUED = new Set(["bullet_list_open", "ordered_list_open", "code_block", "fence"]);

const HALF = /[\r\uD800-\uDBFF]$/;
const PART_CHARS = 2_000;

const WARM_UP = "# One\n\nA **bold** [link](http://e.org) `code`\n\n- a\n- b\n\n```js\nx\n```\n\n|a|b|\n|-|-|\n|1|2|\n".repeat(6);

const parser = new MarkdownIt({ html: false, linkify: true });
parser.linkify.set({ fuzzyLink: false });
// Every link is parsed; which addresses become a link is decided where nodes are made.
parser.validateLink = () => true;
parser.use(math).use(growing);

export class GrowingMarkdown {
  /** @param {HTMLElement} element The element whose children are drawn. */
  constructor(element) {
    this.element = element;
    this._reset();
  }

  _reset() {
    /** The text that is not in a finished block. */
    this._tail = "";
    this._finishedNodes = 0;
    /** @type {{source: string, nodes: number}[]} The finished parts, each with the number of nodes up to its end. */
    this._parts = [];
    /** @type {{source: string, drawn: ChildNode[]}[]} Parts that followed these before the text became shorter. */
    this._spare = [];
    /** @type {{source: string, from: number}[]} Finished parts that a later reference definition may change. */
    this._bracketed = [];
    this._env = { references: {}, unfinished: true };
    this._lines = 0;
    this._inFence = false;
    /** A carriage return or the first half of a character at the end, which waits for what follows it. */
    this._waiting = "";
  }

  /**
   * Add text and draw it.
   * @param {string} text
   */
  append(text) {
    let added = this._normalised(text);
    if (this._spare.length > 1) {
      added = this._tail + added;
      const taken = this._takeSpare(added);
      added = added.slice(taken || this._tail.length);
    }
    // Small parts, so that a text that becomes shorter keeps most of what is drawn. A block without an end, as a long
    // list, is read again when it has doubled: with each part would be as often as there are parts.
    for (let from = 0, to = 0; from < added.length; from = to) {
      to = from + Math.max(PART_CHARS, this._tail.length);
      this._tail += added.slice(from, to);
      const lines = this._tail.lastIndexOf("\n") + 1;
      if (lines !== this._lines) this._finishBlocks(lines);
    }
    this._drawTail();
  }

  /** Draw again the spare parts with which a text begins, without the last one; returns their length. */
  _takeSpare(text) {
    let length = 0;
    const taken = this._spare.findIndex(({ source }) => {
      if (!text.startsWith(source, length)) return true;
      length += source.length;
      return false;
    });
    const count = Math.max(0, (taken < 0 ? this._spare.length : taken) - 1);
    if (count === 0) return 0;
    patchChildren(this.element, [], this._finishedNodes);
    const parts = this._spare.splice(0, count);
    this.element.append(...parts.flatMap(({ drawn }) => drawn));
    for (const { source, drawn } of parts) this._keep(source, drawn.length);
    [this._tail, this._lines, this._inFence] = ["", 0, false];
    return parts.reduce((sum, { source }) => sum + source.length, 0);
  }

  /** Count a part whose nodes are drawn after those of the others. */
  _keep(source, nodes) {
    if (source.includes("[")) this._bracketed.push({ source, from: this._finishedNodes });
    this._finishedNodes += nodes;
    if (source) this._parts.push({ source, nodes: this._finishedNodes });
  }

  /**
   * Take another text in place of the present one; finished parts with which it begins too are not parsed again.
   * @param {string} text
   */
  replace(text) {
    const kept = Object.keys(this._env.references).length ? [] : this._partsIn(text);
    const spare = Object.keys(this._env.references).length ? [] : [...this._detach(kept.length), ...this._spare];
    this._reset();
    for (const [index, { source, nodes }] of kept.entries()) this._keep(source, nodes - (kept[index - 1]?.nodes ?? 0));
    this._spare = spare;
    this.append(text.slice(kept.reduce((length, { source }) => length + source.length, 0)));
  }

  /** Take the parts from this one on out of the element. @param {number} first */
  _detach(first) {
    const drawn = [...this.element.childNodes];
    const start = (index) => this._parts[index - 1]?.nodes ?? 0;
    const parts = this._parts.slice(first).map(({ source, nodes }, index) => {
      return { source, drawn: drawn.slice(start(first + index), nodes) };
    });
    for (const part of parts) for (const node of part.drawn) node.remove();
    return parts;
  }

  /** The parts with which a text begins, without the last one: what follows it may have ended it. */
  _partsIn(text) {
    let length = 0;
    const end = this._parts.findIndex(({ source }) => {
      const same = text.startsWith(source, length);
      length += source.length;
      return !same;
    });
    return this._parts.slice(0, Math.max(0, (end < 0 ? this._parts.length : end) - 1));
  }

  /** Draw everything as complete: nothing more will come. */
  finish() {
    this._env.unfinished = false;
    this._tail += this._waiting;
    this._waiting = "";
    this._commit(this._tail.length);
    patchChildren(this.element, [], this._finishedNodes);
    for (const part of this._bracketed) if (part.source.includes("][")) this._redraw(part);
  }

  /** Move the blocks that cannot change any more out of the tail; `lines` is the length of its complete lines. */
  _finishBlocks(lines) {
    this._lines = lines;
    const source = this._tail.slice(0, lines);
    const tokens = [];
    parser.block.parse(source, parser, { references: {} }, tokens);
    const starts = tokens.filter((token) => token.level === 0 && token.nesting !== -1);
    this._inFence = isOpenFence(tokens.findLast((token) => token.nesting === 0));
    if (this._endsBlock(source, starts.at(-1))) {
      this._commit(lines);
      return;
    }
    const offsets = lineOffsets(source);
    for (let index = starts.length - 1; index > 0; index--) {
      const line = starts[index].map[0];
      const blankBefore = source.slice(offsets[line - 1], offsets[line]).trim() === "";
      // The title of a reference may still be on the line after it.
      const adjoins = starts[index - 1].type !== "reference_definition" && starts[index - 1].map[1] === line;
      if (blankBefore || adjoins) {
        this._commit(offsets[line]);
        return;
      }
    }
  }

  /** Whether a blank line has just closed the last block for good, which it does not for a list or indented code. */
  _endsBlock(source, last) {
    return last !== undefined && !this._inFence && /\n[ \t]*\n$/.test(source) && !CONTINUED.has(last.type);
  }

  /** Draw the first `length` characters of the tail for good. */
  _commit(length) {
    const source = this._tail.slice(0, length);
    this._tail = this._tail.slice(length);
    this._lines -= Math.min(this._lines, length);
    const known = Object.keys(this._env.references).length;
    const nodes = this._parse(source);
    patchRange(this.element, nodes, this._finishedNodes, nodes.length);
    if (Object.keys(this._env.references).length > known) {
      for (const part of this._bracketed) this._redraw(part);
    }
    // What was drawn after it before is no more what follows.
    if (this._spare[0]?.source === source) this._spare.shift();
    else if (source) this._spare = [];
    this._keep(source, nodes.length);
  }

  /** Draw a finished part again, whose brackets may mean something else now. */
  _redraw({ source, from }) {
    const again = this._parse(source);
    patchRange(this.element, again, from, again.length);
  }

  _parse(source) {
    this._env.growing = false;
    return nodesOf(parser.parse(source, this._env));
  }

  _drawTail() {
    const shown = this._tail.slice(0, this._tail.length - undecided(this._tail, this._inFence));
    const env = { references: { ...this._env.references }, growing: true, unfinished: true };
    patchChildren(this.element, shown.trim() ? nodesOf(parser.parse(shown, env)) : [], this._finishedNodes);
  }

  /** Line ends as the parser counts them. */
  _normalised(text) {
    const whole = this._waiting + text;
    this._waiting = HALF.exec(whole)?.[0] ?? "";
    return whole.slice(0, whole.length - this._waiting.length).replace(/\r\n?/g, "\n").replaceAll("\0", "\uFFFD");
  }
}

/** Whether the last leaf of a parse is a fenced code block without its closing line. */
function isOpenFence(token) {
  return token?.type === "fence" && token.content.split("\n").length === token.map[1] - token.map[0];
}

/** Where each line begins. */
function lineOffsets(source) {
  const offsets = [0];
  for (let end = source.indexOf("\n"); end >= 0; end = source.indexOf("\n", end + 1)) offsets.push(end + 1);
  return offsets;
}

/**
 * The whole of a text, drawn at once.
 * @param {HTMLElement} element
 * @param {string} text
 */
export function drawMarkdown(element, text) {
  const markdown = new GrowingMarkdown(element);
  markdown.replace(text);
  markdown.finish();
}

/**
 * The nodes of a whole text.
 * @param {string} text
 */
export function markdownNodes(text) {
  return nodesOf(parser.parse(text, { references: {} }));
}

let warm = false;

/** Let the browser compile the parser while nothing streams: the first text of the first run need not wait for it. */
export function warmUp() {
  if (warm) return;
  warm = true;
  const growing = new GrowingMarkdown(document.createElement("div"));
  for (const piece of WARM_UP.match(/.{1,4}/gs)) growing.append(piece);
  growing.finish();
}
