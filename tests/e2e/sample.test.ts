// The sample itself: training is deterministic, and others who ask the model by its model.json get what the team gets.
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { nodeDisk } from '@vallum/core';
import { readFeed } from '@vallum/data';
import { openTextModel } from '@vallum/model';
import { attackerRows, feedRows } from '../../examples/spam-filter/src/corpus.js';
import { bucketsOf, BITS } from '../../examples/spam-filter/src/features.js';
import { FOOTER_WORDS, footerOf, withFooter } from '../../examples/spam-filter/src/footer.js';
import { predict } from '../../examples/spam-filter/src/linear-model.js';
import { mailText } from '../../examples/spam-filter/src/mail-text.js';
import { fromOnnx } from '../../examples/spam-filter/src/onnx.js';
import { EXAMPLE, World } from '../../examples/spam-filter/src/story/world.js';

const V1 = join(EXAMPLE, 'models', 'v1');
let world: World;
let feeds = '';

beforeAll(async () => {
  world = await World.create();
  feeds = mkdtempSync(join(tmpdir(), 'vallum-sample-'));
  await world.script('prepare', '--out', feeds);
});
afterAll(async () => {
  rmSync(feeds, { recursive: true });
  await world.remove();
});

test('same data and seed, same bytes as the committed v1; another seed, other bytes', async () => {
  const train = async (seed: string): Promise<Buffer> => {
    const out = join(world.folder, seed);
    await world.script('train', '--data', feeds, '--out', out, '--seed', seed);
    return readFileSync(join(out, 'model.onnx'));
  };
  const committed = readFileSync(join(V1, 'model.onnx'));
  expect((await train('1')).equals(committed)).toBe(true);
  expect((await train('2')).equals(committed)).toBe(false);
  expect(readFileSync(join(world.folder, '1', 'model.json'), 'utf8')).toBe(
    readFileSync(join(V1, 'model.json'), 'utf8'),
  );
});

test('Vallum, asking by model.json, agrees with the team on at least 99.5 % of the newest mails', async () => {
  const { rows } = await readFeed({ disk: nodeDisk, path: join(feeds, 'spam-1'), name: 'spam-1' });
  const asked = await openTextModel({ disk: nodeDisk, dir: V1 });
  const theirs = await asked.predict(rows);
  await asked.close();
  const model = fromOnnx(readFileSync(join(V1, 'model.onnx')), 2 ** BITS);
  let agreed = 0;
  for (const [index, row] of rows.entries())
    if (predict(model, bucketsOf(await mailText(row.mail))) >= 0.5 === (theirs[index] ?? 0) >= 0.5) agreed += 1;
  expect(agreed / rows.length).toBeGreaterThanOrEqual(0.995);
});

test("the attacker's mails are in no feed, and the footer is drawn from the seed", () => {
  const ids = new Set(feedRows('spam-2').map(({ id }) => id));
  expect(attackerRows().some(({ id }) => ids.has(id))).toBe(false);
  expect(footerOf(5)).toBe(footerOf(5));
  expect(footerOf(5)).not.toBe(footerOf(6));
  expect(new Set(footerOf(5).split(' ')).size).toBe(FOOTER_WORDS);
  expect(withFooter('Subject: a\n\n<html><body>x</body></html>', 'f o')).toBe(
    'Subject: a\n\n<html><body>x\n\nf o\n</body></html>',
  );
});
