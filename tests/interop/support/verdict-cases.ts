// Cases about the signed statement and the folder: lists, serializations, shards, links, single files.
import { listed, sha256, type Statement } from './forge.js';
import { BUNDLES } from './verdict-bundles.js';
import { A, B, FILES, good, lax, ok, refused, says, swap, type Rest, type VerdictCase } from './verdict-case.js';

const deep = (folders: number): string => `${'d/'.repeat(folders)}a`;

const LISTS: readonly VerdictCase[] = [
  says('as it should be', good, ok),
  says('unsorted', { resources: [B, A] }, ok),
  says(
    'sorted by component',
    { resources: [listed('d/b', 'B'), listed('d-a', 'A')] },
    { ...ok, files: { 'd-a': 'A', 'd/b': 'B' } },
  ),
  says('a name twice, the good one last', { resources: [listed('a', 'bad'), A, B] }, lax('resource-duplicate')),
  says('a name twice, the good one first', { resources: [A, listed('a', 'bad'), B] }, refused('resource-duplicate')),
  says('two spellings of a name', { resources: [listed('./a', 'bad'), A, B] }, lax('path-unsafe')),
  says('./a', { resources: [listed('./a', 'A'), B] }, lax('path-unsafe')),
  says('d//b', { resources: [A, listed('d//b', 'B')] }, lax('path-unsafe')),
  says('d/b/', { resources: [A, listed('d/b/', 'B')] }, lax('path-unsafe')),
  says('d/./b', { resources: [A, listed('d/./b', 'B')] }, lax('path-unsafe')),
  says('d/../a', { resources: [listed('d/../a', 'A'), B] }, refused('path-unsafe')),
  says('/a', { resources: [listed('/a', 'A'), B] }, refused('path-unsafe')),
  says('outside the folder', { resources: [A, B, listed('../m.txt', 'x')] }, refused('path-unsafe')),
  says('no files, all ignored', { resources: [], serialization: { ignore_paths: ['a', 'd'] } }, lax('resources-empty')),
  says('no files, all ignored by a dot', { resources: [], serialization: { ignore_paths: ['.'] } }, lax('path-unsafe')),
  says('no files in an empty folder', { resources: [] }, { ...lax('resources-empty'), files: {} }),
  says('no files', { resources: [] }, refused('resources-empty')),
  says('a digest in upper case', { resources: [{ ...A, digest: sha256('A').toUpperCase() }, B] }, ok),
  says(
    'a digest with spaces',
    { resources: [{ ...A, digest: sha256('A').replace(/../g, '$& ') }, B] },
    lax('statement-malformed'),
  ),
  says('a short digest', { resources: [{ ...A, digest: 'ab' }, B] }, refused('statement-malformed')),
  says('a digest of nothing', { resources: [{ ...A, digest: '' }, B] }, refused('statement-malformed')),
  says('a root in upper case', { ...good, root: sha256('x').toUpperCase() }, refused('statement-malformed')),
  says('another root', { ...good, root: sha256('x') }, refused('root-digest')),
  says(
    'an algorithm that is not the declared one',
    { resources: [{ ...A, algorithm: 'blake3' }, B] },
    refused('algorithm-mismatch'),
  ),
  says(
    'a wrong label first, a good one last',
    { resources: [{ ...A, algorithm: 'x' }, A, B] },
    lax('algorithm-mismatch'),
  ),
  says('a file too many', { resources: [A] }, refused('files-differ')),
  says('a file too few', { resources: [A, B, listed('c', 'C')] }, refused('files-differ')),
  says('other bytes', { resources: [listed('a', 'B'), B] }, refused('files-differ')),
  says('a file as if it were a folder', { resources: [A, B, listed('a/x', 'x')] }, refused('files-differ')),
  says('a folder as if it were a file', { resources: [A, B, listed('d', 'x')] }, refused('files-differ')),
  says(
    'a line break in a name',
    { resources: [listed('a\nb', 'A')] },
    { ...lax('path-unsafe'), files: { 'a\nb': 'A' } },
  ),
  says('a NUL in a name', { resources: [A, B, listed('a\0', 'A')] }, refused('path-unsafe')),
  says(
    'another normal form',
    { resources: [listed('é', 'A')] },
    { ...refused('files-differ'), files: { 'e\u0301': 'A' } },
  ),
  says('a file 32 folders deep', { resources: [listed(deep(32), 'A')] }, { ...ok, files: { [deep(32)]: 'A' } }),
  says(
    'a file 33 folders deep',
    { resources: [listed(deep(33), 'A')] },
    { ...lax('SIGN_TREE'), files: { [deep(33)]: 'A' }, differs: 'the depth of folders is bounded here' },
  ),
  says('a field more', good, ok, swap('"predicate":{', '"predicate":{"more":1,')),
  says('a key twice, the good one last', good, lax('statement-malformed'), swap('{', '{"predicateType":"x",')),
  says('a key twice, the good one first', good, refused('statement-malformed'), swap(/}$/, ',"predicateType":"x"}')),
  says('another predicate', good, refused('predicate-type'), swap('signature/v1.0', 'signature/v2.0')),
  says('another statement type', good, refused('statement-malformed'), swap('Statement/v1', 'Statement/v0.1')),
  says('two subjects', good, refused('statement-malformed'), swap('"subject":[', '"subject":[{},')),
  says(
    'a byte-order mark',
    good,
    { ...lax('statement-malformed'), differs: 'Python guesses the encoding of the payload; only UTF-8 is read here' },
    (text) => `\ufeff${text}`,
  ),
  says(
    'not a number',
    good,
    { ...lax('statement-malformed'), differs: 'NaN is no JSON' },
    swap('"predicate":{', '"predicate":{"more":NaN,'),
  ),
];

