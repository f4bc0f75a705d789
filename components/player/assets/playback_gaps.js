/** The gaps between two pieces of one message's text in a recorded run. */

/** @typedef {{t: number, gap: number, longest: number, at: number}} Gap Its end, its seconds, and the longest so far. */

export class Gaps {
  constructor() {
    /** @type {Gap[]} */
    this.all = [];
    /** @type {Map<string, number>} When each message got its last piece. */
    this.last = new Map();
    /** @type {Set<string>} Messages that no model wrote. */
    this.others = new Set();
    this.longest = { gap: -1, t: 0 };
  }

  /** @param {import("./view.js").Patch[]} patches */
  add(patches) {
    for (const [op, id, value, t] of patches) {
      if (op === "msg" && (value.role ?? "ai") !== "ai") this.others.add(id);
      if (op === "drop") this.last.delete(id);
      if (op !== "text" || this.others.has(id)) continue;
      const before = this.last.get(id);
      this.last.set(id, t);
      if (before === undefined) continue;
      const one = { t, gap: t - before };
      if (one.gap > this.longest.gap) this.longest = one;
      this.all.push({ ...one, longest: this.longest.gap, at: this.longest.t });
    }
  }
}
