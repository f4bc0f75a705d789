/** The component that brings the frames of the page's runs through Streamlit, and asks for a snapshot after a gap. */

import { socketAddress, socketTo } from "./socket.js";

/**
 * @param {{element: HTMLElement, data: {runs: import("./socket.js").Pulled[]}, base: string, edition: number,
 *   setTriggerValue: (name: string, value: any) => void}} mount
 * @returns {() => void}
 */
export function draw({ data, base, setTriggerValue, edition }) {
  const socket = socketTo(socketAddress(base));
  socket.use(true, edition);
  socket.takeChannel(data.runs, (missing) => setTriggerValue("missing", missing));
  return () => {};
}
