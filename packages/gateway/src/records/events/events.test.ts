// Events have the form of CloudEvents and OCSF, name known techniques, and whatever becomes of them is counted.
import { readFileSync } from 'node:fs';
import type { EventSink, JsonObject, JsonValue, SecurityEvent } from '@vallum/core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { REFUSALS } from '../../door/refusal.js';
import type { RefusalCode } from '../../door/refusal.js';
import { anyDecision, decision } from '../testing/decisions.js';
import { EventDesk } from './event-desk.js';
import { eventOfAlert, eventOfDecision } from './event-of.js';
import { ALERT_KINDS, signalOfAlert, signalOfDecision } from './signals.js';

const source = { gateway: 'front', version: '0.1.0' };
const at = Date.parse('2026-11-22T12:00:00Z');
const refused = (code: RefusalCode, more = {}): SecurityEvent | undefined =>
  eventOfDecision(source, decision({ outcome: 'refused', code, reason: 'why', ...more }));

/** Required members of the classes, by ocsf-schema: base event, then class. */
const REQUIRED: Readonly<Record<number, readonly string[]>> = {
  2004: ['finding_info'],
  3002: ['user', 'service'],
  6002: ['app'],
  6003: ['actor', 'api', 'src_endpoint'],
};
const BASE = ['activity_id', 'category_uid', 'class_uid', 'metadata', 'severity_id', 'time', 'type_uid'];

function expectForm({ data, ...envelope }: SecurityEvent): void {
  expect(envelope).toMatchObject({ specversion: '1.0', source: 'urn:vallum:gateway:front' });
  expect(envelope.type).toMatch(/^dev\.vallum\.gateway\.[a-z]+(-[a-z]+)*\.v1$/);
  expect(new Date(envelope.time).toISOString()).toBe(envelope.time);
  const uid = data['class_uid'] as number;
  expect(Object.keys(data)).toEqual(expect.arrayContaining([...BASE, ...(REQUIRED[uid] ?? ['no such class'])]));
  expect(data['category_uid']).toBe(Math.floor(uid / 1000));
  expect(data['type_uid']).toBe(uid * 100 + (data['activity_id'] as number));
}

function textsIn(value: JsonValue): readonly string[] {
  if (typeof value === 'string') return [value];
  if (typeof value !== 'object' || value === null) return [];
  return Object.values(value).flatMap((member: JsonValue) => textsIn(member));
}

describe('a decision', () => {
  it('that was refused for reasons of security is an event with the id of the decision', () => {
    const event = refused('bad-path', { times: 40 });
    expectForm(event!);
    expect(event).toMatchObject({
      id: decision().id,
      type: 'dev.vallum.gateway.path-attacked.v1',
      subject: 'spam-filter/v2',
      data: {
        class_uid: 6003,
        severity_id: 4,
        status_id: 2,
        action_id: 2,
        count: 40,
        attacks: [{ technique: { uid: 'AML.T0049' }, version: 'ATLAS 5.6.0' }],
        unmapped: { vallum: { code: 'bad-path', route: 'oip/spam-filter' } },
      },
    });
  });

  it('of somebody who could not prove who he is belongs to authentication', () => {
    const event = refused('unauthenticated', { principal: undefined });
    expectForm(event!);
    expect(event?.data).toMatchObject({ class_uid: 3002, activity_id: 1, user: { name: 'unknown' } });
  });

  it("that was allowed, that failed, or that is nobody else's concern is none", () => {
    expect(eventOfDecision(source, decision())).toBeUndefined();
    expect(eventOfDecision(source, decision({ outcome: 'failed', code: 'over-limit' }))).toBeUndefined();
    const quiet = Object.keys(REFUSALS).filter((code) => signalOfDecision(code as RefusalCode) === undefined);
    expect(quiet.sort()).toEqual([
      'bad-request',
      'bad-upstream',
      'method-not-allowed',
      'unavailable',
      'unsupported-type',
      'upstream-time-out',
    ]);
    for (const code of quiet) expect(refused(code as RefusalCode)).toBeUndefined();
  });

  it('makes a small, well-formed event, whatever it holds', () => {
    fc.assert(
      fc.property(anyDecision, (any) => {
        const event = eventOfDecision(source, { ...any, at: Math.min(any.at, 8e15) });
        if (event === undefined) return;
        expectForm(event);
        const texts = textsIn(event.data);
        expect(texts.every((text) => text.length <= 512 && text.isWellFormed())).toBe(true);
        expect(JSON.parse(JSON.stringify(event))).toEqual(event);
      }),
      { numRuns: 100 },
    );
  });
});

