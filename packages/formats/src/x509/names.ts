// Names in certificates: distinguished names as text for people, and the subject alternative names that identities are
// compared with (RFC 5280 section 4.2.1.6). Names are compared by their bytes; the text is never used for that.
import type { DerNode } from './der.js';
import { DerError, readDer, TAG } from './der.js';
import { ascii, expectTag, oidOf, utf8, utf8Text } from './values.js';

/** `value` is the text of the name; hex of the content for kinds that have no text. */
export interface AlternativeName {
  readonly kind: 'other' | 'email' | 'dns' | 'x400' | 'directory' | 'edi' | 'uri' | 'ip' | 'id';
  readonly value: string;
  /** Type of an `other` name. */
  readonly oid?: string;
}

const ATTRIBUTES: Readonly<Record<string, string>> = {
  '2.5.4.3': 'CN',
  '2.5.4.6': 'C',
  '2.5.4.7': 'L',
  '2.5.4.8': 'ST',
  '2.5.4.10': 'O',
  '2.5.4.11': 'OU',
  '1.2.840.113549.1.9.1': 'emailAddress',
};

/** PrintableString, TeletexString, IA5String: read as Latin-1 for the eye. */
const NARROW = [0x13, 0x14, 0x16];

/** `CN=x, O=y` in the order of the certificate; characters that could mislead are escaped. @throws DerError */
export function nameText(name: DerNode): string {
  const sets = expectTag(name, TAG.sequence, 'a name').children;
  return sets
    .map((set) =>
      expectTag(set, TAG.set, 'a part of a name')
        .children.map((pair) => {
          const [type, value] = expectTag(pair, TAG.sequence, 'an attribute').children;
          if (value === undefined || pair.children.length !== 2) throw new DerError('an attribute is not a pair');
          const oid = oidOf(type, 'an attribute type');
          return `${ATTRIBUTES[oid] ?? oid}=${escape(attributeText(value))}`;
        })
        .join('+'),
    )
    .join(', ');
}

function attributeText(value: DerNode): string {
  if (value.tag === TAG.utf8String) return utf8Text(value.content, 'a name');
  if (NARROW.includes(value.tag)) return Buffer.from(value.content).toString('latin1');
  return `#${Buffer.from(value.encoded).toString('hex')}`;
}

function escape(text: string): string {
  return text.replace(
    /[,+"\\<>;=\p{C}]/gu,
    (char) => `\\${char < ' ' ? char.charCodeAt(0).toString(16).padStart(2, '0') : char}`,
  );
}

/** @param value of the extension @throws DerError */
export function alternativeNames(value: Uint8Array): readonly AlternativeName[] {
  const names = expectTag(readDer(value), TAG.sequence, 'the alternative names').children;
  if (names.length === 0) throw new DerError('the alternative names are empty');
  return names.map(alternativeName);
}

const KINDS: readonly AlternativeName['kind'][] = [
  'other',
  'email',
  'dns',
  'x400',
  'directory',
  'edi',
  'uri',
  'ip',
  'id',
];

function alternativeName(node: DerNode): AlternativeName {
  const number = node.tag & 0x1f;
  const kind = (node.tag & 0xc0) === 0x80 ? KINDS[number] : undefined;
  if (kind === undefined) throw new DerError('an alternative name is of no known kind');
  const constructed = (node.tag & 0x20) !== 0;
  if (constructed !== ['other', 'x400', 'directory', 'edi'].includes(kind))
    throw new DerError(`an alternative name (${kind}) is of another form`);
  const what = `an alternative name (${kind})`;
  if (kind === 'email' || kind === 'dns' || kind === 'uri') {
    if (node.content.length === 0) throw new DerError(`${what} is empty`);
    return { kind, value: ascii(node.content, what) };
  }
  if (kind === 'other') return otherName(node, what);
  if (kind === 'directory') {
    const [name] = node.children;
    if (name === undefined || node.children.length !== 1) throw new DerError(`${what} is not one name`);
    return { kind, value: nameText(name) };
  }
  if (kind === 'ip') return { kind, value: address(node.content) };
  return { kind, value: Buffer.from(node.content).toString('hex') };
}

function otherName(node: DerNode, what: string): AlternativeName {
  const [type, wrapped] = node.children;
  const [value] = expectTag(wrapped, 0xa0, what).children;
  if (value === undefined || node.children.length !== 2) throw new DerError(`${what} is not a type and a value`);
  const text = value.tag === TAG.utf8String ? utf8(value.content, what) : Buffer.from(value.encoded).toString('hex');
  return { kind: 'other', value: text, oid: oidOf(type, what) };
}

function address(content: Uint8Array): string {
  if (content.length === 4) return content.join('.');
  if (content.length !== 16) throw new DerError('an address has neither 4 nor 16 bytes');
  return (Buffer.from(content).toString('hex').match(/.{4}/g) ?? []).join(':');
}
