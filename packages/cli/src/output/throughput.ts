// How far a long reading of files is, in words for one line: what is done, how fast, how long still. Pure.

const UNITS = ['B', 'kB', 'MB', 'GB', 'TB'] as const;
/** A rate over less than this is chance, and the time left that follows from it is a lie. */
const ENOUGH_MS = 500;

/** Decimal units, three digits: `999 B`, `1.20 GB`. */
export function bytesText(bytes: number): string {
  let [value, unit] = [bytes, 0];
  // What would be rounded to a thousand is one of the next unit.
  while (value >= 999.5 && unit < UNITS.length - 1) [value, unit] = [value / 1000, unit + 1];
  const digits = unit === 0 || value >= 99.95 ? 0 : value >= 9.995 ? 1 : 2;
  return `${value.toFixed(digits)} ${UNITS[unit]}`;
}

function timeText(seconds: number): string {
  const whole = Math.max(1, Math.ceil(seconds));
  if (whole < 60) return `${whole} s`;
  const minutes = Math.ceil(whole / 60);
  return minutes < 60 ? `${minutes} min` : `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}

/**
 * `1.20 GB of 10.0 GB, 1.40 GB/s, 7 s left`; rate and rest only once they mean something.
 * @param elapsedMs since the first byte
 */
export function throughputText(bytes: number, total: number, elapsedMs: number): string {
  const done = `${bytesText(bytes)} of ${bytesText(total)}`;
  if (elapsedMs < ENOUGH_MS || bytes <= 0) return done;
  const perSecond = (bytes / elapsedMs) * 1000;
  const rate = `${done}, ${bytesText(perSecond)}/s`;
  return bytes >= total ? rate : `${rate}, ${timeText((total - bytes) / perSecond)} left`;
}
