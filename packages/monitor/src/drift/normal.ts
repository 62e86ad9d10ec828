// The normal distribution as the scores need it: density, quantile and the logarithm of its tail, quickly.

const ROOT_TWO_PI = Math.sqrt(2 * Math.PI);

export function density(z: number): number {
  return Math.exp((-z * z) / 2) / ROOT_TWO_PI;
}

/**
 * The quantile within 4.5e-4 (Hastings 1955; Abramowitz and Stegun 26.2.23), infinite at 0 and 1. Scores need no more: every
 * column takes hundreds of quantiles, and permutations calibrate whatever scores there are.
 */
export function quantileOf(p: number): number {
  if (p <= 0) return -Infinity;
  if (p >= 1) return Infinity;
  if (p > 0.5) return -quantileOf(1 - p);
  const t = Math.sqrt(-2 * Math.log(p));
  const above = 2.515517 + t * (0.802853 + t * 0.010328);
  const below = 1 + t * (1.432788 + t * (0.189269 + t * 0.001308));
  return above / below - t;
}

/**
 * ln P(Z > z) of a standard normal Z, for z of either sign, by a rational approximation of the kind of Bryc (2002); the
 * probability is right within 0.5 %. It only puts statistics on one scale: permutations decide.
 */
export function logTail(z: number): number {
  if (z < 0) return Math.log1p(-Math.exp(logTail(-z)));
  const above = z * z + 5.575192695 * z + 12.77436324;
  const below = ROOT_TWO_PI * z * z * z + 14.38718147 * z * z + 31.53531977 * z + 25.54872648;
  return Math.log(above / below) - (z * z) / 2;
}

/** ln of the two-sided tail of |z|. */
export function logTwoSided(z: number): number {
  return Math.LN2 + logTail(Math.abs(z));
}
