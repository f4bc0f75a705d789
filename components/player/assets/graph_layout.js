/**
 * Where a graph's nodes and edges are in its picture. "Along" is the direction of the edges, "across" the other one; the
 * picture depends on nothing but the graph.
 *
 * @typedef {import("./graph_layers.js").Item} Item
 * @typedef {import("./graph_layers.js").Link} Link
 * @typedef {{x: number, y: number}} Point
 * @typedef {{path: string, head: string, conditional: boolean, back: boolean, from: string, to: string}} Edge
 *   `path` and `head` (the arrow's) are SVG path data.
 */

import { layered } from "./graph_layers.js";

const NODE_GAP = 22;
export const LAYER_GAP = 34;
const LANE_GAP = 16;
const MARGIN = 14;
const HEAD = 7;
const HEAD_HALF = 4;
const CORNER = 8;
const PORT = 5;
const SELF_PORT = 11;
const DETOUR = 13;
const ALIGN_ROUNDS = 24;

/**
 * @param {Map<string, {width: number, height: number}>} sizes The nodes with their sizes in pixels.
 * @param {[string, string, boolean][]} edges From, to, conditional.
 * @param {"TD" | "LR"} direction Downwards, or to the right.
 * @param {number} [gap] Pixels between two layers.
 * @returns {{width: number, height: number, nodes: Map<string, Point>, edges: Edge[]}} Nodes by their centres.
 */
export function layout(sizes, edges, direction, gap = LAYER_GAP) {
  const right = direction === "LR";
  const turned = [...sizes].map(([name, { width, height }]) => [
    name,
    right ? { across: height, along: width } : { across: width, along: height },
  ]);
  if (!sizes.size) return { width: 2 * MARGIN, height: 2 * MARGIN, nodes: new Map(), edges: [] };
  const { items, links, layers } = layered(new Map(turned), edges);
  const rows = placeLayers(layers, gap);
  placeAcross(layers);
  const lanes = placeLanes(links, layers);
  const all = layers.flat();
  const positions = [...lanes.values(), ...all.flatMap((item) => [item.x - item.across / 2, item.x + item.across / 2])];
  const low = Math.min(...positions) - MARGIN;
  const high = Math.max(...positions) + MARGIN;
  for (const item of all) item.x -= low;
  const point = (across, along) => (right ? { x: along, y: across } : { x: across, y: along });
  const draw = new Pen(point);
  const drawn = links.map((link) => {
    const path = link.back ? loopPath(draw, link, layers, rows, lanes.get(link) - low) : forwardPath(draw, link, rows);
    const { conditional, back } = link;
    return { ...path, conditional, back, from: link.from.name, to: link.to.name };
  });
  const size = point(high - low, rows.at(-1).end + MARGIN);
  const nodes = new Map([...items].map(([name, item]) => [name, point(item.x, item.y)]));
  return { width: size.x, height: size.y, nodes, edges: drawn };
}

/** Begin and end of each layer along the picture; its items are centred between both. */
function placeLayers(layers, gap) {
  let begin = MARGIN;
  return layers.map((layer) => {
    const end = begin + Math.max(0, ...layer.map((item) => item.along));
    for (const item of layer) item.y = (begin + end) / 2;
    const row = { begin, end };
    begin = end + gap;
    return row;
  });
}

/** Bring each item near its neighbours, most of all the points of long edges, which thereby become straight. */
function placeAcross(layers) {
  const upwards = [...layers].reverse();
  for (const layer of layers) spread(layer, () => 0);
  for (let round = 0; round < ALIGN_ROUNDS; round++) {
    for (const layer of round % 2 ? upwards : layers) spread(layer, meanNeighbour);
  }
  // A node that is alone in its layer is straight above or below the middle one of its neighbours.
  for (const layer of layers) if (layer.length === 1) layer[0].x = median(layer[0].before) ?? layer[0].x;
  for (const layer of upwards) if (layer.length === 1) layer[0].x = median(layer[0].after) ?? layer[0].x;
}

