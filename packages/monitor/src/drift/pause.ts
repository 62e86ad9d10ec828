// Long work lets the event loop breathe, so that a time limit or an abort can end it.

/** @throws the reason of the signal when it is aborted */
export async function pause(signal?: AbortSignal): Promise<void> {
  await new Promise<void>((resolve) => setImmediate(resolve));
  signal?.throwIfAborted();
}
