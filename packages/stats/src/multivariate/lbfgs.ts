// Minimum of a smooth convex function by L-BFGS (Nocedal and Wright, "Numerical Optimization", algorithms 7.4 and 7.5)
// with backtracking to the Armijo condition.

const MEMORY = 10;
const ARMIJO = 1e-4;
const MAX_HALVINGS = 40;

export interface Minimum {
  readonly at: Float64Array;
  readonly value: number;
  readonly iterations: number;
}

/**
 * @param evaluate writes the gradient at `x` into `gradient` and gives the value
 * @param tolerance stops when no part of the gradient is larger
 */
export function minimise(
  start: Float64Array,
  evaluate: (x: Float64Array, gradient: Float64Array) => number,
  { maxIterations, tolerance }: { readonly maxIterations: number; readonly tolerance: number },
): Minimum {
  const size = start.length;
  let x = start.slice();
  let gradient = new Float64Array(size);
  let value = evaluate(x, gradient);
  const pairs: { s: Float64Array; y: Float64Array; rho: number }[] = [];
  let iterations = 0;
  for (; iterations < maxIterations && largest(gradient) > tolerance; iterations += 1) {
    const direction = descent(gradient, pairs);
    const slope = dot(direction, gradient);
    let step = pairs.length === 0 ? Math.min(1, 1 / Math.sqrt(dot(gradient, gradient))) : 1;
    let next = x;
    let nextValue = value;
    const nextGradient = new Float64Array(size);
    let halvings = 0;
    for (; halvings < MAX_HALVINGS; halvings += 1, step /= 2) {
      next = x.map((part, i) => part + step * (direction[i] as number));
      nextValue = evaluate(next, nextGradient);
      if (nextValue <= value + ARMIJO * step * slope) break;
    }
    // No further decrease within the precision of the function.
    if (halvings === MAX_HALVINGS) break;
    const s = next.map((part, i) => part - (x[i] as number));
    const y = nextGradient.map((part, i) => part - (gradient[i] as number));
    const curvature = dot(s, y);
    if (curvature > 1e-12 * dot(y, y)) pairs.push({ s, y, rho: 1 / curvature });
    if (pairs.length > MEMORY) pairs.shift();
    x = next;
    value = nextValue;
    gradient = nextGradient;
  }
  return { at: x, value, iterations };
}

function descent(
  gradient: Float64Array,
  pairs: readonly { s: Float64Array; y: Float64Array; rho: number }[],
): Float64Array {
  const q = gradient.map((part) => -part);
  const alphas: number[] = [];
  for (const { s, y, rho } of pairs.toReversed()) {
    const alpha = rho * dot(s, q);
    alphas.unshift(alpha);
    addScaled(q, y, -alpha);
  }
  const last = pairs.at(-1);
  if (last !== undefined) {
    const scale = 1 / (last.rho * dot(last.y, last.y));
    for (let i = 0; i < q.length; i += 1) q[i] = (q[i] as number) * scale;
  }
  for (const [i, { s, y, rho }] of pairs.entries()) addScaled(q, s, (alphas[i] as number) - rho * dot(y, q));
  return q;
}

function addScaled(to: Float64Array, from: Float64Array, factor: number): void {
  for (let i = 0; i < to.length; i += 1) to[i] = (to[i] as number) + factor * (from[i] as number);
}

function dot(a: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i += 1) sum += (a[i] as number) * (b[i] as number);
  return sum;
}

function largest(values: Float64Array): number {
  let most = 0;
  for (const value of values) most = Math.max(most, Math.abs(value));
  return most;
}
