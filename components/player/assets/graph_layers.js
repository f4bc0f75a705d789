/**
 * A graph in layers, the first three steps of Sugiyama's method: turn loops round, put each node one layer after the last
 * of those that lead to it, and order the layers so that few edges cross.
 *
 * @typedef {{name: string | null, across: number, along: number, layer: number, at: number, before: Item[], after: Item[]}}
 *   Item A node, or a point without a name where an edge passes a layer; sizes in pixels.
 * @typedef {{from: Item, to: Item, conditional: boolean, back: boolean, through: Item[]}} Link `through` are the points
 *   where the edge passes the layers between both ends.
 */

export const START = "__start__";
export const END = "__end__";

const SWEEPS = 12;
const POINT_WIDTH = 10;

/**
 * @param {Map<string, {across: number, along: number}>} sizes The nodes with their sizes.
 * @param {[string, string, boolean][]} edges From, to, conditional; an edge of a node that is not there is left out.
 * @returns {{items: Map<string, Item>, links: Link[], layers: Item[][]}} A layer holds its items in their order.
 */
export function layered(sizes, edges) {
  const items = new Map();
  for (const [name, size] of sizes) items.set(name, { name, ...size, layer: 0, at: 0, before: [], after: [] });
  const links = linksOf(items, edges);
  markLoops([...items.values()], links);
  const forward = links.filter((link) => !link.back);
  assignLayers(items, forward);
  const layers = fillLayers(items, forward);
  order(layers);
  return { items, links, layers };
}

/** One link for each pair of nodes; it is conditional if all its edges are. */
function linksOf(items, edges) {
  /** @type {Map<string, Link>} */
  const links = new Map();
  for (const [source, target, conditional] of edges) {
    const [from, to] = [items.get(source), items.get(target)];
    if (!from || !to) continue;
    const key = JSON.stringify([source, target]);
    const known = links.get(key);
    if (known) known.conditional &&= Boolean(conditional);
    else links.set(key, { from, to, conditional: Boolean(conditional), back: false, through: [] });
  }
  return [...links.values()];
}

/** Mark the edges that lead back to a node on the way to them, depth first from the start. */
function markLoops(nodes, links) {
  const out = new Map(nodes.map((node) => [node, []]));
  const reached = new Set();
  for (const link of links) {
    out.get(link.from).push(link);
    if (link.from !== link.to) reached.add(link.to);
  }
  const roots = nodes.filter((node) => !reached.has(node));
  const state = new Map();
  const visit = (node) => {
    state.set(node, "open");
    for (const link of out.get(node)) {
      if (state.get(link.to) === "open") link.back = true;
      else if (!state.has(link.to)) visit(link.to);
    }
    state.set(node, "closed");
  };
  for (const node of [...roots, ...nodes]) if (!state.has(node)) visit(node);
}

/** The longest path to a node is its layer; the start is alone in the first layer, and the end in the last. */
function assignLayers(items, links) {
  const waiting = new Map([...items.values()].map((item) => [item, 0]));
  const out = new Map([...items.values()].map((item) => [item, []]));
  for (const { from, to } of links) {
    waiting.set(to, waiting.get(to) + 1);
    out.get(from).push(to);
  }
  const ready = [...waiting].filter(([, left]) => left === 0).map(([item]) => item);
  if (items.has(START)) for (const item of ready) item.layer = item.name === START ? 0 : 1;
  for (const item of ready) {
    for (const next of out.get(item)) {
      next.layer = Math.max(next.layer, item.layer + 1);
      waiting.set(next, waiting.get(next) - 1);
      if (waiting.get(next) === 0) ready.push(next);
    }
  }
  const end = items.get(END);
  if (end && items.size > 1) {
    const others = [...items.values()].filter((item) => item !== end);
    end.layer = Math.max(end.layer, ...others.map((item) => item.layer + 1));
  }
}

/** Put nodes and the points of long edges into their layers, and connect neighbours. */
function fillLayers(items, links) {
  /** @type {Item[][]} */
  const layers = [];
  const put = (item) => {
    (layers[item.layer] ??= []).push(item);
    return item;
  };
  for (const item of items.values()) put(item);
  for (const link of links) {
    let last = link.from;
    for (let layer = link.from.layer + 1; layer < link.to.layer; layer++) {
      const point = put({ name: null, across: POINT_WIDTH, along: 0, layer, at: 0, before: [], after: [] });
      link.through.push(point);
      connect(last, point);
      last = point;
    }
    connect(last, link.to);
  }
  return [...layers].map((layer) => layer ?? []);
}

function connect(item, next) {
  item.after.push(next);
  next.before.push(item);
}

/** Sort each layer by the mean position of its neighbours, down and up again, and take the order with the fewest crossings. */
function order(layers) {
  number(layers);
  let best = { crossings: crossings(layers), layers: layers.map((layer) => [...layer]) };
  for (let sweep = 0; sweep < SWEEPS && best.crossings > 0; sweep++) {
    const down = sweep % 2 === 0;
    for (const layer of down ? layers : [...layers].reverse()) {
      sortByNeighbours(layer, down ? "before" : "after");
    }
    const found = crossings(layers);
    if (found < best.crossings) best = { crossings: found, layers: layers.map((layer) => [...layer]) };
  }
  for (const [index, layer] of best.layers.entries()) layers[index] = layer;
  number(layers);
}

function sortByNeighbours(layer, side) {
  const wanted = new Map(layer.map((item) => [item, mean(item[side].map((other) => other.at)) ?? item.at]));
  layer.sort((one, other) => wanted.get(one) - wanted.get(other) || one.at - other.at);
  for (const [at, item] of layer.entries()) item.at = at;
}

function number(layers) {
  for (const layer of layers) for (const [at, item] of layer.entries()) item.at = at;
}

function mean(values) {
  return values.length ? values.reduce((sum, value) => sum + value, 0) / values.length : null;
}

/** How many pairs of edges between two layers cross: inversions, counted with a Fenwick tree. */
function crossings(layers) {
  let found = 0;
  for (const [index, layer] of layers.entries()) {
    const ends = layer.flatMap((item) => item.after.map((next) => next.at).sort((one, other) => one - other));
    const tree = new Uint32Array((layers[index + 1]?.length ?? 0) + 1);
    for (const [before, end] of ends.entries()) {
      found += before;
      for (let at = end + 1; at > 0; at -= at & -at) found -= tree[at];
      for (let at = end + 1; at < tree.length; at += at & -at) tree[at]++;
    }
  }
  return found;
}