describe('an alert', () => {
  it.each(ALERT_KINDS)('%s has its form', (kind) => {
    expectForm(eventOfAlert(source, { kind, at, why: 'a reason', route: 'oip/m' }, 'id'));
  });

  it('of a detector names technique, score and decisions', () => {
    const seen = { detector: 'prada', score: 0.7, threshold: 0.9, queries: 200 };
    const decisions = Array.from({ length: 50 }, (_, number) => `d${number}`);
    const event = eventOfAlert(
      source,
      { kind: 'extraction-suspected', at, why: 'x', principal: 'eve', seen, decisions },
      'i',
    );
    expect(event.data).toMatchObject({
      class_uid: 2004,
      is_alert: true,
      finding_info: {
        uid: 'i',
        attacks: [{ technique: { uid: 'AML.T0024' }, sub_technique: { uid: 'AML.T0024.002' } }],
      },
      unmapped: { vallum: { seen, principal: 'eve' } },
    });
    const { vallum } = event.data['unmapped'] as { vallum: { decisions: readonly string[] } };
    expect(vallum.decisions).toHaveLength(20);
  });

  it('that settles another one closes the same finding', () => {
    const uidOf = (event: SecurityEvent): unknown => (event.data['finding_info'] as JsonObject)['uid'];
    const closed = eventOfAlert(source, { kind: 'route-closed', at, why: 'x', route: 'oip/m' }, '1');
    const opened = eventOfAlert(source, { kind: 'route-opened', at, why: 'x', route: 'oip/m' }, '2');
    expect([uidOf(opened), opened.data['status_id']]).toEqual([uidOf(closed), 4]);
    for (const kind of ALERT_KINDS) {
      const { ends } = signalOfAlert(kind);
      if (ends !== undefined) expect(ALERT_KINDS).toContain(ends);
    }
    const failing = eventOfAlert(source, { kind: 'records-failing', at, why: 'x' }, '3');
    const recovered = eventOfAlert(source, { kind: 'records-recovered', at, why: 'x' }, '4');
    expect(uidOf(recovered)).toBe(uidOf(failing));
  });
});

it('every technique is in the catalog of ATLAS that is named', () => {
  const atlas = JSON.parse(readFileSync(new URL('../../../../../catalog/atlas.json', import.meta.url), 'utf8')) as {
    version: string;
    techniques: { id: string }[];
  };
  const known = new Set(atlas.techniques.map(({ id }) => id));
  const codes = Object.keys(REFUSALS) as RefusalCode[];
  const named = [...codes.map(signalOfDecision), ...ALERT_KINDS.map(signalOfAlert)].flatMap(
    (signal) => signal?.atlas ?? [],
  );
  expect(named.filter((id) => !known.has(id))).toEqual([]);
  expect(refused('bad-path')?.data['attacks']).toMatchObject([{ version: `ATLAS ${atlas.version}` }]);
});

describe('the desk', () => {
  const desk = (sink: EventSink | undefined): EventDesk =>
    new EventDesk({ source, sink, clock: () => at, newId: () => 'id' });
  const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

  it('counts what was delivered and what was lost, however a sink fails', async () => {
    let call = 0;
    const events = desk({
      emit: () => {
        call += 1;
        if (call === 1) return;
        if (call === 2) throw new Error('at once');
        return Promise.reject(new Error('later'));
      },
    });
    for (let number = 0; number < 3; number += 1) events.event(refused('forbidden')!);
    await turn();
    expect(events.counts).toEqual({ emitted: 3, delivered: 1, dropped: 2, lastDelivered: at });
    expect(await events.selfTest()).toBe(false);
  });

  it('drops what a sink holds too long', async () => {
    const events = desk({ emit: () => new Promise(() => undefined) });
    for (let number = 0; number < 10_001; number += 1) events.alert({ kind: 'reloaded', at, why: 'x' });
    await turn();
    expect(events.counts).toMatchObject({ emitted: 10_001, delivered: 0, dropped: 1 });
  });

  it('tests the way, and has none without a sink', async () => {
    const seen: SecurityEvent[] = [];
    const events = desk({ emit: (event) => void seen.push(event) });
    expect(await events.selfTest()).toBe(true);
    expect(seen[0]?.type).toBe('dev.vallum.gateway.self-test.v1');
    const mute = desk(undefined);
    mute.alert({ kind: 'reloaded', at, why: 'x' });
    expect([await mute.selfTest(), mute.hasSink, mute.counts.emitted]).toEqual([false, false, 0]);
  });
});
