/**
 * Brings the children of an element into the shape of a tree of plain values and touches only what differs, so that a
 * selection, a focus and a scroll position in what stays the same survive.
 *
 * @typedef {import("./markdown_nodes.js").Node} Node
 */

/**
 * Replace all children of `parent` from index `from` on.
 * @param {Element} parent
 * @param {Node[]} nodes
 * @param {number} [from]
 */
export function patchChildren(parent, nodes, from = 0) {
  patchRange(parent, nodes, from, parent.childNodes.length - from);
}

/**
 * Replace `count` children of `parent` from index `from` on, or as many as there are.
 * @param {Element} parent
 * @param {Node[]} nodes
 * @param {number} from
 * @param {number} count
 */
export function patchRange(parent, nodes, from, count) {
  for (let index = 0; index < nodes.length; index++) {
    const existing = parent.childNodes[from + index];
    const node = nodes[index];
    if (existing === undefined || index >= count) parent.insertBefore(create(node), existing ?? null);
    else if (fits(existing, node)) patch(existing, node);
    else existing.replaceWith(create(node));
  }
  for (let extra = count - nodes.length; extra > 0; extra--) parent.childNodes[from + nodes.length]?.remove();
}

function fits(existing, node) {
  return typeof node === "string" ? existing.nodeType === 3 : existing.nodeType === 1 && existing.localName === node.tag;
}

function patch(existing, node) {
  if (typeof node === "string") {
    setText(existing, node);
    return;
  }
  setAttributes(existing, node.attributes ?? {});
  patchChildren(existing, node.children);
}

/** @param {Node} node */
function create(node) {
  if (typeof node === "string") return document.createTextNode(node);
  const made = document.createElement(node.tag);
  for (const child of node.children) made.append(create(child));
  // Last: with `dir="auto"` the browser looks at all children again with each that is added.
  setAttributes(made, node.attributes ?? {});
  return made;
}

function setAttributes(existing, wanted) {
  for (const name of existing.getAttributeNames()) {
    // Whether details are open is up to the reader.
    if (!(name in wanted) && name !== "open") existing.removeAttribute(name);
  }
  for (const [name, value] of Object.entries(wanted)) {
    if (existing.getAttribute(name) === value) continue;
    // A page that forbids inline styles still allows a script to set them in this way.
    if (name === "style") existing.style.cssText = value;
    else existing.setAttribute(name, value);
  }
}

/**
 * Change a text node from the first character that differs: a selection before it stays as it is.
 * @param {Text} text
 * @param {string} wanted
 */
export function setText(text, wanted) {
  const shown = text.data;
  if (shown === wanted) return;
  if (wanted.startsWith(shown)) {
    text.appendData(wanted.slice(shown.length));
    return;
  }
  let same = 0;
  while (same < shown.length && shown.charCodeAt(same) === wanted.charCodeAt(same)) same++;
  text.replaceData(same, shown.length - same, wanted.slice(same));
}

/**
 * Hide or show an element, if it is not so already: each writing of the attribute makes a browser look at its style.
 * @param {HTMLElement} element
 * @param {boolean} hidden
 */
export function hide(element, hidden) {
  if (element.hidden !== hidden) element.hidden = hidden;
}

/**
 * Make an element with a class and, if given, text.
 * @param {string} tag
 * @param {string} [className]
 * @param {string} [text]
 * @returns {HTMLElement}
 */
export function make(tag, className = "", text = "") {
  const made = document.createElement(tag);
  if (className) made.className = className;
  if (text) made.textContent = text;
  return made;
}

/**
 * Make an element of a picture.
 * @param {string} tag
 * @param {Record<string, string | number>} [attributes]
 * @returns {SVGElement}
 */
export function makeSvg(tag, attributes = {}) {
  const made = document.createElementNS("http://www.w3.org/2000/svg", tag);
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, String(value));
  return made;
}

/**
 * Set an element's text, if it differs.
 * @param {Element} target
 * @param {string} text
 */
export function writeText(target, text) {
  if (target.textContent !== text) target.textContent = text;
}

/**
 * A tree of plain values in short.
 * @param {string} tag
 * @param {string} className
 * @param {...any} children Those that are missing or empty are left out.
 * @returns {Node}
 */
export function h(tag, className, ...children) {
  const attributes = className ? { class: className } : {};
  return { tag, attributes, children: children.filter(Boolean) };
}
