/** What is behind a node, a bar, a card or a word: found in the view of the run, with the raw parts that the view holds. */

import { openDetail } from "./detail.js";
import { bytes, duration, path, plural } from "./format.js";

/**
 * @typedef {import("./view.js").View} View
 * @typedef {import("./detail.js").Detail} Detail
 */

const naming = (view, name) => view.raw.filter((part) => part[7].includes(JSON.stringify(name)));

/** An execution of a node, or a span that a node reports itself. @param {View} view @returns {Detail | null} */
export function ofSpan(view, id, span = view.spans.get(id) ?? view.ownSpans.get(id)) {
  if (!span) return null;
  const { node, label, ns, start, end, state, input, output, error } = span;
  return {
    title: label ?? node ?? id,
    facts: [path(ns), state, `from ${duration(start)}`, end == null ? "still running" : `took ${duration(end - start)}`],
    values: { input, output, error },
    parts: naming(view, id),
  };
}

/** All executions of a node of the outer graph. @param {View | undefined} view @returns {Detail | null} */
export function ofNode(view, node, state) {
  if (!view) return null;
  const ids = [...view.spans].filter(([, span]) => span.node === node && !span.ns).map(([id]) => id);
  const spans = ids.map((id) => ofSpan(view, id));
  const values = spans.flatMap(({ values }, index) => {
    const number = spans.length > 1 ? ` ${index + 1}` : "";
    return Object.entries(values).map(([name, value]) => [name + number, value]);
  });
  const parts = view.raw.filter((part) => !part[3] && part[4].split(", ").includes(node));
  // Tokens are many: what else the node sent comes first.
  parts.sort((one, other) => Number(one[2] === "messages") - Number(other[2] === "messages"));
  const times = spans.map(({ facts }) => facts.at(-1)).join(", ");
  return {
    title: node,
    facts: [state, spans.length > 1 && plural(spans.length, "task"), times, plural(parts.length, "part")],
    values: Object.fromEntries(values),
    parts,
  };
}

/** An entry of a mode: an update, the start or result of a task, a checkpoint. @param {View} view @returns {Detail} */
export function ofEntry(view, mode, title, entry, values) {
  const { t, ns, size, id, node } = entry;
  const parts = naming(view, id ?? node).filter((part) => part[2] === mode && part[1] === t && part[3] === (ns ?? ""));
  return { title, facts: [path(ns), mode, duration(t), bytes(size)], values, parts };
}

/**
 * Let a click on a word of a message, and Enter, open the part that brought the word.
 * @param {HTMLElement} scroller Messages in it have their key as `data-key`.
 * @param {() => View | undefined} view
 */
export function opensWords(scroller, view) {
  scroller.addEventListener("click", (event) => {
    const target = /** @type {Element} */ (event.target);
    const selects = event.detail > 1 || !getSelection()?.isCollapsed;
    if (selects || target.closest("a, button, summary, input")) return;
    const box = /** @type {HTMLElement | null} */ (target.closest(".sl-message"));
    if (box) openDetail(scroller, ofMessage(view(), box.dataset.key, textBefore(box, event)));
  });
  scroller.addEventListener("keydown", (event) => {
    const box = /** @type {HTMLElement | null} */ ([...scroller.querySelectorAll(".sl-message")].at(-1) ?? null);
    if (event.key === "Enter" && event.target === scroller && box) openDetail(scroller, ofMessage(view(), box.dataset.key, ""));
  });
}

/** @param {View | undefined} view @returns {Detail | null} */
function ofMessage(view, key, before) {
  const message = view?.messages.get(key);
  if (!message) return null;
  const all = naming(view, message.id).filter((part) => part[2] === "messages");
  const at = partAt(all, before);
  return {
    title: message.node ?? "",
    facts: [
      path(message.ns),
      message.first_at != null && `first text after ${duration(message.first_at)}`,
      all.length && `part ${at + 1} of ${all.length}`,
    ],
    values: all.length ? {} : { text: message.text },
    parts: all.slice(at),
  };
}

/** The text of a message before the position that was clicked. */
function textBefore(box, { clientX, clientY }) {
  const text = box.querySelector(".sl-markdown");
  const caret = /** @type {any} */ (document).caretPositionFromPoint?.(clientX, clientY);
  if (!text?.contains(caret?.offsetNode)) return "";
  const range = new Range();
  range.setStart(text, 0);
  range.setEnd(caret.offsetNode, caret.offset);
  const found = range.cloneContents();
  for (const button of found.querySelectorAll(".sl-copy")) button.remove();
  return found.textContent;
}

/** Which part holds the letter after this text; only letters count, because Markdown's signs are not drawn. */
function partAt(parts, before) {
  const letters = (text) => text.replace(/[^\p{L}]/gu, "").length;
  let left = letters(before);
  const at = parts.findIndex((part) => (left -= letters(part[5])) < 0);
  return at < 0 ? Math.max(0, parts.length - 1) : at;
}
