// R's serialised objects: promises and classes named in the file, clean twins, files of R itself.
import { rds, rItem } from '@vallum/formats/testing';
import { describe, expect, it } from 'vitest';
import { holdAgainst } from '../testing/attack-tables.js';
import { holdRealFiles } from '../testing/real-files.js';
import { verdictOf } from '../testing/scan-bytes.js';
import real from '../testing/r-files.json' with { type: 'json' };

const call = rItem.call('system', rItem.strings('id'));
const clean = rds(rItem.list(rItem.integers(1, 2), rItem.strings('system', 'id'), call));

describe('R', () => {
  holdAgainst('model.rds', [
    {
      what: 'a promise',
      rule: 'VLM-RDS-001',
      attack: rds(rItem.promise(call)),
      clean: rds(rItem.promise(call, rItem.integers(1))),
    },
    {
      what: 'a promise in a list',
      rule: 'VLM-RDS-001',
      attack: rds(rItem.list(rItem.integers(1), rItem.promise(call))),
      clean,
    },
    {
      what: 'a promise in an image of a workspace',
      rule: 'VLM-RDS-001',
      attack: rds(rItem.list(rItem.promise(call)), 'RDX3\nX\n'),
      clean: rds(rItem.list(rItem.integers(1)), 'RDX3\nX\n'),
    },
    {
      what: 'a promise as a variable',
      rule: 'VLM-RDS-002',
      attack: rds(rItem.environment('x', rItem.promise(call))),
      clean: rds(rItem.environment('x', rItem.promise(rItem.integers(3)))),
    },
    {
      what: 'a class that maps a file',
      rule: 'VLM-RDS-003',
      attack: rds(rItem.altrep('mmap_file', 'simplemmap', rItem.strings('/etc/passwd'))),
      clean: rds(rItem.altrep('compact_intseq', 'base', rItem.integers(1, 2, 3))),
    },
    {
      what: 'a function that R runs when it starts',
      rule: 'VLM-RDS-005',
      attack: rds(rItem.variable('.First', rItem.closure(call)), 'RDX3\nX\n'),
      clean: rds(rItem.variable('.First', rItem.integers(1)), 'RDX3\nX\n'),
    },
    {
      what: 'a promise behind a function',
      rule: 'VLM-RDS-001',
      attack: rds(rItem.list(rItem.closure(call), rItem.promise(call))),
      clean,
    },
  ]);

  it('leaves functions open, and what is cut off or follows', async () => {
    expect(await verdictOf('m.rds', rds(rItem.closure(call)))).toBe('inconclusive');
    expect(await verdictOf('m.rds', Buffer.concat([clean, Buffer.alloc(9)]))).toBe('inconclusive VLM-RDS-004');
    for (let cut = 14; cut < clean.length; cut += 3)
      expect([cut, await verdictOf('m.rds', clean.subarray(0, cut))]).not.toEqual([cut, 'pass']);
    expect(await verdictOf('m.rds', Buffer.from('A\n3\n262657\n197888\n5\nUTF-8\n254\n'))).toBe('inconclusive');
  });
});

holdRealFiles('R', real);
