/**
 * The pane that opens what was clicked: its facts, its values, and the parts as LangGraph sent them. Escape or a click beside
 * it closes it, and the focus goes back.
 *
 * @typedef {import("./panels/mode_lanes.js").Part} Part
 * @typedef {{title: string, facts: any[], values?: Record<string, any>, parts: Part[]}} Detail Values and facts that are
 *   missing are left out.
 */

import { make } from "./dom.js";
import { bytes, count, duration, path, pretty } from "./format.js";
import { writePart } from "./part_text.js";

const MOST_PARTS = 50;

/**
 * Let a click, Enter and Space on an element open what `find` gives.
 * @param {Element} element
 * @param {() => Detail | null} find
 */
export function opens(element, find) {
  element.classList.add("sl-opens");
  element.setAttribute("role", "button");
  element.setAttribute("tabindex", "0");
  element.addEventListener("click", () => openDetail(element, find()));
  element.addEventListener("keydown", (/** @type {KeyboardEvent} */ event) => {
    if (event.key !== "Enter" && event.key !== " ") return;
    event.preventDefault();
    event.stopPropagation();
    openDetail(element, find());
  });
}

/** @param {Element} from Gets the focus back. @param {Detail | null} detail */
export function openDetail(from, detail) {
  if (!detail) return;
  const { title, facts, values = {}, parts } = detail;
  const pane = make("div", "sl-detail-pane");
  pane.popover = "auto";
  pane.tabIndex = -1;
  pane.autofocus = true;
  pane.setAttribute("role", "dialog");
  pane.setAttribute("aria-label", title);
  const close = make("button", "sl-close", "Close");
  close.addEventListener("click", () => pane.hidePopover());
  const head = make("div", "sl-detail-head");
  head.append(make("strong", "", title), close);
  const shown = Object.entries(values).filter(([, value]) => value != null);
  pane.append(
    head,
    make("p", "sl-note", facts.filter(Boolean).join(" · ")),
    ...shown.flatMap(([name, value]) => [make("p", "sl-label", name), make("pre", "sl-value", pretty(value))]),
    ...(parts.length ? [make("p", "sl-label", "As LangGraph sent it"), ...partNodes(parts)] : []),
  );
  pane.addEventListener("toggle", (event) => /** @type {any} */ (event).newState === "closed" && pane.remove());
  // Inside a player, where the theme's colours are known.
  (from.closest(".sl-player") ?? document.body).append(pane);
  pane.showPopover();
}

/** @param {Part[]} parts */
export function partNodes(parts) {
  const nodes = parts.slice(0, MOST_PARTS).map((part) => {
    const [seq, t, mode, ns, node, , size] = part;
    const where = [path(ns), node].filter(Boolean).join(" › ");
    const one = make("div", "sl-opened-part");
    const json = make("pre");
    writePart(json, part);
    one.append(make("p", "sl-note", [`#${seq}`, duration(t), mode, where, bytes(size)].filter(Boolean).join(" · ")), json);
    return one;
  });
  const more = parts.length - MOST_PARTS;
  return more > 0 ? [...nodes, make("p", "sl-note", `and ${count(more)} more`)] : nodes;
}
