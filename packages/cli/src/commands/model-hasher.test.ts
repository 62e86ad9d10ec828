// What a command says about how it read the model.
import { expect, test } from 'vitest';
import { assuranceJson, assuranceLines } from './model-hasher.js';

const report = { assurance: 'stat', files: 10, rehashed: 1, contradicted: [], notes: [] } as const;

test('what the cache stood in for is called weaker, in both forms', () => {
  expect(assuranceLines(report)).toEqual([
    '  note  weaker than a full reading: 9 of 10 files were believed by size, times and inode, 1 read.',
  ]);
  expect(assuranceJson(report)).toMatchObject({ assurance: 'stat', incremental: { files: 10, rehashed: 1 } });
});

test('a full reading is not, and says only what there is to say', () => {
  expect(assuranceLines(undefined)).toEqual([]);
  expect(assuranceJson(undefined)).toEqual({ assurance: 'content' });
  const full = { ...report, assurance: 'content', rehashed: 10 } as const;
  expect(assuranceLines(full)).toEqual([]);
  const odd = { ...full, contradicted: ['a\u001b[2Jb'], notes: ['every file is read: the cache is damaged'] };
  const lines = assuranceLines(odd);
  expect(lines).toHaveLength(2);
  expect(lines.join('')).not.toContain('\u001b');
  expect(assuranceJson(odd)).toMatchObject({ assurance: 'content' });
});