const SERIALIZATIONS: readonly VerdictCase[] = [
  says('a sub-tree ignored', { resources: [A], serialization: { ignore_paths: ['d'] } }, ok),
  says('a sub-tree ignored as ./d/', { resources: [A], serialization: { ignore_paths: ['./d/'] } }, lax('path-unsafe')),
  says('ignored outside the folder', { ...good, serialization: { ignore_paths: ['../x', '/x'] } }, lax('path-unsafe')),
  says('listed and ignored', { ...good, serialization: { ignore_paths: ['d/b'] } }, refused('resource-ignored')),
  says('version control, not said to be ignored', good, {
    ...lax('files-differ'),
    files: { ...FILES, '.git/HEAD': 'x', '.gitignore': '' },
  }),
  says(
    'version control, ignored',
    { ...good, serialization: { ignore_paths: ['.git'] } },
    { ...ok, files: { ...FILES, '.git/HEAD': 'x' } },
  ),
  says(
    'version control, listed',
    { resources: [listed('.gitignore', ''), A, B] },
    { reference: 'refused', strict: 'ok', files: { ...FILES, '.gitignore': '' } },
  ),
  says('links allowed, none there', { ...good, serialization: { allow_symlinks: true } }, ok),
  says(
    'links allowed, one there',
    { resources: [A, B, listed('l', 'A')], serialization: { allow_symlinks: true } },
    { reference: 'refused', strict: 'ok', links: { l: 'a' } },
  ),
  says(
    'a link that is not allowed',
    { resources: [A, B, listed('l', 'A')] },
    { ...refused('files-differ'), links: { l: 'a' } },
  ),
  says(
    'a link to a folder outside',
    { resources: [A, B], serialization: { allow_symlinks: true } },
    { ...refused('files-differ'), links: { l: '/etc' } },
  ),
  says(
    'a ring of links',
    { resources: [A, B], serialization: { allow_symlinks: true } },
    { ...refused('files-differ'), links: { l: 'k', k: 'l' } },
  ),
  says(
    'a folder linked into itself',
    { resources: [A, B], serialization: { allow_symlinks: true } },
    { ...refused('files-differ'), links: { 'd/up': '../d' } },
  ),
  says(
    'a link where all is ignored',
    { resources: [A], serialization: { ignore_paths: ['d'] } },
    { reference: 'refused', strict: 'ok', links: { 'd/l': '/etc' } },
  ),
  says('allow_symlinks is a text', { ...good, serialization: { allow_symlinks: 'false' } }, lax('statement-malformed')),
  says('another method', { ...good, serialization: { method: 'tree' } }, refused('serialization-unsupported')),
  says(
    'blake2b',
    {
      resources: [listed('a', 'A', 'blake2b'), listed('d/b', 'B', 'blake2b')],
      serialization: { hash_type: 'blake2b' },
    },
    { reference: 'refused', strict: 'ok' },
  ),
  says(
    'blake2b, called blake2',
    { resources: [listed('a', 'A', 'blake2b'), listed('d/b', 'B', 'blake2b')], serialization: { hash_type: 'blake2' } },
    lax('serialization-unsupported'),
  ),
  says('md5', { ...good, serialization: { hash_type: 'md5' } }, refused('serialization-unsupported')),
  says(
    'ignore_paths is null',
    good,
    refused('statement-malformed'),
    swap('"allow_symlinks":false', '"allow_symlinks":false,"ignore_paths":null'),
  ),
  says(
    'ignore_paths is a text',
    good,
    lax('statement-malformed'),
    swap('"allow_symlinks":false', '"allow_symlinks":false,"ignore_paths":"xyz"'),
  ),
];

