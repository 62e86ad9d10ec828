// Values that are mostly there at once: the hot path runs through without waiting, and only a miss makes a promise.
import type { Soon } from './refusal.js';

/** `then` for a value that may be there already. */
export function next<T, R>(value: Soon<T>, step: (value: T) => Soon<R>): Soon<R> {
  return value instanceof Promise ? value.then(step) : step(value);
}

/** A promise that somebody may wait for, and whose failure is no fault of a program that does not. */
export function heard(promise: Promise<void>): Promise<void> {
  promise.catch(() => undefined);
  return promise;
}
