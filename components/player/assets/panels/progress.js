/** A bar with its status, and the steps that a node reports. */

import { h, hide, make, writeText } from "../dom.js";
import { duration, path, preview } from "../format.js";
import { TailList } from "./tail_list.js";

export class Progress {
  static views = ["steps", "run"];

  /**
   * @param {{height?: number, graphs?: string[], utc?: boolean, quiet?: boolean, colours: Record<string, string>}} settings Height of
   *   the list of steps; only what these graphs report, where they are given; with `utc` each step has the time of day; one that is
   *   `quiet` is not there before something is reported.
   */
  constructor({ height = 120, graphs, utc = true, quiet = false, colours }) {
    this.graphs = graphs;
    this.quiet = quiet;
    this.element = make("div");
    this.status = make("div", "sl-status-line");
    this.bar = make("div", "sl-progress-bar");
    this.bar.setAttribute("role", "progressbar");
    this.bar.setAttribute("aria-label", "Progress");
    this.bar.setAttribute("aria-valuemin", "0");
    this.bar.setAttribute("aria-valuemax", "100");
    this.fill = make("div", "sl-fill");
    if (colours.custom) this.fill.style.background = colours.custom;
    this.bar.append(this.fill);
    this.steps = new TailList({ height, label: "Steps", look: "sl-steps", role: "list", node: (step) => stepNode(step, utc) });
    this.steps.scroller.hidden = height === 0;
    this.element.append(this.status, this.bar, this.steps.element);
  }

  reset() {
    this.steps.reset();
  }

  /** @param {import("../view.js").View} view */
  paint(view) {
    const { steps, bar } = this._reported(view);
    if (this.quiet) hide(this.element, !steps.length);
    const fraction = bar?.fraction;
    const known = typeof fraction === "number";
    this.fill.style.transform = `scaleX(${known ? fraction : 0})`;
    if (known) this.bar.setAttribute("aria-valuenow", String(Math.round(fraction * 100)));
    else this.bar.removeAttribute("aria-valuenow");
    const text = [known && `${Math.round(fraction * 100)}%`, bar?.status].filter(Boolean).join(" · ");
    writeText(this.status, text || (view.over ? "No progress was reported" : "No progress reported yet"));
    this.steps.show(steps);
  }

  /** The steps of the chosen graphs, and how far these alone say that the job is. */
  _reported({ steps, bar }) {
    if (this.graphs == null) return { steps, bar };
    const own = steps.filter(({ ns }) => this.graphs.includes(path(ns)));
    const fractions = own.map((step) => step.fraction).filter((fraction) => typeof fraction === "number");
    const fraction = fractions.length ? Math.min(1, Math.max(0, ...fractions)) : null;
    return { steps: own, bar: { fraction, status: own.findLast(({ status }) => status)?.status } };
  }
}

function stepNode({ step, status, done, total, t, at, data }, utc) {
  const counted = done != null && total ? ` ${done}/${total}` : "";
  const clock = utc && typeof at === "string" ? ` · ${at.slice(11, 23)} UTC` : "";
  const node = h(
    "div",
    "sl-step",
    h("strong", "", `${step ?? ""}${counted}`),
    ` ${status ?? preview(data)} `,
    h("span", "sl-note", `${duration(t)}${clock}`),
  );
  node.attributes.role = "listitem";
  return node;
}