const long = { a: 'abcdefg' };
const LABEL = 'sha256-sharded-4';
const s = (name: string, text: string): ReturnType<typeof listed> => listed(name, text, LABEL);
const SHARDS: Statement = {
  resources: [s('a:0:4', 'abcd'), s('a:4:7', 'efg')],
  serialization: { method: 'shards', shard_size: 4 },
};
const shards = (
  name: string,
  resources: Statement['resources'],
  rest: Rest,
  edit?: (text: string) => string,
): VerdictCase => says(name, { ...SHARDS, resources }, { files: long, ...rest }, edit);

const SHARDED: readonly VerdictCase[] = [
  shards('shards', SHARDS.resources, ok),
  shards(
    'a size of 4.0',
    SHARDS.resources,
    {
      reference: 'refused',
      strict: 'ok',
      differs: 'the reference stops with a TypeError on the size that it writes itself',
    },
    swap('"shard_size":4', '"shard_size":4.0'),
  ),
  shards('a size of 4.5', SHARDS.resources, refused('statement-malformed'), swap('"shard_size":4', '"shard_size":4.5')),
  shards('a size of 0', SHARDS.resources, refused('statement-malformed'), swap('"shard_size":4', '"shard_size":0')),
  shards('no size', SHARDS.resources, refused('statement-malformed'), swap(',"shard_size":4', '')),
  shards('a shard too few', [s('a:0:4', 'abcd')], refused('files-differ')),
  shards('a shard too many', [...SHARDS.resources, s('a:8:12', '')], refused('files-differ')),
  shards('a shard that is too long', [s('a:0:7', 'abcdefg')], refused('statement-malformed')),
  shards('overlapping shards', [...SHARDS.resources, s('a:2:6', 'cdef')], refused('statement-malformed')),
  shards('offsets with zeros in front', [s('a:00:04', 'abcd'), s('a:4:7', 'efg')], lax('statement-malformed')),
  shards(
    'offsets with a sign and an underscore',
    [s('a:0:+4', 'abcd'), s('a:4: 0_7', 'efg')],
    lax('statement-malformed'),
  ),
  shards('no offsets', [s('a', 'abcdefg')], refused('statement-malformed')),
  shards('a colon in a name', [...SHARDS.resources, s('x:0:4:0:1', 'X')], {
    reference: 'refused',
    strict: 'ok',
    files: { a: long.a, 'x:0:4': 'X' },
  }),
  shards('an empty file that nobody signed', SHARDS.resources, {
    ...lax('files-uncovered'),
    files: { a: long.a, e: '' },
  }),
  shards('an empty shard', [...SHARDS.resources, s('e:0:0', '')], {
    ...refused('statement-malformed'),
    files: { a: long.a, e: '' },
  }),
  shards('the label of whole files', [listed('a:0:4', 'abcd'), listed('a:4:7', 'efg')], refused('algorithm-mismatch')),
  shards('with files that nobody signed ignored', SHARDS.resources, {
    reference: 'refused',
    strict: 'ok',
    ignoreUnsigned: true,
    differs: 'the reference looks for files that are named like shards',
  }),
];

const UNSIGNED: readonly VerdictCase[] = [
  says('a file more, ignored', { resources: [A] }, { ...ok, ignoreUnsigned: true }),
  says(
    'a file less, others ignored',
    { resources: [A, listed('c', 'C')] },
    { ...refused('files-differ'), ignoreUnsigned: true },
  ),
  says('a link more, ignored', good, { ...ok, ignoreUnsigned: true, links: { l: '/etc' } }),
  says(
    'a file outside, others ignored',
    { resources: [A, listed('../m.sig.txt', 'x')] },
    { ...refused('path-unsafe'), ignoreUnsigned: true },
  ),
  says(
    'the folder by its own name, others ignored',
    { resources: [A, B, listed('../m/a', 'A')] },
    { ...lax('path-unsafe'), ignoreUnsigned: true, differs: 'the reference reads outside the folder' },
  ),
  says(
    'a file through a linked folder, others ignored',
    { resources: [A, B, listed('l/b', 'B')] },
    {
      ...lax('files-differ'),
      ignoreUnsigned: true,
      links: { l: 'd' },
      differs: 'the reference follows the link although links are not allowed',
    },
  ),
];

const SINGLE: readonly VerdictCase[] = [
  says('one file called .', { resources: [listed('.', 'A')] }, { ...ok, single: 'a' }),
  says('one file by its name', { resources: [A] }, { reference: 'refused', strict: 'ok', single: 'a' }),
  says('one file, another name', { resources: [listed('b', 'A')] }, { ...refused('files-differ'), single: 'a' }),
  says('one file, and more', { resources: [listed('.', 'A'), B] }, { ...refused('files-differ'), single: 'a' }),
  says('a folder called .', { resources: [listed('.', 'A'), A, B] }, refused('path-unsafe')),
];

export const VERDICT_CASES: readonly VerdictCase[] = [
  ...LISTS,
  ...SERIALIZATIONS,
  ...SHARDED,
  ...UNSIGNED,
  ...SINGLE,
  ...BUNDLES,
];
