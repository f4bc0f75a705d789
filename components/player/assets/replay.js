/**
 * One recorded run, or several on one clock: controls, a map, and the picture at the time that is shown. Once it is loaded
 * it needs no server.
 *
 * @typedef {{entries?: import("./playback.js").Entry[], playback?: Playback, label?: string}} Recorded Has one of both
 * @typedef {{name: string, label?: string, panels: import("./player.js").PanelSpec[], views: string[]}} ViewChoice A
 *   picture, offered if the recording has patches of one of these views.
 * @typedef {{recordings: Recorded[], choices: ViewChoice[], colours?: Record<string, string>, chosen?: string,
 *   figures?: import("./player.js").PanelSpec, onChosen?: (name: string) => void}} Settings `chosen` names the choice that is open first; `figures`
 *   are those above the picture.
 */

import { make } from "./dom.js";
import { Playback } from "./playback.js";
import { PlaybackClock } from "./playback_clock.js";
import { Player } from "./player.js";
import { RunMap } from "./run_map.js";
import { Transport } from "./transport.js";

const STATUS = [{ panel: "status", parts: ["chip", "notice"] }];

export class Replay {
  /** @param {HTMLElement} element @param {Settings} settings */
  constructor(element, { recordings, choices, colours = {}, chosen, figures = "figures", onChosen }) {
    this.element = element;
    this.colours = colours;
    this.labels = recordings.length > 1 ? recordings.map(({ label }) => label ?? "") : [];
    this.onChosen = onChosen;
    this.playbacks = recordings.map(({ entries, playback }) => playback ?? new Playback(entries));
    const longest = Math.max(...this.playbacks.map(({ gaps }) => gaps.at(-1)?.longest ?? 0));
    for (const playback of this.playbacks) playback.longestBeside = longest;
    this.clock = new PlaybackClock(this.playbacks);
    this.transport = new Transport(this.clock);
    this.maps = this.playbacks.map((playback, index) => {
      return new RunMap(this.clock, playback, { colours, label: this.labels[index], spans: recordings.length > 1 ? 3 : 5 });
    });
    const had = new Set(this.playbacks.flatMap((playback) => [...playback.whole.filled()]));
    this.choices = choices.filter(({ views }) => views.some((view) => had.has(view)));
    const several = recordings.length > 1;
    this.status = several ? null : this._player("sl-replay-status", STATUS);
    this.figures = this._player("sl-replay-figures", several ? [...STATUS, figures] : [figures]);
    this.picture = this._player("sl-replay-picture", []);
    this._draw();
    this._choose(this.choices.find(({ name }) => name === chosen) ?? this.choices[0]);
    // A recording opens with its whole picture; *Play* begins at the start.
    this.clock.seek(this.clock.duration);
  }

  _draw() {
    this.element.classList.add("sl-player", "sl-replay");
    this.buttons = this.choices.map((choice) => this._viewButton(choice));
    const views = make("div", "sl-views");
    views.setAttribute("role", "group");
    views.setAttribute("aria-label", "View");
    views.append(...this.buttons);
    const maps = make("div", "sl-replay-maps");
    maps.append(...this.maps.map(({ element }) => element));
    const bar = make("div", "sl-replay-bar");
    bar.append(this.transport.element);
    if (this.status) bar.append(this.status.element);
    this.element.replaceChildren(bar, this.figures.element, views, maps, this.picture.element);
    this.element.classList.toggle("sl-several", this.playbacks.length > 1);
  }

  _player(className, panels) {
    const player = new Player(make("div", className));
    this._show(player, panels);
    return player;
  }

  _show(player, panels) {
    player.show({ runs: [], playbacks: this.playbacks, panels, colours: this.colours, labels: this.labels });
  }

  _viewButton(choice) {
    const button = /** @type {HTMLButtonElement} */ (make("button", "sl-view", choice.label ?? choice.name));
    button.type = "button";
    button.addEventListener("click", () => {
      this._choose(choice);
      this.onChosen?.(choice.name);
    });
    return button;
  }

  /** @param {ViewChoice | undefined} choice */
  _choose(choice) {
    for (const [index, one] of this.choices.entries()) {
      this.buttons[index].setAttribute("aria-pressed", String(one === choice));
    }
    this._show(this.picture, choice?.panels ?? []);
  }

  destroy() {
    this.clock.destroy();
    this.transport.destroy();
    for (const part of [...this.maps, this.status, this.figures, this.picture]) part?.destroy();
  }
}
