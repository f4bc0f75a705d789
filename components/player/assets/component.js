/** The player as a Streamlit component: called again with each script run, it keeps what is drawn. */

import { Player } from "./player.js";
import { installShortcuts } from "./shortcuts.js";

/** @type {WeakMap<Element, {player: Player, report: (name: string, value: any) => void}>} */
const mounted = new WeakMap();

/**
 * @param {{element: HTMLElement, data: any, base: string, setTriggerValue: (name: string, value: any) => void}} mount
 * @returns {() => void} Takes the player down.
 */
export function draw({ element, data, base, setTriggerValue }) {
  installShortcuts();
  let known = mounted.get(element);
  if (known === undefined) {
    known = { player: new Player(element), report: setTriggerValue };
    mounted.set(element, known);
  }
  known.report = setTriggerValue;
  known.player.show({
    ...data,
    socket: socketAddress(base),
    onEnded: (runs) => data.reports && known.report("ended", runs),
  });
  return () => {
    mounted.delete(element);
    known.player.destroy();
  };
}

function socketAddress(base) {
  const address = new URL("api/live", base);
  address.protocol = address.protocol.replace("http", "ws");
  return address.href;
}
