/** The player as a Streamlit component: called again with each script run, it keeps what is drawn. */

import { Player } from "./player.js";
import { installShortcuts } from "./shortcuts.js";
import { socketAddress, socketTo } from "./socket.js";

/** @type {WeakMap<Element, {player: Player, report: (name: string, value: any) => void,
 *   tell: (reached: boolean) => void}>} */
const mounted = new WeakMap();

/**
 * @param {{element: HTMLElement, data: any, base: string, setTriggerValue: (name: string, value: any) => void,
 *   fed?: boolean, edition?: number}} mount With `fed`, the runs come through Streamlit.
 * @returns {() => void} Takes the player down.
 */
export function draw({ element, data, base, setTriggerValue, fed, edition }) {
  installShortcuts();
  let known = mounted.get(element);
  if (known === undefined) {
    const created = { player: new Player(element), report: setTriggerValue, tell: () => {} };
    created.tell = (reached) => created.report(reached ? "reachable" : "unreachable", "socket");
    known = created;
    mounted.set(element, known);
  }
  known.report = setTriggerValue;
  const address = socketAddress(base);
  const socket = socketTo(address);
  socket.use(fed, edition);
  socket.reach.tellers.add(known.tell);
  known.player.show({
    ...data,
    socket: address,
    onEnded: (runs) => data.reports && known.report("ended", runs),
  });
  return () => {
    mounted.delete(element);
    socket.reach.tellers.delete(known.tell);
    known.player.destroy();
  };
}
