// Events for tests.
import type { SecurityEvent } from '@vallum/core';

export function event(id: string, change: Partial<SecurityEvent> = {}): SecurityEvent {
  return {
    specversion: '1.0',
    id,
    source: 'urn:vallum:gateway:front',
    type: 'dev.vallum.gateway.route-closed.v1',
    time: '2026-11-22T12:00:00.000Z',
    subject: 'spam-filter',
    datacontenttype: 'application/json',
    data: { class_uid: 2004, severity_id: 5, message: 'closed' },
    ...change,
  };
}

/** The code of the error that a promise ends with, or `delivered`. */
export function fateOf(promise: Promise<void>): Promise<string> {
  return promise.then(
    () => 'delivered',
    (error: { code: string }) => error.code,
  );
}
