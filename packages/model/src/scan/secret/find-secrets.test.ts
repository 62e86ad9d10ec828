// One text: what a flood of mild findings hides, escapes, keys with headers, and bytes. The stand-ins are put together here.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { withoutEscapes } from './escapes.js';
import type { TextKind } from './find-secrets.js';
import { findSecrets, TOLD } from './find-secrets.js';

const TOKEN = `ghp_${'aB3dE5fG7h'.repeat(4)}`;
const BODY = Buffer.from(Array.from({ length: 96 }, (_, at) => (at * 37 + 11) % 251)).toString('base64');
const begin = (kind: string): string => ['-----BEGIN', kind, 'KEY-----'].join(' ');
const rulesOf = (text: string, kind?: TextKind): string[] => findSecrets(text, kind).found.map(({ rule }) => rule);

describe('a flood', () => {
  it('of mild findings does not hide a token behind it, and is told', () => {
    const { found, more } = findSecrets(`${'password: hunter22x\n'.repeat(TOLD + 50)}${TOKEN}\n`);
    expect(found.map(({ rule }) => rule)).toContain('github.token');
    expect(found).toHaveLength(TOLD);
    expect(more).toBe(true);
  });

  it('of key marks without keys does not hide a key', () => {
    const marks = `${begin('PRIVATE')}\n...\n`.repeat(10_100);
    expect(rulesOf(`${marks}${begin('PRIVATE')}\n${BODY}\n`)).toEqual(['private_key']);
    expect(findSecrets(marks)).toEqual({ found: [], more: false });
  });

  it('is none below the bound', () => {
    expect(findSecrets(`password: hunter22x\n${TOKEN}`)).toMatchObject({ more: false });
  });
});

describe('a key block', () => {
  it.each([
    [
      'with headers',
      `${begin('RSA PRIVATE')}\nProc-Type: 4,ENCRYPTED\nDEK-Info: AES-256-CBC,B7EC83756378368F\n\n${BODY}`,
    ],
    ['of PGP', `${begin('PGP PRIVATE').replace('KEY', 'KEY BLOCK')}\nVersion: GnuPG v2\nComment: a b\n\n${BODY}`],
    ['with the line ends of Windows', `${begin('PRIVATE')}\r\nProc-Type: 4,ENCRYPTED\r\n\r\n${BODY}\r\n`],
    ['in JSON', `{"key": "${begin('PRIVATE')}\\n${BODY}\\n"}`],
    ['in a list of lines', `"${begin('PRIVATE')}\\n",\n  "${BODY}\\n",`],
    ['in YAML, with its headers', `k: |\n  ${begin('EC PRIVATE')}\n  Proc-Type: 4,ENCRYPTED\n\n  ${BODY}`],
    ['commented out', `# ${begin('PRIVATE')}\n# ${BODY}\n`],
    ['on one line', `${begin('PRIVATE')} ${BODY} -----END`],
  ])('%s is one', (_, text) => {
    expect(rulesOf(text)).toEqual(['private_key']);
  });

  it.each([
    ['dots', `${begin('PRIVATE')}\n...\n-----END PRIVATE KEY-----`],
    ['headers alone', `${begin('RSA PRIVATE')}\nProc-Type: 4,ENCRYPTED\n\n-----END`],
    ['one letter', `${begin('PRIVATE')}\n${'A'.repeat(200)}`],
    [
      'prose',
      `${begin('PRIVATE')} starts the block, and the lines of the key come after that, up to the mark at its end.`,
    ],
  ])('with %s is none', (_, text) => {
    expect(rulesOf(text)).toEqual([]);
  });
});

describe('escapes', () => {
  it.each([
    ['of JSON', TOKEN.replace('_', '\\u005f')],
    ['of Python', TOKEN.replace('g', '\\x67')],
    ['all over', [...TOKEN].map((one) => `\\u00${one.charCodeAt(0).toString(16)}`).join('')],
  ])('%s hide nothing', (_, escaped) => {
    const text = `first\n{"t": "\\u0041", "k": "${escaped}"}`;
    const { found } = findSecrets(text);
    expect(found).toMatchObject([{ rule: 'github.token' }]);
    expect(text.slice(found[0]?.start).startsWith(escaped)).toBe(true);
    expect(rulesOf(`\0${text}`, 'bytes')).toEqual(['github.token']);
  });

  it('are told once where the plain form is there', () => {
    expect(rulesOf(`\\u0041 ${TOKEN}`)).toEqual(['github.token']);
  });

  it('lead back to where each character came from', () => {
    const pieces = fc.constantFrom('a', '\\', '\\u0041', '\\x42', '\\/', '\n', 'é', '\\u00', '\\n');
    fc.assert(
      fc.property(fc.array(pieces, { maxLength: 30 }), (parts) => {
        const text = parts.join('');
        const plain = withoutEscapes(text);
        if (plain === undefined) return;
        expect(plain.text.split('\n')).toHaveLength(text.split('\n').length);
        for (let at = 0; at < plain.text.length; at += 1) {
          const from = plain.origin(at);
          expect(plain.text[at] === text[from] || text[from] === '\\').toBe(true);
        }
      }),
    );
  });
});
