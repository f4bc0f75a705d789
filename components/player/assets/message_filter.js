/**
 * Which messages and steps a reader gets; a field that is missing does not filter. A node that is a graph includes
 * everything in it, and graphs are named by the path of nodes that lead to them.
 *
 * @typedef {{nodes?: string[], tags?: string[], without?: string[], graphs?: string[]}} MessageFilter
 */

import { path } from "./format.js";

/**
 * @param {MessageFilter} filter
 * @param {{node?: string, ns?: string, tags?: string[]}} message
 */
export function admits({ nodes, tags, without = [], graphs }, { node = "", ns = "", tags: own = [] }) {
  const outer = ns.split("|").map((part) => part.split(":")[0]);
  return (
    (nodes == null || [...outer, node].some((name) => nodes.includes(name))) &&
    (tags == null || own.some((tag) => tags.includes(tag))) &&
    !own.some((tag) => without.includes(tag)) &&
    (graphs == null || graphs.includes(path(ns)))
  );
}
