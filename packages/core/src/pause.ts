// Long loops give the event loop a turn, and stop when they are told to.

/** @throws the reason of the signal when it is aborted */
export async function pause(signal?: AbortSignal): Promise<void> {
  await new Promise<void>((resolve) => setImmediate(resolve));
  signal?.throwIfAborted();
}
