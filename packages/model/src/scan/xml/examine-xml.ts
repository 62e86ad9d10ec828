// Judges XML whoever reads it: external entities and document types (XXE, CWE-611), entities of entities (billion laughs,
// CWE-776), XInclude, style sheets, encodings that hide markup. PMML and OpenVINO have rules of their own on top.
import type { Doctype, XmlReport } from '@vallum/formats';
import { readXml } from '@vallum/formats';
import type { Context, Item } from '../context.js';
import { find, read, skip } from '../context.js';
import { followTexts } from '../trees/carried-texts.js';
import { ElementJudge } from './elements.js';

/** Text after which an entity becomes more than a person would write. */
const MAX_EXPANDED = 1_000_000;
const MAX_LEVELS = 3;
const MAX_TEXTS = 1000;

export async function examineXml(context: Context, item: Item): Promise<void> {
  const elements = new ElementJudge(context, item);
  const texts: string[] = [];
  const keep = (text: string): void => {
    if (text.length >= 16 && texts.length < MAX_TEXTS) texts.push(text);
  };
  const report = await read(
    context,
    item,
    readXml(item.source.size, {
      element: (element) => {
        elements.visit(element);
        for (const value of element.attributes.values()) keep(value);
      },
      instruction: (target, text, offset) => judgeInstruction(context, item, target, text, offset),
      text: (text, parent, offset) => {
        elements.text(text, parent, offset);
        keep(text);
      },
    }),
  );
  // What starts as a tag and is a page or another text is not for a reader of XML, whatever it would say of it.
  if (!isXml(report, item.name)) {
    if (report.doctype !== undefined) judgeDoctype(context, item, report.doctype);
    return examineAsPage(context, item);
  }
  elements.tell();
  if (report.bytes.encoding === 'other') {
    const rule = report.bytes.name === 'utf-32' ? 'VLM-XML-009' : 'VLM-XML-008';
    find(context, item, { rule, detail: report.bytes.name });
  }
  if (report.doctype !== undefined) judgeDoctype(context, item, report.doctype);
  await followTexts(context, item, texts, elements.isPmml ? 'VLM-XML-016' : 'VLM-XML-012');
  if (report.fault !== undefined) skip(context, item, 'as XML', report.fault);
}

/** What every text is looked at for whose kind nothing tells. */
async function examineAsPage(context: Context, item: Item): Promise<void> {
  if (item.source.size > context.budgets.maxTextBytes) return;
  await (await import('../document/examine-yaml.js')).guessYaml(context, item);
  await (await import('../readme/examine-page.js')).examinePage(context, item);
}

const NAMED = /\.(?:xml|pmml|svg|xsl|xslt|xsd|wsdl|rdf|plist)$/i;
const ROOTS = /^(?:\w+:)?(?:PMML|svg|net|stylesheet|transform|schema|RDF|plist)$/;

/** Pages are often not well-formed; what declares itself, or is well-formed, is XML for its readers. */
function isXml(report: XmlReport, name: string): boolean {
  if (NAMED.test(name) || report.bytes.encoding !== 'ascii' || ROOTS.test(report.root ?? '')) return true;
  if (/^html$/i.test(report.doctype?.root ?? report.root ?? '')) return false;
  return report.declared || report.doctype !== undefined || report.fault === undefined;
}

function judgeDoctype(context: Context, item: Item, doctype: Doctype): void {
  const { publicDocuments } = context.rules.files.xml;
  const tell = (rule: string, detail: string): void => find(context, item, { rule, detail: detail.slice(0, 300) });
  const { system, publicId, entities, broken } = doctype;
  if (system !== undefined) {
    const known = publicDocuments.some((pattern) => new RegExp(pattern).test(system));
    tell(known ? 'VLM-XML-005' : 'VLM-XML-002', `${publicId === undefined ? '' : `${publicId}, `}${system}`);
  }
  for (const entity of entities) {
    const named = `${entity.parameter ? '%' : '&'}${entity.name.slice(0, 80)};`;
    if (entity.system !== undefined) tell('VLM-XML-001', `${named} from ${entity.system}`);
    else if (entity.expanded > MAX_EXPANDED || entity.levels > MAX_LEVELS)
      tell(
        'VLM-XML-003',
        `${named} becomes ${entity.expanded === Infinity ? 'endless' : `${entity.expanded} characters`}`,
      );
    else if (entity.parameter) tell('VLM-XML-004', named);
  }
  const plain = entities.filter((entity) => entity.system === undefined && !entity.parameter).length;
  if (plain > 0) tell('VLM-XML-005', `${plain} entities of its own`);
  if (broken > 0) tell('VLM-XML-004', `${broken} declarations that cannot be read`);
}

function judgeInstruction(context: Context, item: Item, target: string, text: string, offset: number): void {
  const location = { offset };
  const detail = `<?${target.slice(0, 40)} ${text.slice(0, 160)}?>`;
  if (target === 'xml-stylesheet' || target === 'xml-model') {
    const href = /\bhref\s*=\s*["']([^"']*)["']/.exec(text)?.[1] ?? '';
    const outside = /^(?:[A-Za-z][\w+.-]*:|[\\/]{2})/.test(href);
    find(context, item, { rule: outside ? 'VLM-XML-006' : 'VLM-XML-005', detail, location });
  } else if (/^(?:php|asp|jsp)/i.test(target)) find(context, item, { rule: 'VLM-XML-007', detail, location });
}