function meanNeighbour(item) {
  let sum = 0;
  let weights = 0;
  for (const other of [...item.before, ...item.after]) {
    const weight = weightOf(item, other);
    sum += weight * other.x;
    weights += weight;
  }
  return weights ? sum / weights : item.x;
}

/** The median position across; of an even number of items the mean of the two in the middle. */
function median(items) {
  const positions = items.map((item) => item.x).sort((one, other) => one - other);
  const middle = (positions.length - 1) / 2;
  return positions.length ? (positions[Math.floor(middle)] + positions[Math.ceil(middle)]) / 2 : null;
}

function weightOf(item, other) {
  return item.name === null && other.name === null ? 8 : item.name === null || other.name === null ? 2 : 1;
}

/**
 * Place the items of a layer as near to where they are wanted as their order and widths allow: least squares, by pooling
 * neighbours that would overlap (isotonic regression).
 */
function spread(layer, wanted) {
  /** @type {{sum: number, count: number}[]} */
  const pools = [];
  const offsets = [];
  let offset = 0;
  for (const [index, item] of layer.entries()) {
    if (index > 0) offset += layer[index - 1].across / 2 + NODE_GAP + item.across / 2;
    offsets.push(offset);
    pools.push({ sum: wanted(item) - offset, count: 1 });
    while (pools.length > 1 && value(pools.at(-2)) > value(pools.at(-1))) {
      const last = pools.pop();
      pools.at(-1).sum += last.sum;
      pools.at(-1).count += last.count;
    }
  }
  let at = 0;
  for (const pool of pools) {
    for (let left = pool.count; left > 0; left--, at++) layer[at].x = value(pool) + offsets[at];
  }
}

const value = ({ sum, count }) => sum / count;

/** A lane beside the nodes for each edge that goes back, on the side where less is in its way. */
function placeLanes(links, layers) {
  /** @type {Map<Link, number>} */
  const lanes = new Map();
  const length = ({ from, to }) => from.layer - to.layer;
  const backwards = links.filter((link) => link.back).sort((one, other) => length(one) - length(other));
  /** @type {{first: number, last: number, right: boolean, lane: number}[]} */
  const taken = [];
  for (const link of backwards) {
    const [first, last] = [link.to.layer, link.from.layer];
    const right = obstacles(link, layers, true) <= obstacles(link, layers, false);
    const side = right ? 1 : -1;
    const passed = layers.slice(first, last + 1).flat();
    const beside = passed.map((item) => side * item.x + item.across / 2 + LANE_GAP);
    const others = taken.filter((other) => other.right === right && other.first <= last && other.last >= first);
    const lane = Math.max(...beside, ...others.map((other) => side * other.lane + LANE_GAP)) * side;
    taken.push({ first, last, right, lane });
    lanes.set(link, lane);
  }
  return lanes;
}

/** How much there is between both ends of an edge and that side of the picture. */
function obstacles({ from, to }, layers, right) {
  const beyond = (item) => layers[item.layer].filter((other) => (right ? other.at > item.at : other.at < item.at));
  return [...beyond(from), ...beyond(to)].reduce((sum, item) => sum + (item.name === null ? 1 : 10), 0);
}

/** From below a node to above the next: straight through the layers between, curved in the gaps. */
function forwardPath(draw, { from, to, through }, rows) {
  const begin = [from.x, from.y + from.along / 2];
  const end = [to.x, to.y - to.along / 2];
  const parts = [draw.move(...begin)];
  let last = begin;
  const bend = (across, along) => {
    const row = last[1];
    if (Math.abs(across - last[0]) < 1) parts.push(draw.line(across, along));
    else parts.push(draw.curve(last[0], (row + along) / 2, across, (row + along) / 2, across, along));
    last = [across, along];
  };
  const straightTo = (along) => {
    if (along > last[1]) parts.push(draw.line(last[0], along));
    last = [last[0], along];
  };
  straightTo(rows[from.layer].end);
  for (const point of through) {
    bend(point.x, rows[point.layer].begin);
    straightTo(rows[point.layer].end);
  }
  bend(to.x, rows[to.layer].begin - HEAD);
  straightTo(end[1] - HEAD);
  return { path: parts.join(""), head: draw.head(end, [0, 1]) };
}

