// What a value says about a person must not reach the page, the text or the JSON.
import { expect, it } from 'vitest';
import { measureDrift } from '../drift/measure.js';
import { dice, numbers, OPTIONS, sample, texts } from '../testing/rows.js';
import type { Sample } from '../drift/sample.js';
import { driftHtml } from './html.js';
import { maskValues } from './mask-values.js';
import { driftText } from './text.js';

it('values are masked wherever a report names one, names of columns are not', async () => {
  const { uniform, normal } = dice(3);
  const side = (known: readonly string[], shift: number): Sample =>
    sample(
      'rows',
      texts(
        'who',
        Array.from({ length: 600 }, () => known[Math.floor(uniform() * known.length)]),
      ),
      numbers('x', 600, () => normal() + shift),
      { ...numbers('day', 600, (row) => row * 3_600_000), kind: 'time' },
    );
  const before = side(['ann@home.example', 'bob@home.example'], 0);
  const report = await measureDrift(
    {
      reference: before,
      first: before,
      current: side(['ann@home.example', 'eve@home.example'], 1),
      by: 'who',
      time: { column: 'day', window: { rows: 200 } },
    },
    OPTIONS,
  );
  expect(JSON.stringify(report)).toContain('eve@home.example');
  const masked = maskValues(report, (value) => value.replace(/^.*@/, '?@'));
  const forms = [JSON.stringify(masked), driftHtml(masked, '2026-01-01T00:00:00.000Z'), driftText(masked, String)];
  for (const form of forms) {
    expect(form).not.toMatch(/(ann|bob|eve)@/);
    expect(form).toContain('who');
  }
});
