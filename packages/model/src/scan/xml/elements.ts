// What elements and attributes say that a reader of XML, PMML, SVG or XSLT would act upon. Namespaces are followed by their
// prefixes as they were last bound; a prefix means nothing by itself.
import type { XmlElement } from '@vallum/formats';
import type { Draft } from '../report.js';
import type { Context, Item } from '../context.js';
import { find } from '../context.js';
import { isProgram } from '../trees/carried-texts.js';

const XINCLUDE = 'http://www.w3.org/2001/XInclude';
const XSLT = 'http://www.w3.org/1999/XSL/Transform';
const SVG = 'http://www.w3.org/2000/svg';
const SCRIPT_TEXT =
  /\b(?:Runtime\s*\.\s*getRuntime|ProcessBuilder|ActiveXObject|WScript|java\.lang\.|Packages\.java|eval\s*\(|Function\s*\(|XMLHttpRequest|document\.cookie)/;
const REFERENCE = /&#(x[0-9a-fA-F]{1,6}|\d{1,7});/g;
const MAX_DRAFTS = 100;

export class ElementJudge {
  readonly #context: Context;
  readonly #item: Item;
  readonly #drafts: Draft[] = [];
  readonly #functions = new Map<string, number>();
  readonly #defined = new Set<string>();
  readonly #prefixes = new Map<string, string>();
  #root = '';

  constructor(context: Context, item: Item) {
    this.#context = context;
    this.#item = item;
  }

  get isPmml(): boolean {
    return this.#root === 'PMML';
  }

  visit(element: XmlElement): void {
    for (const [name, value] of element.attributes)
      if (name === 'xmlns' || name.startsWith('xmlns:')) this.#prefixes.set(name.slice(6), plain(value));
    const cut = element.name.indexOf(':');
    const local = element.name.slice(cut + 1);
    const space = this.#prefixes.get(cut < 0 ? '' : element.name.slice(0, cut)) ?? '';
    const { offset, attributes, depth } = element;
    if (depth === 0) this.#root = local;
    if (space === XINCLUDE && local === 'include')
      this.#add('VLM-XML-010', `${plain(attributes.get('href') ?? '')} (XInclude)`, offset);
    if (space === XSLT || this.#isCodeSpace(space)) this.#stylesheet(local, space, attributes, offset);
    if (local.toLowerCase() === 'script')
      this.#add(
        space === SVG || this.#root === 'svg' ? 'VLM-XML-011' : 'VLM-XML-007',
        `<${element.name.slice(0, 40)}>`,
        offset,
      );
    this.#attributes(element, space);
    if (this.isPmml) this.#pmmlElement(local, attributes, offset);
  }

  text(text: string, parent: string, offset: number): void {
    if (SCRIPT_TEXT.test(text) || (this.isPmml && isProgram(text)))
      this.#code(`in <${parent.slice(0, 40)}>: ${JSON.stringify(text.slice(0, 80))}`, offset);
  }

  /** Once it is known that the document is XML for somebody. */
  tell(): void {
    const builtIn = new Set(this.#context.rules.files.xml.pmmlFunctions);
    for (const [name, offset] of this.#functions) {
      if (builtIn.has(name) || this.#defined.has(name)) continue;
      // A name with dots is the name of a class, which JPMML loads from the classpath.
      this.#add(name.includes('.') ? 'VLM-XML-013' : 'VLM-XML-014', JSON.stringify(name.slice(0, 120)), offset);
    }
    for (const draft of this.#drafts) find(this.#context, this.#item, draft);
  }

  #isCodeSpace(space: string): boolean {
    return this.#context.rules.files.xml.codeNamespaces.some((prefix) => space.startsWith(prefix));
  }

  #stylesheet(local: string, space: string, attributes: ReadonlyMap<string, string>, offset: number): void {
    if (space === XSLT && !/^(?:import|include)$/.test(local)) return;
    const href = attributes.get('href');
    if (space === XSLT) this.#add('VLM-XML-006', `xsl:${local} ${plain(href ?? '').slice(0, 160)}`, offset);
    else this.#add('VLM-XML-007', `<${local.slice(0, 40)}> of ${space.slice(0, 120)}`, offset);
  }

  #attributes(element: XmlElement, space: string): void {
    const { schemaHosts } = this.#context.rules.files.xml;
    for (const [name, raw] of element.attributes) {
      const value = plain(raw);
      const local = name.slice(name.indexOf(':') + 1);
      if (local === 'schemaLocation' || local === 'noNamespaceSchemaLocation') {
        const places = value.split(/\s+/).filter((_, index) => local !== 'schemaLocation' || index % 2 === 1);
        const odd = places.find(
          (place) => /^[A-Za-z][\w+.-]*:/.test(place) && !schemaHosts.some((host) => new RegExp(host).test(place)),
        );
        if (odd !== undefined) this.#add('VLM-XML-005', `its schema is ${odd.slice(0, 160)}`, element.offset);
      }
      if (name.startsWith('xmlns') && this.#isCodeSpace(value))
        this.#add('VLM-XML-007', `the namespace ${value.slice(0, 120)}`, element.offset);
      if (local === 'href' && /^\s*(?:javascript|vbscript):/i.test(value))
        this.#add('VLM-XML-011', `${name}="${value.slice(0, 80)}"`, element.offset);
      if (space === SVG && /^on[a-z]{3,20}$/.test(name))
        this.#add('VLM-XML-011', `${name}="${value.slice(0, 80)}"`, element.offset);
      if (SCRIPT_TEXT.test(value)) this.#code(`${name}="${value.slice(0, 80)}"`, element.offset);
    }
  }

  #pmmlElement(local: string, attributes: ReadonlyMap<string, string>, offset: number): void {
    const named = (key: string): string => plain(attributes.get(key) ?? '');
    if (local === 'DefineFunction') this.#defined.add(named('name'));
    if (
      (local === 'Apply' || local === 'Aggregate') &&
      !this.#functions.has(named('function')) &&
      this.#functions.size < 10_000
    )
      if (attributes.has('function')) this.#functions.set(named('function'), offset);
    if (local === 'TableLocator') this.#add('VLM-XML-015', 'a table that lies elsewhere', offset);
    if (local === 'Extension' && isProgram(named('value')))
      this.#code(`an extension: ${JSON.stringify(named('value').slice(0, 80))}`, offset);
  }

  /** Nothing in a model of PMML is code. */
  #code(detail: string, offset: number): void {
    this.#add(this.isPmml ? 'VLM-XML-016' : 'VLM-XML-012', detail, offset);
  }

  #add(rule: string, detail: string, offset: number): void {
    if (this.#drafts.length < MAX_DRAFTS)
      this.#drafts.push({ rule, detail: detail.slice(0, 300), location: { offset } });
  }
}

/** An attribute as its reader sees it. */
function plain(value: string): string {
  return value
    .replace(REFERENCE, (_, code: string) => {
      const point = code.startsWith('x') ? parseInt(code.slice(1), 16) : Number(code);
      return point <= 0x10ffff ? String.fromCodePoint(point) : '';
    })
    .replace(
      /&(amp|lt|gt|quot|apos);/g,
      (_, name: string) => ({ amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" })[name] ?? '',
    );
}
