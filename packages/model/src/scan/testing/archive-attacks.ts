// Attacks by archive, by class of bypass, each with its clean twin. Where the attack is a hidden payload it is the pickle
// that calls `os.system`, which must be found; where it is the archive itself, a rule must fail. Inert: bytes only.
import { extraField, longName, PACKED, pax, pickle, tar, unicodePath, zip, zip64Extra } from '@vallum/formats/testing';
import { deflateRawSync, deflateSync, gzipSync } from 'node:zlib';
import type { AttackClass } from './attack-class.js';

const shell = pickle().proto(2).global('os', 'system').call('id').stop();
const data = pickle().proto(2).op('EMPTY_DICT').str('note').str('os.system').op('SETITEM').stop();
const text = Buffer.from('text\n');
const zeros = (bytes: number): Uint8Array => new Uint8Array(bytes);

const plain = { name: 'a.txt', data: text };
const evil = { name: 'b.pkl', data: shell };
const evilZip = zip([evil]);
const cleanZip = zip([plain, { name: 'b.pkl', data }]);
const nestedZip = (depth: number, inner: Uint8Array): Uint8Array =>
  depth === 0 ? inner : zip([{ name: 'x', data: nestedZip(depth - 1, inner), deflate: depth % 2 === 0 }]);
const nestedGzip = (depth: number, inner: Uint8Array): Uint8Array =>
  depth === 0 ? inner : gzipSync(nestedGzip(depth - 1, inner));
const png = Buffer.from('89504e470d0a1a0a0000000d49484452', 'hex');
const elf = Buffer.concat([Buffer.from('7f454c4602010100', 'hex'), zeros(56)]);

/** A directory of its own in front of the one that the end record's size leads to. */
function twoDirectories(): Uint8Array {
  const first = Buffer.from(zip([evil]));
  return Buffer.concat([first, zip([plain], { prefix: zeros(0), end: { offset: first.length - 22 - 51 } })]);
}

/** The entry's data begins with a whole archive whose end record is the last of the file. */
function endInComment(): Uint8Array {
  return zip([plain], { comment: evilZip });
}

/** One sample for each depth that the budget allows. */
function depths(name: string, make: (depth: number) => Uint8Array): Readonly<Record<string, Uint8Array>> {
  const made = [1, 2, 3, 4, 5].map((depth): [string, Uint8Array] => [`${name}, ${depth}`, make(depth)]);
  return Object.fromEntries(made);
}

