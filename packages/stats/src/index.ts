// The door of `stats`: intervals, special functions, seeded randomness. Pure numbers in, pure numbers out.
export { clopperPearson, wilson } from './intervals.js';
export type { Bounds } from './intervals.js';
export { quantile } from './quantile.js';
export { mulberry32, shuffle } from './random.js';
export { incompleteBeta, inverseIncompleteBeta, logGamma, normalQuantile } from './special.js';
