/**
 * From markdown-it's tokens to a tree of plain values that `dom.js` draws. Only these tags and attributes exist in it: there
 * is no HTML, no remote image and no link but to http, https and mail.
 *
 * @typedef {string | {tag: string, attributes?: Record<string, string>, children: Node[]}} Node
 */

const SAFE_ADDRESS = /^(?:https?:\/\/|mailto:)/i;
/** Their marks and columns are on the side where their own text begins. */
const WITH_DIRECTION = new Set(["ul", "ol", "blockquote", "table"]);
/** Deeper markup is drawn without its own element: a browser lays out thousands of levels on one stack. */
const DEEPEST = 100;
const TASK = /^\[([ xX])\](?=\s)/;

/**
 * The top-level blocks of a parse.
 * @param {any[]} tokens
 * @returns {Node[]}
 */
export function nodesOf(tokens) {
  const root = element("root");
  const open = [root];
  for (const token of tokens) {
    if (token.nesting === 1) open.push(token.hidden ? open[open.length - 1] : opened(token, open[open.length - 1]));
    else if (token.nesting === -1) open.pop();
    else append(open[open.length - 1], ...leaf(token, open));
  }
  return root.children;
}

/** @returns {{tag: string, attributes: Record<string, string>, children: Node[]}} */
function element(tag, attributes = {}, children = []) {
  return { tag, attributes, children };
}

function opened(token, parent) {
  const made = element(token.tag, attributesOf(token));
  parent.children.push(made);
  return made;
}

function attributesOf(token) {
  const kept = {};
  const align = token.attrGet("style");
  if (align?.startsWith("text-align:")) kept.class = `sl-${align.slice("text-align:".length)}`;
  if (WITH_DIRECTION.has(token.tag)) kept.dir = "auto";
  if (token.tag === "ol" && token.attrGet("start") !== null) kept.start = String(token.attrGet("start"));
  return kept;
}

/** Append nodes, neighbouring texts joined: the tree of a text does not depend on how it was cut. */
function append(parent, ...nodes) {
  for (const node of nodes) {
    const last = parent.children.length - 1;
    if (typeof node === "string" && typeof parent.children[last] === "string") parent.children[last] += node;
    else if (node !== "") parent.children.push(node);
  }
}

function leaf(token, open) {
  switch (token.type) {
    case "inline":
      return beginsItem(open) ? withTask(inlineNodes(token.children)) : inlineNodes(token.children);
    case "fence":
    case "code_block":
      return [codeBlock(token)];
    case "math_block":
      return [element("div", { class: "sl-math" }, [token.content])];
    case "reference_definition":
      return [];
    case "hr":
      return [element("hr")];
    default:
      return token.content ? [token.content] : [];
  }
}

function codeBlock(token) {
  const language = token.info.trim().split(/\s+/)[0] || "text";
  return element("div", { class: "sl-code" }, [
    element("div", { class: "sl-code-bar" }, [
      element("span", {}, [language]),
      element("button", { type: "button", class: "sl-copy", "aria-label": "Copy the code" }, ["Copy"]),
    ]),
    element("pre", { tabindex: "0" }, [element("code", {}, token.content ? [token.content] : [])]),
  ]);
}

function inlineNodes(tokens) {
  const root = element("root");
  const open = [root];
  const suffixes = [];
  for (const token of tokens) {
    const inner = open[open.length - 1];
    if (token.type === "link_open") {
      const [link, suffix] = linkNode(token);
      inner.children.push(link);
      open.push(link);
      suffixes.push(suffix);
    } else if (token.type === "link_close") {
      open.pop();
      append(open[open.length - 1], suffixes.pop());
    } else if (token.nesting === 1) open.push(open.length > DEEPEST ? inner : opened(token, inner));
    else if (token.nesting === -1) open.pop();
    else append(inner, ...inlineLeaf(token));
  }
  return root.children;
}

function linkNode(token) {
  const address = token.attrGet("href") ?? "";
  const visible = ["autolink", "linkify"].includes(token.markup) || !address ? "" : ` (${address})`;
  if (!SAFE_ADDRESS.test(address)) return [element("span"), visible];
  const attributes = { href: address, target: "_blank", rel: "noopener noreferrer" };
  const title = token.attrGet("title");
  return [element("a", title ? { ...attributes, title } : attributes), ""];
}

function inlineLeaf(token) {
  switch (token.type) {
    case "softbreak":
      return ["\n"];
    case "hardbreak":
      return [element("br")];
    case "code_inline":
      return [element("code", {}, [token.content])];
    case "math":
      return [element("span", { class: "sl-math" }, [token.content])];
    case "image":
      return [imageText(token)];
    default:
      return [token.content];
  }
}

/** An image is never loaded: its description and its address are shown. */
function imageText(token) {
  const address = token.attrGet("src") ?? "";
  const shown = [plainText(token.children), address && `(${address})`].filter(Boolean).join(" ");
  return element("span", { class: "sl-image" }, [shown]);
}

/** @returns {string} */
function plainText(tokens) {
  return tokens.map((token) => (token.type === "image" ? plainText(token.children) : token.content)).join("");
}

/** Whether what comes next is the first text of a list item; in a loose list it is in a paragraph. */
function beginsItem(open) {
  const [inner, outer] = [open.at(-1), open.at(-2)];
  if (inner.children.length) return false;
  return inner.tag === "li" || (inner.tag === "p" && outer?.tag === "li" && outer.children.length === 1);
}

/** With a box, where the text begins as a task does. */
function withTask(children) {
  const found = typeof children[0] === "string" && TASK.exec(children[0]);
  if (!found) return children;
  const box = element("input", { type: "checkbox", disabled: "", "aria-label": "Task" });
  if (found[1] !== " ") box.attributes.checked = "";
  const rest = children[0].slice(found[0].length);
  return [box, ...(rest ? [rest] : []), ...children.slice(1)];
}
