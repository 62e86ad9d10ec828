// Root by bisection: slow, and never wrong about which side it is on.

const HALVINGS = 200;

/** The point between `from` and `to` where `below` turns from true to false. */
export function halve(from: number, to: number, below: (x: number) => boolean): number {
  let low = from;
  let high = to;
  for (let i = 0; i < HALVINGS; i += 1) {
    const middle = (low + high) / 2;
    if (middle === low || middle === high) break;
    if (below(middle)) low = middle;
    else high = middle;
  }
  return (low + high) / 2;
}
