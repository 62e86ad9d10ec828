// The probe against a real door, which must refuse everything; against doors that lack one protection each, a server that
// believes everything, and dead ones.
import { afterEach, describe, expect, it } from 'vitest';
import type { DoorParts } from '../door/parts.js';
import { ADA } from '../testing/parts.js';
import type { Checked } from './check.js';
import { planGatewayProbe } from './plan-gateway-probe.js';
import type { ProbeSettings } from './probe.js';
import type { ProbeSeen } from './run-probe.js';
import { BODY, believingServer, guardedServer, probeIt, settingsFor } from './testing/servers.js';

const open: { readonly close: () => Promise<void> }[] = [];
afterEach(async () => {
  for (const one of open.splice(0)) await one.close();
});

const notPassed = (checks: readonly Checked[]): readonly string[][] =>
  checks.filter(({ verdict }) => verdict !== 'pass').map(({ id, came, verdict }) => [verdict, id, came]);
const idsOf = (checks: readonly Checked[], verdict: Checked['verdict']): readonly string[] =>
  checks.filter((check) => check.verdict === verdict).map(({ id }) => id);
const judged = (settings: ProbeSettings, seen: ProbeSeen) =>
  planGatewayProbe(settings, () => Promise.resolve(seen)).run({
    signal: new AbortController().signal,
    progress: () => undefined,
  });

async function door(quota?: number, parts: Partial<DoorParts> = {}) {
  const server = await guardedServer(quota, parts);
  open.push(server);
  return server;
}

async function believer(answer: (text: string) => string) {
  const server = await believingServer(answer);
  open.push(server);
  return server;
}

describe('a guarded door', () => {
  it('refuses everything, and goes on with honest requests', async () => {
    const { url } = await door();
    const settings = settingsFor(url, { key: 'good' });
    const seen = await probeIt(settings);
    expect(notPassed(seen.checks)).toEqual([]);
    expect(seen.doubt).toBeUndefined();
    expect(seen.checks.length).toBeGreaterThan(150);
    expect(new Set(seen.checks.map(({ id }) => id)).size).toBe(seen.checks.length);
    // Nothing said what the quota is.
    expect(await judged(settings, seen)).toMatchObject({
      outcome: 'inconclusive',
      reason: { code: 'quota-not-probed' },
    });
    expect(await judged({ ...settings, quota: 5 }, seen)).toMatchObject({ outcome: 'pass', findings: [] });
  });

  it('that lets anybody in fails for that alone', async () => {
    const { url } = await door(undefined, { identify: () => ADA });
    const settings = settingsFor(url, { key: 'good', quota: 3 });
    const { checks } = await probeIt(settings);
    const failed = idsOf(checks, 'fail');
    expect(failed).toEqual([
      'anonymous.infer',
      'anonymous.metadata',
      ...['empty', 'wrong', 'unsigned', 'expired', 'forged', 'basic'].map((id) => `credential.${id}`),
      'quota.burst',
    ]);
    const result = await judged(settings, { checks, requests: 1 });
    expect([result.outcome, result.findings.length]).toEqual(['fail', failed.length]);
    expect(result.findings[0]).toMatchObject({ rule: 'VLM-GWP-001', location: { entry: 'anonymous.infer' } });
  });

  it('that ends a burst passes', async () => {
    let left = 10_000;
    const admit: DoorParts['admit'] = () => {
      left -= 1;
      return { charge: () => undefined, done: () => undefined };
    };
    const { url } = await door(undefined, { admit });
    const { checks } = await probeIt(settingsFor(url, { key: 'good' }));
    // As many requests as the whole probe took, and four of the burst.
    const ended = await door(10_000 - left + 4);
    const seen = await probeIt(settingsFor(ended.url, { key: 'good', quota: 20 }));
    expect(notPassed(checks)).toEqual([]);
    expect(idsOf(seen.checks, 'fail')).toEqual([]);
    expect(seen.checks.find(({ id }) => id === 'quota.burst')).toMatchObject({ verdict: 'pass' });
  });

  it('without room for more proves nothing', async () => {
    const { url } = await door(6);
    const settings = settingsFor(url, { key: 'good', quota: 5 });
    const seen = await probeIt(settings);
    expect(idsOf(seen.checks, 'fail')).toEqual([]);
    expect(seen.doubt).toMatchObject({ code: 'no-control' });
    expect(await judged(settings, seen)).toMatchObject({ outcome: 'inconclusive' });
  });
});

describe('a server that is no door', () => {
  it('and says yes to everything fails everything that it answers', async () => {
    const { url } = await believer(() => 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}');
    const settings = settingsFor(url, { key: 'good', input: BODY, quota: 20 });
    const seen = await probeIt(settings);
    const passed = idsOf(seen.checks, 'pass').filter((id) => !id.startsWith('leak.'));
    expect(passed.every((id) => id.startsWith('framing.'))).toBe(true);
    expect(passed).toHaveLength(7);
    expect(idsOf(seen.checks, 'inconclusive')).toEqual([]);
    expect(await judged(settings, seen)).toMatchObject({ outcome: 'fail' });
  });

  it('and answers a hidden request is out of step', async () => {
    const good = BODY.toString();
    const answer = (status: string, body = '{}'): string =>
      `HTTP/1.1 ${status}\r\nContent-Length: ${body.length}\r\n\r\n${body}`;
    const { url } = await believer((text) => {
      const refused = answer('400 Bad Request', 'Error: no\n    at read (/srv/app/main.js:1:2)');
      const isGood = text.endsWith(`Content-Length: ${good.length}\r\n\r\n${good}`) && !text.includes('Transfer');
      return isGood ? answer('200 OK') : text.includes('vallum-probe-hidden') ? refused + refused : refused;
    });
    const { checks } = await probeIt(settingsFor(url, { input: BODY }));
    const failed = idsOf(checks, 'fail');
    expect(failed).toEqual(expect.arrayContaining(['framing.CL.TE', 'framing.TE.CL', 'framing.CL.0, a body on a GET']));
    expect(failed).toEqual(expect.arrayContaining(['leak.node-stack', 'leak.unix-path']));
    expect(failed).not.toContain('leak.python-stack');
  });

  it('and takes the next request for the rest of the last is out of step', async () => {
    const refused = 'HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n';
    let poisoned = false;
    const { url } = await believer((text) => {
      const wasPoisoned = poisoned;
      poisoned = text.includes('\r\nTransfer-Encoding: chunked') && text.includes('vallum-probe-hidden');
      return wasPoisoned || poisoned || !text.includes(BODY.toString())
        ? refused
        : 'HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n';
    });
    const { checks } = await probeIt(settingsFor(url, { input: BODY }));
    expect(checks.find(({ id }) => id === 'framing.CL.TE')).toMatchObject({
      verdict: 'fail',
      came: 'status 400; then 400 to one good request',
    });
  });

  it('and refuses everything proves nothing', async () => {
    const { url } = await believer(() => 'HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n');
    const settings = settingsFor(url, { input: BODY, quota: 3 });
    const seen = await probeIt(settings);
    expect([seen.doubt?.code, seen.checks]).toEqual(['no-control', []]);
    expect(await judged(settings, seen)).toMatchObject({ outcome: 'inconclusive', reason: { code: 'no-control' } });
  });

  it('and is gone proves nothing', async () => {
    const server = await believingServer(() => '');
    await server.close();
    const seen = await probeIt(settingsFor(server.url));
    expect(seen).toMatchObject({ checks: [], doubt: { code: 'no-input' } });
    expect(seen.doubt?.message).toContain('no connection');
  });
});
