/** Names of spans that tell apart what is inside several branches: each says the branch, which has a number. */

/** @typedef {import("../view.js").Span & {label?: string}} Span */

/** In a recording a span may be said to be inside itself, or as deep as it has spans. */
const MOST_LEVELS = 20;

export class SpanNames {
  constructor() {
    /** @type {Map<string, {number: number, siblings: string[]}>} */
    this.places = new Map();
    this.clear();
  }

  clear() {
    this.count = 0;
    this.places.clear();
    /** @type {Set<string>} */
    this.parents = new Set();
    /** @type {Map<string, string[]>} */
    this.groups = new Map();
  }

  /**
   * Look at the spans that came since the last time.
   * @param {Map<string, Span>} spans
   */
  look(spans) {
    if (spans.size === this.count) return;
    if (spans.size < this.count) this.clear();
    this.count = spans.size;
    for (const [id, span] of spans) {
      if (this.places.has(id)) continue;
      const group = `${span.ns ?? ""}\n${span.node ?? ""}`;
      const siblings = this.groups.get(group) ?? [];
      siblings.push(id);
      this.groups.set(group, siblings);
      this.places.set(id, { number: siblings.length, siblings });
      const parent = parentOf(span, spans);
      if (parent) this.parents.add(parent);
    }
  }

  /**
   * The name in a row, with the branch in which the span ran, and the whole path to it.
   * @param {string} id
   * @param {Span} span
   * @param {Map<string, Span>} spans
   * @returns {{name: string, path: string}}
   */
  of(id, span, spans) {
    const [name, ...differs] = (span.label ?? span.node ?? id).split(" · ");
    const own = [`${name}${this._number(id)}`, ...differs].join(" · ");
    const above = [];
    for (let at = parentOf(span, spans); at !== undefined && above.length < MOST_LEVELS; at = parentOf(spans.get(at), spans)) {
      if (above.includes(at)) break;
      above.unshift(at);
    }
    const names = above.map((one) => `${spans.get(one)?.node ?? one}${this._number(one)}`);
    const numbered = above.findLastIndex((one) => this._number(one));
    const branch = names.at(numbered);
    return { name: branch === undefined ? own : `${branch} › ${own}`, path: [...names, own].join(" › ") };
  }

  /** The number of a span that has others inside, among those of the same node; empty for the only one. */
  _number(id) {
    const place = this.places.get(id);
    if (!place || place.siblings.length < 2 || !place.siblings.some((one) => this.parents.has(one))) return "";
    return ` ${place.number}`;
  }
}

/**
 * The span of the node in which this one ran; its namespace ends with the id of that node's task.
 * @param {Span | undefined} span
 * @param {Map<string, Span>} spans
 * @returns {string | undefined}
 */
function parentOf(span, spans) {
  if (!span?.ns) return undefined;
  const ids = span.ns.split("|").map((part) => part.slice(part.indexOf(":") + 1));
  return ids.reverse().find((id) => spans.has(id));
}