/** Out at the side, along the lane and in at the side; through the gap below or above where another node is in the way. */
function loopPath(draw, { from, to }, layers, rows, lane) {
  const side = Math.sign(lane - from.x) || 1;
  const rim = (item) => item.x + (side * item.across) / 2;
  const free = (item) => layers[item.layer].every((other) => !other.name || side * (other.at - item.at) <= 0);
  if (from === to) {
    const [out, back] = [from.y + SELF_PORT, from.y - SELF_PORT];
    const points = [[rim(from), out], [lane, out], [lane, back], [rim(to) + side * HEAD, back]];
    return { path: draw.rounded(points), head: draw.head([rim(to), back], [-side, 0]) };
  }
  const points = [];
  if (free(from)) points.push([rim(from), from.y - PORT], [lane, from.y - PORT]);
  else {
    const [across, below] = [from.x + side * PORT, rows[from.layer].end + DETOUR];
    points.push([across, from.y + from.along / 2], [across, below], [lane, below]);
  }
  if (free(to)) {
    const end = [rim(to), to.y + PORT];
    points.push([lane, end[1]], [end[0] + side * HEAD, end[1]]);
    return { path: draw.rounded(points), head: draw.head(end, [-side, 0]) };
  }
  const [end, above] = [[to.x + side * PORT, to.y - to.along / 2], rows[to.layer].begin - DETOUR];
  points.push([lane, above], [end[0], above], [end[0], end[1] - HEAD]);
  return { path: draw.rounded(points), head: draw.head(end, [0, 1]) };
}

/** Writes SVG path data for points across and along. */
class Pen {
  /** @param {(across: number, along: number) => Point} point */
  constructor(point) {
    this.point = point;
  }

  move = (...at) => `M${this._text(at)}`;
  line = (...at) => `L${this._text(at)}`;
  curve = (...points) => `C${this._text(points)}`;

  /** Straight lines with round corners. */
  rounded(points) {
    const parts = [this.move(...points[0])];
    for (let index = 1; index < points.length - 1; index++) {
      const [before, corner, after] = points.slice(index - 1, index + 2);
      const radius = Math.min(CORNER, distance(before, corner) / 2, distance(corner, after) / 2);
      parts.push(this.line(...towards(corner, before, radius)));
      parts.push(`Q${this._text([...corner, ...towards(corner, after, radius)])}`);
    }
    parts.push(this.line(...points.at(-1)));
    return parts.join("");
  }

  /** An arrow's head with its tip at a point. */
  head([across, along], [stepAcross, stepAlong]) {
    const base = [across - stepAcross * HEAD, along - stepAlong * HEAD];
    const half = [stepAlong * HEAD_HALF, stepAcross * HEAD_HALF];
    const corners = [base[0] + half[0], base[1] + half[1], base[0] - half[0], base[1] - half[1]];
    return `${this.move(across, along)}L${this._text(corners)}Z`;
  }

  /** @param {number[]} values Across and along, in turn. */
  _text(values) {
    const texts = [];
    for (let index = 0; index < values.length; index += 2) {
      const { x, y } = this.point(values[index], values[index + 1]);
      texts.push(`${round(x)} ${round(y)}`);
    }
    return texts.join(" ");
  }
}

const round = (number) => Math.round(number * 10) / 10;
const distance = ([x, y], [otherX, otherY]) => Math.hypot(otherX - x, otherY - y);

function towards(from, to, length) {
  const share = length / (distance(from, to) || 1);
  return [from[0] + (to[0] - from[0]) * share, from[1] + (to[1] - from[1]) * share];
}
