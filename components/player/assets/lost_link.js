/**
 * One place of the page tells that the connection is lost, however many follow the run: of all the line of notices, which
 * is there for it, else a state, else whichever was first.
 *
 * @typedef {{element: HTMLElement, rank: number, tell: (on: boolean) => void}} Teller The lowest rank tells.
 */

/** @type {Set<Teller>} */
const lost = new Set();

/** @param {Teller} teller @param {boolean} isLost */
export function tellLost(teller, isLost) {
  if (!isLost && !lost.delete(teller)) return;
  if (isLost) lost.add(teller);
  const [chosen] = [...lost].filter(({ element }) => element.isConnected).sort((one, other) => one.rank - other.rank);
  for (const one of new Set([teller, ...lost])) one.tell(one === chosen);
}
