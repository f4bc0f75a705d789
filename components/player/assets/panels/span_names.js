/** Names of spans that tell apart what is inside several branches: each says the branch, which has a number. */

/**
 * @typedef {import("../view.js").Span & {label?: string}} Span
 * @typedef {{size: number, nests: boolean}} Group The spans of one node in one namespace: how many, and whether others
 *   are inside any of them.
 */

/** In a recording a span may be said to be inside itself, or as deep as it has spans. */
const MOST_LEVELS = 20;

export class SpanNames {
  constructor() {
    /** The number of each span among those of the same node, and these. @type {Map<string, {number: number, group: Group}>} */
    this.places = new Map();
    /** @type {Map<string, Group>} */
    this.groups = new Map();
  }

  clear() {
    this.places.clear();
    this.groups.clear();
  }

  /**
   * Look at the spans that came since the last time.
   * @param {Map<string, Span>} spans
   */
  look(spans) {
    if (spans.size === this.places.size) return;
    if (spans.size < this.places.size) this.clear();
    const came = [...spans].filter(([id]) => !this.places.has(id));
    for (const [id, span] of came) {
      const name = `${span.ns ?? ""}\n${span.node ?? ""}`;
      const group = this.groups.get(name) ?? { size: 0, nests: false };
      this.groups.set(name, group);
      this.places.set(id, { number: ++group.size, group });
    }
    for (const [, span] of came) {
      const parent = parentOf(span, spans);
      if (parent) this.places.get(parent).group.nests = true;
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
    return place && place.group.size > 1 && place.group.nests ? ` ${place.number}` : "";
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
