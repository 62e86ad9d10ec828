// The page: nothing of the data becomes markup, nothing is loaded, and every part that was asked for is there.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { measureDrift } from '../drift/measure.js';
import type { SampleColumn } from '../drift/sample.js';
import { dice, numbers, OPTIONS, sample, texts } from '../testing/rows.js';
import { escapeName, escapeText } from './escape.js';
import { driftHtml } from './html.js';
import { driftText } from './text.js';

const EVIL = '</style></svg><script>alert(1)</script><img src=x onerror=alert(2)>" onload="alert(3)\u202e\u0000';
const { normal, uniform } = dice(6);

async function page(): Promise<string> {
  const rows = 300;
  const side = (shift: number): readonly SampleColumn[] => [
    numbers(`${EVIL}1`, rows, () => normal() + shift),
    texts(
      `${EVIL}2`,
      Array.from({ length: rows }, () => (uniform() < 0.5 + shift / 3 ? EVIL : `${EVIL}b`)),
    ),
    texts(
      'group',
      Array.from({ length: rows }, () => (uniform() < 0.5 ? EVIL : 'other')),
    ),
    { ...numbers('at', rows, (row) => row * 86_400_000), kind: 'time' },
  ];
  const reference = sample(EVIL, ...side(0));
  const current = sample(EVIL, ...side(1), numbers(`${EVIL}new`, rows, normal));
  const report = await measureDrift(
    {
      reference,
      current,
      first: reference,
      by: 'group',
      time: { column: 'at', window: { rows: 100 } },
      multivariate: true,
    },
    { ...OPTIONS, permutations: 99 },
    [EVIL],
  );
  return driftHtml(report, EVIL);
}

describe('the page', () => {
  it('shows hostile names as text', async () => {
    const html = await page();
    const tags = new Set(Array.from(html.matchAll(/<\/?([a-z0-9]+)/gi), ([, tag]) => tag));
    expect(
      [...tags].filter((tag) => ['script', 'img', 'iframe', 'object', 'link', 'base', 'form', 'a'].includes(tag ?? '')),
    ).toEqual([]);
    expect(html.match(/<\/style>/g)).toHaveLength(1);
    expect(html).not.toMatch(/<[^>]*\son[a-z]+\s*=/i);
    expect(html).not.toMatch(/(?:src|href|url)\s*[=(]\s*["']?[a-z]+:/i);
    expect(html).not.toContain('\u202e');
    expect(html).toContain('&lt;script&gt;');
    expect(html).toContain("default-src 'none'");
    for (const part of [
      'Columns',
      'Different columns',
      'Distributions',
      'Against the first baseline',
      'By group',
      'Over at',
      'All columns at once',
    ])
      expect(html).toContain(`<h2>${part}</h2>`);
    expect(html.match(/NaN|undefined|Infinity/g)).toBeNull();
  });

  it('escapes every text there is', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        for (const escaped of [escapeText(text), escapeName(text)]) {
          expect(escaped).not.toMatch(/[<>"']|[\p{Cc}\p{Cf}\p{Cs}]/u);
          expect(escaped.replace(/&(?:amp|lt|gt|quot|#39);/g, '')).not.toContain('&');
        }
      }),
    );
  });
});

describe('the text', () => {
  it('says the answer first, and cleans what comes from the data', async () => {
    const side = (shift: number) =>
      sample(
        'a\u001b[2J',
        numbers('x\u001b[2J', 200, () => normal() + shift),
      );
    const report = await measureDrift({ reference: side(0), current: side(1) }, OPTIONS);
    const text = driftText(report, (name) => name.replaceAll('\u001b', '?'));
    expect(text.split('\n')[0]).toBe('DRIFT  a?[2J -> a?[2J');
    expect(text).not.toContain('\u001b');
    expect(text).toContain('values shifted: +');
  });
});
