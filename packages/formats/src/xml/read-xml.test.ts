// XML as it is written: document types with the size that their entities would have, elements, text, encodings, faults.
import { describe, expect, it } from 'vitest';
import { parseBytes } from '../bytes/parser.js';
import { looksLikeWideXml, xmlEncoding } from './decode.js';
import type { XmlReport } from './read-xml.js';
import { readXml } from './read-xml.js';

function read(text: string | Uint8Array): XmlReport & { readonly seen: readonly string[] } {
  const bytes = Buffer.from(text as Uint8Array);
  const seen: string[] = [];
  const report = parseBytes(
    readXml(bytes.length, {
      element: ({ name, attributes, depth }) =>
        void seen.push(`${depth} ${name} ${[...attributes].map((pair) => pair.join('=')).join(' ')}`.trim()),
      instruction: (target, value) => void seen.push(`? ${target} ${value}`),
      text: (value, parent) => void seen.push(`# ${parent} ${value}`),
    }),
    bytes,
  );
  return { ...report, seen };
}

describe('readXml', () => {
  it('tells elements, instructions, text and sections', () => {
    const { seen, closed, root } = read(
      `<?xml version="1.0"?><!-- <no> --><?style x?><a b='1>2' c="d"><e/>some text<![CDATA[<not> a tag]]></a>\n`,
    );
    expect(seen).toEqual(['? style x', '0 a b=1>2 c=d', '1 e', '# a some text', '# a <not> a tag']);
    expect([closed, root]).toEqual([true, 'a']);
  });

  it('tells the document type, and how large its entities become', () => {
    const { doctype } = read(
      `<!DOCTYPE r PUBLIC "p" 's' [<!-- > ]> --><!ENTITY a "xxxxx"><!ENTITY b "&a;&a;"><!ENTITY c '&b;&b;&b;'>
       <!ENTITY % d SYSTEM "f"><!ENTITY g PUBLIC "p" "h"><!ENTITY a "later"><!ELEMENT r (#PCDATA)><!ENTITY broken>]><r/>`,
    );
    expect(doctype).toMatchObject({ root: 'r', publicId: 'p', system: 's', broken: 1 });
    expect(doctype?.entities.map(({ name, expanded, levels, system }) => [name, expanded, levels, system])).toEqual([
      ['a', 5, 1, undefined],
      ['b', 16, 2, undefined],
      ['c', 57, 3, undefined],
      ['d', 0, 1, 'f'],
      ['g', 0, 1, 'h'],
      ['a', 5, 1, undefined],
    ]);
    expect(read('<!DOCTYPE r [<!ENTITY a "&b;"><!ENTITY b "&a;">]><r/>').doctype?.entities[0]?.expanded).toBe(Infinity);
  });

  it.each([
    ['<a>', /not closed/],
    ['<a></b>', /closes nothing/],
    ['<a/><b/>', /second root/],
    ['text', /outside its root/],
    ['<a b></a>', /without a value/],
    ['<a b="', /does not end/],
    ['<a><!ENTITY x "y"></a>', /outside a document type/],
    ['<!-- ', /does not end/],
    ['', /not closed/],
  ])('says what is wrong with %s', (text, fault) => {
    expect(read(text).fault).toMatch(fault);
  });

  it('reads UTF-16, and says that it cannot read what hides markup', () => {
    expect(read(Buffer.from('\uFEFF<a b="ö"/>', 'utf16le')).seen).toEqual(['0 a b=ö']);
    expect(read(Buffer.from('<?xml version="1.0"?><a/>', 'utf16le').swap16()).root).toBe('a');
    expect(read('<?xml version="1.0" encoding="utf-7"?><a/>').fault).toBe('it is in utf-7');
    expect(xmlEncoding(Buffer.from('4c6fa794', 'hex'))).toEqual({ encoding: 'other', name: 'ebcdic' });
    expect(looksLikeWideXml(Buffer.from('<?xml', 'utf16le'))).toBe(true);
    expect(looksLikeWideXml(Buffer.from('3c00010203000400', 'hex'))).toBe(false);
  });
});