export const ARCHIVE_ATTACKS: readonly AttackClass[] = [
  {
    name: 'zip headers that disagree',
    attacks: {
      'a wrong checksum': zip([{ ...evil, crc: 7 }]),
      'the mark of encryption': zip([{ ...evil, flags: 1 }]),
      'the mark of encryption and a wrong checksum': zip([{ ...evil, flags: 1, crc: 7 }]),
      'a flag of patched data': zip([{ ...evil, flags: 0x20 }]),
      'another local name': zip([{ ...evil, name: 'a.txt', local: { name: 'b.pkl' } }]),
      'another local method': zip([{ ...evil, deflate: true, local: { method: 0 } }]),
      'a smaller local size': zip([{ ...evil, local: { size: 1 } }]),
      'a smaller size in the directory': zip([{ ...evil, packedSize: 1 }]),
      'another local checksum': zip([{ ...plain, local: { crc: 9 } }]),
    },
    clean: { 'two entries': cleanZip, deflated: zip([{ ...plain, deflate: true }]) },
  },
  {
    name: 'two archives in one',
    attacks: {
      'the first of two': Buffer.concat([evilZip, cleanZip]),
      'the second of two': Buffer.concat([cleanZip, evilZip]),
      'in the comment': endInComment(),
      'a directory elsewhere': twoDirectories(),
      'behind a comment that lies about its length': Buffer.concat([
        cleanZip.subarray(0, -2),
        Buffer.from([9, 0]),
        evilZip,
      ]),
      'an entry in no directory': zip([plain, { ...evil, hidden: true }]),
      'a deflated entry in no directory': zip([{ ...evil, deflate: true, hidden: true }, plain]),
    },
    clean: { 'an archive in an archive': zip([{ name: 'x.zip', data: cleanZip }]) },
  },
  {
    name: '64-bit fields that disagree',
    attacks: {
      'the end records': zip([evil], { end64: { offset: 1 } }),
      'their counts': zip([plain, evil], { end64: { count: 1 } }),
      'only the 64-bit one is true': zip([evil], { end64: {}, end: { size: 0xffffffff, offset: 3 } }),
      'an idle size in the directory': zip([{ ...plain, extra: zip64Extra(9999) }]),
      'an idle size in the local header': zip([{ ...plain, local: { extra: zip64Extra(9999) } }]),
      'behind something else, by 64-bit fields alone': zip([evil], {
        prefix: png,
        end64: {},
        end: { size: 0xffffffff, offset: 0xffffffff, count: 0xffff },
      }),
    },
    clean: {
      'both end records': zip([plain], { end64: {} }),
      'the 64-bit one alone': zip([plain], { end64: {}, end: { size: 0xffffffff, offset: 0xffffffff, count: 0xffff } }),
      'a size that is told twice': zip([{ ...plain, extra: zip64Extra(text.length) }]),
    },
  },
  {
    name: 'extra fields and descriptors',
    attacks: {
      'another name in Unicode': zip([{ ...plain, extra: unicodePath('a.txt', 'b.pkl') }]),
      'another name in Unicode, local': zip([{ ...plain, local: { extra: unicodePath('a.txt', '../b') } }]),
      'a payload behind another name in Unicode': zip([
        { ...evil, name: 'a.txt', extra: unicodePath('a.txt', 'b.pkl') },
      ]),
      'a descriptor of another size': zip([{ ...plain, descriptor: { size: 99 } }]),
      'a descriptor of another packed size': zip([{ ...plain, descriptor: { packed: 2 } }]),
      'a descriptor of another checksum': zip([{ ...plain, descriptor: { crc: 2 } }]),
      'a payload with a wrong descriptor': zip([{ ...evil, descriptor: { packed: 1, size: 1 } }]),
    },
    clean: {
      'a right descriptor': zip([{ ...plain, descriptor: {} }]),
      'the same name in Unicode': zip([{ name: 'gr_e.txt', data: text, extra: unicodePath('gr_e.txt', 'grüe.txt') }]),
      'a time stamp': zip([{ ...plain, extra: extraField(0x5455, Buffer.from('0100000000', 'hex')) }]),
    },
  },
  {
    name: 'shared bytes',
    attacks: {
      'two entries on one': zip([plain, { ...plain, name: 'b.txt', sharing: 0 }]),
      'a payload listed twice': zip([evil, { ...evil, name: 'c', sharing: 0 }]),
      'many entries on one': zip([
        { name: 'a', data: zeros(100_000), deflate: true },
        ...Array.from({ length: 50 }, (_, i) => ({ name: `b${i}`, data: zeros(100_000), deflate: true, sharing: 0 })),
      ]),
      'an entry over the next': zip([
        { ...plain, packedSize: 60 },
        { ...plain, name: 'b.txt' },
      ]),
      'an entry over the directory': zip([{ ...plain, packedSize: 40 }]),
    },
    clean: { 'two that are alike': zip([plain, { ...plain, name: 'b.txt' }]) },
  },
  {
    name: 'bytes around the archive',
    attacks: {
      'behind a picture': zip([evil], { prefix: png }),
      'behind a picture, with offsets that know': zip([evil], { prefix: png, absolute: true }),
      'behind a program': zip([plain], { prefix: elf }),
      'behind a PDF': zip([evil], { prefix: Buffer.from('%PDF-1.4\n%\xe2\xe3\n', 'latin1') }),
      'a pickle in front': zip([plain], { prefix: shell }),
      'before other bytes': zip([evil], { suffix: zeros(300) }),
      'behind 100 kB of zeros': zip([evil], { prefix: zeros(100_000) }),
    },
    clean: { 'with a comment': zip([plain], { comment: Buffer.from('made by a tool') }) },
  },
  {
    name: 'names in a zip',
    attacks: {
      'two of one name, the first': zip([evil, { ...plain, name: 'b.pkl' }]),
      'two of one name, the second': zip([{ ...plain, name: 'b.pkl' }, evil]),
      'two that differ in case': zip([{ ...plain, name: 'B.PKL' }, evil]),
      'two that Unicode takes for one': zip([
        { name: 'ä', data: text },
        { name: 'ä', data: shell },
      ]),
      'a NUL': zip([{ name: 'a.txt\0.pkl', data: text }]),
      'a climb': zip([{ name: 'a/../../b', data: text }]),
      'a climb by backslashes': zip([{ name: '..\\..\\b', data: text }]),
      'an absolute name': zip([{ name: '/etc/passwd', data: text }]),
      'a drive': zip([{ name: 'C:/b', data: text }]),
      'a link': zip([{ name: 'a', data: Buffer.from('/etc/passwd'), mode: 0o120777 }]),
    },
    clean: {
      'folders and dots': zip([
        { name: 'a..b/c.d', data: text },
        { name: 'a/', data: zeros(0) },
      ]),
    },
  },
  {
    name: 'nesting',
    attacks: {
      ...depths('zip in zip', (depth) => nestedZip(depth, shell)),
      ...depths('gzip in gzip', (depth) => nestedGzip(depth, shell)),
      'tar in gzip in zip': zip([{ name: 'x', data: gzipSync(tar([evil])) }]),
      'zip in tar': tar([{ name: 'x', data: evilZip }]),
      'zlib in tar in zip': zip([{ name: 'x', data: tar([{ name: 'y', data: deflateSync(shell) }]) }]),
    },
    clean: {
      'zip in zip': nestedZip(3, cleanZip),
      'gzip in gzip': nestedGzip(3, text),
      'tar in gzip': gzipSync(tar([plain, { name: 'b.pkl', data }])),
      'zip in tar': tar([{ name: 'x.zip', data: cleanZip }]),
    },
  },
  {
    name: 'bombs',
    attacks: {
      'deflate in zip': zip([{ name: 'a', data: zeros(3_000_000), deflate: true }]),
      gzip: gzipSync(zeros(3_000_000)),
      zlib: deflateSync(zeros(3_000_000)),
      bzip2: PACKED.bombs.bzip2,
      xz: PACKED.bombs.xz,
      lzma: PACKED.bombs.lzma,
      lz4: PACKED.bombs.lz4,
      'gzip in gzip': gzipSync(gzipSync(zeros(30_000_000))),
    },
    clean: { 'a text that packs well': gzipSync(Buffer.from('0 '.repeat(400_000))), 'an array of zeros': PACKED.zeros },
  },
  {
    name: 'behind the end of a stream',
    attacks: {
      gzip: Buffer.concat([gzipSync(text), shell]),
      'gzip, in the second member': Buffer.concat([gzipSync(shell.subarray(0, 9)), gzipSync(shell.subarray(9))]),
      zlib: Buffer.concat([deflateSync(data), shell]),
      bzip2: Buffer.concat([PACKED.text.bzip2, shell]),
      xz: Buffer.concat([PACKED.text.xz, shell]),
      lz4: Buffer.concat([PACKED.text.lz4, shell]),
      'another stream': Buffer.concat([PACKED.text.xz, gzipSync(shell)]),
    },
    clean: {
      'zeros behind gzip': Buffer.concat([gzipSync(text), zeros(512)]),
      'two members': Buffer.concat([gzipSync(text), gzipSync(text)]),
      'two xz streams': Buffer.concat([PACKED.text.xz, PACKED.text.xz]),
    },
  },
  {
    name: 'streams that break after the payload',
    attacks: {
      'gzip with a wrong checksum': spoilt(gzipSync(shell), -6),
      'zlib with a wrong checksum': spoilt(deflateSync(shell), -1),
      'gzip cut off': gzipSync(shell).subarray(0, -4),
      'a deflated entry with a broken end': zip([
        {
          name: 'b.pkl',
          data: shell,
          packed: Buffer.concat([deflateRawSync(shell, { finishFlush: 2 }), zeros(0), Buffer.from([7])]),
          method: 8,
        },
      ]),
      'bzip2 with a wrong checksum': spoilt(PACKED.shell.bzip2, -2),
      'xz with a wrong footer': spoilt(PACKED.shell.xz, -1),
      'lz4 cut off': PACKED.shell.lz4.subarray(0, -4),
    },
    clean: {},
  },
  {
    name: 'every form of compression',
    attacks: PACKED.shell,
    clean: PACKED.text,
  },
  {
    name: 'tar headers that disagree',
    attacks: {
      'a size in pax that hides an entry': tar([
        pax({ size: '1536' }),
        { name: 'a.txt', data: text },
        { name: 'b.pkl', data: shell },
      ]),
      'a size in pax that shows one': tar([
        pax({ size: '0' }),
        { name: 'a.bin', data: tar([{ name: 'b.pkl', data: shell }], zeros(0)) },
      ]),
      'an entry behind the end': Buffer.concat([tar([plain]), tar([evil])]),
      'an entry behind one block of zeros': Buffer.concat([tar([plain], zeros(512)), tar([evil])]),
      'an entry behind a broken header': tar([plain, { name: 'x', data: text, broken: true }, evil]),
      'bytes behind the end': Buffer.concat([tar([plain]), shell]),
      'data behind a link': tar([{ name: 'l', type: '2', target: 'a', size: 512 }, evil]),
    },
    clean: {
      'three dialects': tar([
        plain,
        { name: 'b.txt', data: text, magic: 'gnu' },
        { name: 'c.txt', data: text, magic: 'none' },
      ]),
      'a long name': tar([longName('d/'.repeat(60)), { name: 'd', data: text }]),
      'a name and size in pax': tar([pax({ path: 'sub/ä.txt', mtime: '1.5' }), { name: 'sub/a.txt', data: text }]),
      'a size in base 256': tar([{ ...plain, wide: true }]),
      'a global header': tar([pax({ comment: 'x' }, 'g'), plain]),
    },
  },
  {
    name: 'names and links in a tar',
    attacks: {
      'a climb': tar([{ name: '../a', data: text }]),
      'a climb in pax': tar([pax({ path: '../../a' }), plain]),
      'a climb in a long name': tar([longName(`${'d/'.repeat(60)}../../x`), plain]),
      'an absolute name': tar([{ name: '/etc/cron.d/a', data: text }]),
      'a link out': tar([{ name: 'l', type: '2', target: '../../etc' }]),
      'an absolute link': tar([{ name: 'l', type: '2', target: '/etc' }]),
      'a hard link out': tar([{ name: 'l', type: '1', target: '../x' }]),
      'a link out in pax': tar([pax({ linkpath: '/root/.ssh' }), { name: 'l', type: '2', target: 'a' }]),
      'a device': tar([{ name: 'd', type: '3' }]),
      'a pipe': tar([{ name: 'd', type: '6' }]),
      'a payload under a type that nobody knows': tar([{ ...evil, type: 'Z' }]),
    },
    clean: {
      'a folder': tar([
        { name: 'd/', type: '5' },
        { name: 'd/a.txt', data: text },
      ]),
      'a link inside': tar([plain, { name: 'd/l', type: '2', target: '../a.txt' }]),
    },
  },
];

function spoilt(bytes: Uint8Array, at: number): Uint8Array {
  const copy = Buffer.from(bytes);
  const index = at < 0 ? copy.length + at : at;
  copy[index] = (copy[index] ?? 0) ^ 0x55;
  return copy;
}
