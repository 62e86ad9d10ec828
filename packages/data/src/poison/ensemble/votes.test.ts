// Spare neighbours give the same votes as a new search, and a new search is made where they do not suffice.
import { describe, expect, it } from 'vitest';
import { defaultEnsembleRules } from './rules.js';
import { pictures } from './testing/pictures.js';
import { imageViews } from './views.js';
import { codeLabels, Voters } from './votes.js';

describe('votes', () => {
  it.each([
    ['a few', 20],
    ['more than are spare', 200],
  ])('are those of a fresh search when %s rows lose theirs', async (_, count) => {
    const { input } = pictures(1, { rows: 60 });
    const { width, height, channels } = input.image!;
    const views = imageViews(input.features!, { width, height, channels });
    const about = {
      ...views,
      labels: codeLabels(input.labels),
      rules: defaultEnsembleRules(),
      signal: new AbortController().signal,
    };
    const suspects = Uint8Array.from(input.ids, (_id, row) => (row < count ? 1 : 0));
    const reused = new Voters(about);
    const before = await reused.votes(new Uint8Array(input.ids.length));
    const after = await reused.votes(suspects);
    expect(after).toEqual(await new Voters(about).votes(suspects));
    expect(after.whole).not.toEqual(before.whole);
  });
});
