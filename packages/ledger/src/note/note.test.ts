// Signed notes against the published example of golang.org/x/mod/sumdb/note and the key of sum.golang.org; checkpoints
// against every flipped bit.
import { VallumError, type Sha256 } from '@vallum/core';
import { generateKey, publicRecord } from '@vallum/trust';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { assertOrigin, isCheckpointSignedBy, readCheckpoint, signCheckpoint } from './checkpoint.js';
import { isSignedBy, keyIdOf, parseNote, rawEd25519, signNote, type NoteVerifier } from './signed-note.js';

const GO_TEXT = "If you think cryptography is the answer to your problem,\nthen you don't know what your problem is.\n";
const GO_NOTE = `${GO_TEXT}\n— PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n`;

/** `name+hash+base64(0x01 || key)` */
function goKey(text: string): NoteVerifier & { readonly hash: string } {
  const [name = '', hash = '', ...key] = text.split('+');
  return { name, hash, publicKey: Buffer.from(key.join('+'), 'base64').subarray(1) };
}

const NEUMANN = goKey('PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW');
const SUMDB = goKey('sum.golang.org+033de0ae+Ac4zctda0e5eza+HJyk9SxEdh+s3Ux18htTTAD8OuAn8');

describe('signed notes', () => {
  test('key ids are those of Go', () => {
    for (const key of [NEUMANN, SUMDB]) expect(keyIdOf(key).toString('hex')).toBe(key.hash);
  });

  test('the published note verifies, under its name and key only', () => {
    const note = parseNote(GO_NOTE);
    expect(note.text).toBe(GO_TEXT);
    expect(isSignedBy(note, NEUMANN)).toBe(true);
    expect(isSignedBy(note, { ...NEUMANN, name: 'EnochRoot' })).toBe(false);
    expect(isSignedBy(note, SUMDB)).toBe(false);
    expect(isSignedBy(parseNote(GO_NOTE.replace('cryptography', 'Cryptography')), NEUMANN)).toBe(false);
  });

  test('what Vallum signs verifies beside signatures of others, but not beside a false one of its own name', () => {
    const key = generateKey('k', 'ed25519');
    const verifier = {
      name: 'log.example',
      publicKey: rawEd25519(key.publicKey.export({ type: 'spki', format: 'der' })),
    };
    const note = signNote('a text\n\nwith a blank line\n', verifier, key.privateKey);
    const line = GO_NOTE.slice(GO_TEXT.length + 1);
    expect(parseNote(note).text).toBe('a text\n\nwith a blank line\n');
    expect(isSignedBy(parseNote(note + line), verifier)).toBe(true);
    const forged = Buffer.concat([keyIdOf(verifier), Buffer.alloc(64)]).toString('base64');
    expect(isSignedBy(parseNote(`${note}— log.example ${forged}\n`), verifier)).toBe(false);
  });

  test.each([
    ['nothing', ''],
    ['no signature', 'text\n'],
    ['no blank line', 'text\n— a aGVsbG8gd29ybGQ=\n'],
    ['no last line break', GO_NOTE.slice(0, -1)],
    ['a space in the name', GO_NOTE.replace('PeterNeumann', 'Peter Neumann')],
    ['spare bits in the base64', GO_NOTE.replace('nAM=', 'nAN=')],
    ['a missing pad', GO_NOTE.replace('nAM=', 'nAM')],
    ['a control character', GO_NOTE.replace('answer', 'ans\rwer')],
    ['too many lines', GO_NOTE + GO_NOTE.slice(GO_TEXT.length + 1).repeat(100)],
    ['too many bytes', `${'x'.repeat(70_000)}\n${GO_NOTE.slice(GO_TEXT.length)}`],
  ])('refuses %s', (_, note) => expect(() => parseNote(note)).toThrow(VallumError));

  test('property: any text is read or refused with a typed error', () => {
    const lines = fc.array(
      fc.constantFrom('\n', '\n\n', '— a ', 'aGVsbG8gd29ybGQ=', '\u0000', '\ud800', 'x', '+', GO_NOTE),
    );
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string(),
          lines.map((parts) => parts.join('')),
        ),
        (text) => {
          try {
            expect(text.startsWith(parseNote(text).text)).toBe(true);
          } catch (error) {
            expect(error).toBeInstanceOf(VallumError);
          }
        },
      ),
    );
  });
});

describe('checkpoints', () => {
  const key = generateKey('ledger', 'ed25519');
  const record = publicRecord(key);
  const root = 'ab'.repeat(32) as Sha256;
  const checkpoint = { origin: 'example.org/ledger', size: 40, root };
  const text = signCheckpoint(checkpoint, key);

  test('origin, size and root stand in the note and come back', () => {
    expect(text.split('\n').slice(0, 4)).toEqual([
      'example.org/ledger',
      '40',
      Buffer.from(root, 'hex').toString('base64'),
      '',
    ]);
    expect(readCheckpoint(text)).toMatchObject(checkpoint);
    expect(isCheckpointSignedBy(readCheckpoint(text), record)).toBe(true);
    expect(isCheckpointSignedBy(readCheckpoint(text), publicRecord(generateKey('x', 'ed25519')))).toBe(false);
    expect(isCheckpointSignedBy(readCheckpoint(text), publicRecord(generateKey('x', 'p256')))).toBe(false);
  });

  test('no flipped bit leaves it valid', () => {
    const bytes = Buffer.from(text);
    for (let bit = 0; bit < 8 * bytes.length; bit += 1) {
      const changed = Buffer.from(bytes);
      changed[bit >> 3] = (changed[bit >> 3] ?? 0) ^ (1 << (bit & 7));
      let valid = false;
      try {
        valid = isCheckpointSignedBy(readCheckpoint(changed.toString('utf8')), record);
      } catch (error) {
        expect(error).toBeInstanceOf(VallumError);
      }
      expect(valid, `bit ${bit}`).toBe(false);
    }
  });

  test.each([
    ['a size with a leading zero', 'o\n07\n'],
    ['a size beyond 2^53', 'o\n9007199254740993\n'],
    ['a negative size', 'o\n-1\n'],
    ['a space in the origin', 'o o\n1\n'],
  ])('refuses %s, however well signed', (_, head) => {
    const publicKey = rawEd25519(key.publicKey.export({ type: 'spki', format: 'der' }));
    const body = `${head}${Buffer.alloc(32).toString('base64')}\n`;
    expect(() => readCheckpoint(signNote(body, { name: 'o', publicKey }, key.privateKey))).toThrow(/not a checkpoint/);
  });

  test('refuses extension lines, names that a note cannot carry and keys of another kind', () => {
    const publicKey = rawEd25519(key.publicKey.export({ type: 'spki', format: 'der' }));
    const extended = signNote(
      `o\n1\n${Buffer.alloc(32).toString('base64')}\nmore\n`,
      { name: 'o', publicKey },
      key.privateKey,
    );
    expect(() => readCheckpoint(extended)).toThrow(/lines that Vallum does not write/);
    expect(() => assertOrigin('a+b')).toThrow(VallumError);
    expect(() => assertOrigin('')).toThrow(VallumError);
    expect(() => signCheckpoint(checkpoint, generateKey('x', 'p256'))).toThrow(/must be an Ed25519 key/);
  });
});
