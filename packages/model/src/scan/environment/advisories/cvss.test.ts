// Scores as the specification's examples and the public database print them.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { baseScore, severityOfScore } from './cvss.js';

describe('baseScore', () => {
  it.each([
    // Log4Shell, CVE-2021-44228.
    ['CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:C/C:H/I:H/A:H', 10, 'critical'],
    // Heartbleed, CVE-2014-0160.
    ['CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:N/A:N', 7.5, 'high'],
    // The example CVE-2013-1937 of the specification.
    ['CVSS:3.1/AV:N/AC:L/PR:N/UI:R/S:C/C:L/I:L/A:N', 6.1, 'medium'],
    // CVE-2013-0375 of the specification.
    ['CVSS:3.1/AV:N/AC:L/PR:L/UI:N/S:C/C:L/I:L/A:N', 6.4, 'medium'],
    // CVE-2014-3566 (POODLE) of the specification.
    ['CVSS:3.1/AV:N/AC:H/PR:N/UI:R/S:U/C:L/I:N/A:N', 3.1, 'low'],
    ['CVSS:3.0/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H', 9.8, 'critical'],
    ['CVSS:3.1/AV:P/AC:H/PR:H/UI:R/S:U/C:N/I:N/A:N', 0, 'info'],
    ['CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H/E:P/RL:O', 9.8, 'critical'],
  ])('%s is %d', (vector, score, severity) => {
    expect(baseScore(vector)).toBe(score);
    expect(severityOfScore(score)).toBe(severity);
  });

  it.each([
    '',
    'CVSS:4.0/AV:N/AC:L/AT:N/PR:N/UI:N/VC:H/VI:H/VA:H/SC:N/SI:N/SA:N',
    'AV:N/AC:L/Au:N/C:P/I:P/A:P',
    'CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H',
    'CVSS:3.1/AV:X/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H',
    'CVSS:3.1/AV:N/AV:P/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H',
  ])('no score for %j', (vector) => {
    expect(baseScore(vector)).toBeUndefined();
  });

  it('stays between 0 and 10, in tenths', () => {
    const metrics = fc.tuple(
      fc.constantFrom(...'NALP'),
      fc.constantFrom(...'LH'),
      fc.constantFrom(...'NLH'),
      fc.constantFrom(...'NR'),
      fc.constantFrom(...'UC'),
      fc.constantFrom(...'HLN'),
      fc.constantFrom(...'HLN'),
      fc.constantFrom(...'HLN'),
    );
    fc.assert(
      fc.property(metrics, ([av, ac, pr, ui, s, c, i, a]) => {
        const score = baseScore(`CVSS:3.1/AV:${av}/AC:${ac}/PR:${pr}/UI:${ui}/S:${s}/C:${c}/I:${i}/A:${a}`) ?? -1;
        expect(score).toBeGreaterThanOrEqual(0);
        expect(score).toBeLessThanOrEqual(10);
        expect(Math.abs(score * 10 - Math.round(score * 10))).toBeLessThan(1e-9);
      }),
    );
  });
});
