/** How many of `length` things in order come `before` an end. @param {number} length @param {(index: number) => boolean} before */
export function until(length, before) {
  let [low, high] = [0, length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (before(middle)) low = middle + 1;
    else high = middle;
  }
  return low;
}
