/**
 * Keeps a view as it was, and brings it back. Lists only grow, so a checkpoint holds the list and its length at that time;
 * objects that a later patch would change are copied.
 *
 * @typedef {import("./view.js").View} View
 * @typedef {{[name: string]: any}} Checkpoint
 */

/** Values that patches replace and never change, so that a checkpoint can share them. */
const REPLACED = ["over", "answer", "bar", "active", "finished", "seen"];
const MAPS_OF_REPLACED = ["spans", "ownSpans", "branches", "kinds", "tables", "namespaces"];
const LISTS = ["steps", "turns", "updates", "tasks", "checkpoints", "trace", "raw", "faults"];

/**
 * @param {View} view
 * @returns {Checkpoint}
 */
export function keep(view) {
  return {
    ...copied(view, REPLACED, (value) => value),
    ...copied(view, MAPS_OF_REPLACED, (map) => new Map(map)),
    ...copied(view, LISTS, lengthOf),
    run: { ...view.run },
    figures: { ...view.figures },
    messages: mapped(view.messages, (message) => ({ ...message })),
    lanes: mapped(view.lanes, (bins) => new Map(bins)),
    states: mapped(view.states, lengthOf),
    calls: mapped(view.calls, (call) => ({ ...call, output: lengthOf(call.output) })),
  };
}

/**
 * Make the view what it was; the checkpoint can be used again.
 * @param {View} view
 * @param {Checkpoint} checkpoint
 */
export function restore(view, checkpoint) {
  Object.assign(view, {
    ...copied(checkpoint, REPLACED, (value) => value),
    ...copied(checkpoint, MAPS_OF_REPLACED, (map) => new Map(map)),
    ...copied(checkpoint, LISTS, listOf),
    run: { ...checkpoint.run },
    figures: { ...checkpoint.figures },
    messages: mapped(checkpoint.messages, (message) => ({ ...message })),
    lanes: mapped(checkpoint.lanes, (bins) => new Map(bins)),
    states: mapped(checkpoint.states, listOf),
    calls: mapped(checkpoint.calls, (call) => ({ ...call, output: listOf(call.output) })),
  });
  for (const name of Object.keys(view.versions)) view.versions[name]++;
}

const copied = (from, names, copy) => Object.fromEntries(names.map((name) => [name, copy(from[name])]));
const mapped = (map, copy) => new Map([...map].map(([key, value]) => [key, copy(value)]));
const lengthOf = (list) => ({ list, length: list.length });
const listOf = ({ list, length }) => list.slice(0, length);
