/** A panel with what it needs to know whether it has to be painted. */

import { PANELS } from "./panels/index.js";

/**
 * @typedef {import("./player.js").Options} Options
 * @typedef {import("./player.js").PanelSpec} PanelSpec
 * @typedef {import("./view.js").View} View
 */

export class Slot {
  /** @param {PanelSpec} spec @param {Options} options */
  constructor(spec, options) {
    const { panel: name, ...settings } = typeof spec === "string" ? { panel: spec } : spec;
    const kind = PANELS[name];
    this.name = name;
    if (kind === undefined) throw new Error(`There is no panel named ${name}.`);
    this.views = kind.views;
    this.ticks = kind.ticks ?? false;
    this.urgent = kind.urgent ?? false;
    this.panel = new kind({ colours: options.colours ?? {}, ...settings });
    this.element = this.panel.element;
    this.element.classList.add("sl-panel", `sl-${name}`);
    this.seen = "";
    this.painted = 0;
    this.rests = false;
  }

  /** Whether something is left for a later frame. */
  get late() {
    return this.rests || Boolean(this.panel.late);
  }

  /** Draw the new text of a panel that has text; of a run that it has not shown yet, all of it. @param {View} view */
  write(view, frame) {
    if (!this.panel.write) return;
    if (this.view === view) this.panel.write(view);
    else this.paint(view, frame());
  }

  /** @param {View} view */
  paint(view, frame) {
    // Beside a longer run the axis stays as it is while this one goes on.
    const time = this.ticks ? `${frame.now} ${frame.axis}` : "";
    const seen = [view.edition, frame.idle, time, ...this.views.map((name) => view.versions[name])].join();
    if (this.view === view && seen === this.seen && !this.panel.late) return;
    const goesOn = this.view === view && !view.over && !frame.playback;
    const now = performance.now();
    this.rests = goesOn && now - this.painted < (this.panel.rest ?? 0);
    if (this.rests) return;
    if (this.view !== view) this.panel.reset?.();
    this.view = view;
    this.seen = seen;
    this.painted = now;
    this.panel.paint(view, frame);
  }

  destroy() {
    this.panel.destroy?.();
  }
}
