// Tells how many bytes are hashed, by the tick of a timer and not by the block: what listens may be slow.
import type { HashOptions } from './file-hasher.js';

const EVERY_MS = 100;

/** Runs the work and reports meanwhile what `bytes` says. */
export async function reporting<T>(
  { progress }: HashOptions,
  total: number,
  bytes: () => number,
  work: () => Promise<T>,
): Promise<T> {
  if (progress === undefined) return work();
  const timer = setInterval(() => progress(bytes(), total), EVERY_MS);
  try {
    const result = await work();
    progress(total, total);
    return result;
  } finally {
    clearInterval(timer);
  }
}
