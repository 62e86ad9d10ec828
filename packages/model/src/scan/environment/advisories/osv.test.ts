// Advisories as OSV publishes them, and what happens to those that are broken, withdrawn or of other ecosystems.
import fc from 'fast-check';
import type { JsonValue } from '@vallum/core';
import { describe, expect, it } from 'vitest';
import { affects } from './affects.js';
import type { Affected } from './osv.js';
import { readAdvisory } from './osv.js';
import { version } from '../testing/versions.js';

const advisory = (change: object = {}, affected: object = {}): JsonValue => ({
  id: 'GHSA-0000-0000-0001',
  aliases: ['CVE-2024-10001'],
  summary: 'runs what it reads',
  severity: [{ type: 'CVSS_V3', score: 'CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H' }],
  affected: [
    {
      package: { ecosystem: 'PyPI', name: 'Foo_Bar' },
      ranges: [{ type: 'ECOSYSTEM', events: [{ introduced: '0' }, { fixed: '1.2' }] }],
      ...affected,
    },
  ],
  ...change,
});
const events = (...list: readonly Readonly<Record<string, string>>[]): Affected => {
  const read = readAdvisory(advisory({}, { ranges: [{ type: 'ECOSYSTEM', events: list }] }));
  if (read.kind !== 'advisory') throw new Error(JSON.stringify(read));
  return read.advisory.affected[0] ?? { name: '', versions: [], ranges: [] };
};

describe('readAdvisory', () => {
  it('reads names, aliases and the severity of the vector', () => {
    expect(readAdvisory(advisory())).toMatchObject({
      kind: 'advisory',
      advisory: {
        severity: 'critical',
        exploited: false,
        affected: [{ name: 'foo-bar' }],
        aliases: ['CVE-2024-10001'],
      },
    });
  });

  it.each([
    ['the word of the database', { severity: [], database_specific: { severity: 'MODERATE' } }, 'medium'],
    ['the worse of the two', { database_specific: { severity: 'LOW' } }, 'critical'],
    ['nothing', { severity: [{ type: 'CVSS_V4', score: 'CVSS:4.0/AV:N' }] }, undefined],
  ])('takes the severity from %s', (_, change, severity) => {
    const read = readAdvisory(advisory(change));
    expect(read.kind === 'advisory' && read.advisory.severity).toBe(severity);
  });

  it.each([
    [{ database_specific: { known_exploited: true } }, true],
    [{ database_specific: { kev: { added: '2024-01-01' } } }, true],
    [{ database_specific: { cisa_kev: '2024-01-01' } }, true],
    [{ database_specific: { known_exploited: false } }, false],
    [{ details: 'known-exploited' }, false],
  ])('sees whether it is exploited: %j', (change, exploited) => {
    expect(readAdvisory(advisory(change))).toMatchObject({ advisory: { exploited } });
  });

  it.each([
    [advisory({ withdrawn: '2024-01-01T00:00:00Z' }), 'withdrawn'],
    [advisory({}, { package: { ecosystem: 'npm', name: 'x' } }), 'other-ecosystem'],
    ['x', 'unread'],
    [{ id: 'X' }, 'unread'],
    [advisory({ id: 'no id\n' }), 'unread'],
    [advisory({}, { ranges: [], versions: [] }), 'unread'],
    [advisory({}, { ranges: [{ type: 'GIT', events: [{ introduced: '0' }] }] }), 'unread'],
    [advisory({}, { ranges: [{ type: 'ECOSYSTEM', events: [{ odd: '0' }] }] }), 'unread'],
    [advisory({}, { package: { ecosystem: 'PyPI' } }), 'unread'],
  ] as readonly (readonly [JsonValue, string])[])('%# is %s', (value, kind) => {
    expect(readAdvisory(value).kind).toBe(kind);
  });

  it('answers for any JSON', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        expect(readAdvisory(value as JsonValue).kind).toBe('unread');
        readAdvisory(advisory({ affected: [value], severity: value, database_specific: value }));
      }),
    );
  });
});

describe('affects', () => {
  it.each([
    [events({ introduced: '0' }, { fixed: '1.2' }), '1.1', 'yes'],
    [events({ introduced: '0' }, { fixed: '1.2' }), '1.2', 'no'],
    [events({ introduced: '0' }, { fixed: '1.2' }), '1.2rc1', 'yes'],
    [events({ introduced: '0' }, { fixed: '1.2' }), '1.1+cu118', 'yes'],
    [events({ introduced: '0' }, { fixed: '1.2' }), '1.2+cu118', 'no'],
    [events({ introduced: '0' }), '0.0a1.dev1', 'yes'],
    [events({ introduced: '1.0' }, { last_affected: '1.4' }), '1.4', 'yes'],
    [events({ introduced: '1.0' }, { last_affected: '1.4' }), '1.4.1', 'no'],
    [events({ introduced: '1.0' }, { last_affected: '1.4' }), '0.9', 'no'],
    [events({ fixed: '2.3' }, { introduced: '2.0' }, { fixed: '1.5' }, { introduced: '1.0' }), '2.1', 'yes'],
    [events({ introduced: '1.0' }, { fixed: '1.5' }, { introduced: '2.0' }, { fixed: '2.3' }), '1.7', 'no'],
    [events({ introduced: '0' }, { limit: '2.0' }), '3.0', 'no'],
    [events({ introduced: '0' }, { limit: '*' }), '3.0', 'yes'],
    [events({ introduced: '0' }, { fixed: 'r12' }), '3.0', 'unsure'],
    [events({ introduced: '0' }), 'master', 'unsure'],
  ] as const)('%# %s', (affected, asked, expected) => {
    expect(affects(affected, asked)).toBe(expected);
  });

  it('compares listed versions as versions', () => {
    const listed: Affected = { name: 'x', versions: ['1.0', '2.0.0', 'odd'], ranges: [] };
    expect(['1.0.0', '2', '3', 'odd'].map((one) => affects(listed, one))).toEqual(['yes', 'yes', 'no', 'yes']);
  });

  it('from the first on, every version is inside', () => {
    fc.assert(
      fc.property(version, (one) => {
        expect(affects(events({ introduced: '0' }), one)).toBe('yes');
      }),
    );
  });
});
