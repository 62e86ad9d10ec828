// A decision about a monitor reads back as it was built, and nothing else reads as one.
import type { JsonObject, Statement } from '@vallum/core';
import { sha256 } from '@vallum/core';
import { expect, test } from 'vitest';
import type { MonitorAct } from './monitor-act.js';
import { buildMonitorAct, readMonitorAct } from './monitor-act.js';
import { purposeOf } from './roles.js';
import { buildRevocation } from './revocation.js';

const now = new Date('2026-11-22T00:00:00Z');
const act: Omit<MonitorAct, 'createdAt'> = {
  act: 'pin',
  monitor: 'spam-filter@v2',
  subject: { name: 'reference of spam-filter@v2', digest: { sha256: sha256('profile') } },
  data: sha256('data'),
  who: 'approver',
  why: 'the data that v2 was trained on',
};

test('built and read back', () => {
  expect(readMonitorAct(buildMonitorAct(act, now))).toEqual({ ...act, createdAt: now.toISOString() });
});

test('another statement is none', () => {
  expect(readMonitorAct(buildRevocation({ type: 'subject', digest: sha256('x') }, 'why', now))).toBeUndefined();
});

test('its role is a decision of a person, as an approval is', () => {
  expect(purposeOf('monitor')).toBe('approvals');
  expect(purposeOf('review')).toBe('approvals');
});

test.each<[string, Partial<MonitorAct>]>([
  ['no reason', { why: ' ' }],
  ['a reason that moves the cursor', { why: 'fine\u001b[2K' }],
  ['a monitor that is no version', { monitor: 'spam-filter' }],
])('%s is refused when it is built', (_, more) => {
  expect(() => buildMonitorAct({ ...act, ...more }, now)).toThrow(
    expect.objectContaining({ code: 'TRUST_FORMAT' }) as Error,
  );
});

test.each<[string, JsonObject]>([
  ['an unknown act', { act: 'mute' }],
  ['data that is no digest', { data: 'ab' }],
  ['an unknown field', { extra: 1 }],
])('%s is refused when it is read', (_, more) => {
  const statement = buildMonitorAct(act, now);
  const spoilt: Statement = { ...statement, predicate: { ...statement.predicate, ...more } };
  expect(() => readMonitorAct(spoilt)).toThrow(expect.objectContaining({ code: 'TRUST_FORMAT' }) as Error);
});
