// Judges R's serialised objects: promises, which R evaluates when somebody looks at them (CVE-2024-27322), and what else is
// code. Functions and byte code in a model are ordinary and do nothing while it is read; nobody has read them either.
import type { RdsCode } from '@vallum/formats';
import { readRds } from '@vallum/formats';
import type { Context, Item } from '../context.js';
import { find, read, skip } from '../context.js';

export async function examineRds(context: Context, item: Item): Promise<void> {
  const report = await read(context, item, readRds(item.source.size));
  for (const code of report.code) judge(context, item, code);
  const functions = report.code.filter(({ kind }) => kind === 'closure' || kind === 'bytecode').length;
  if (functions > 0) skip(context, item, 'the functions in it', 'they are code of R, which is not examined');
  if (report.dropped) skip(context, item, 'further code in it', 'there is too much to list');
  if (report.fault !== undefined) return skip(context, item, 'as R data', report.fault);
  const left = item.source.size - report.end;
  if (left === 0) return;
  find(context, item, { rule: 'VLM-RDS-004', detail: `${left} bytes from offset ${report.end}` });
  skip(context, item, `the bytes from offset ${report.end}`, 'they belong to no object');
}

function judge(context: Context, item: Item, code: RdsCode): void {
  const { offset, kind, names = [] } = code;
  const { altrep, functions } = context.rules.files.rdata;
  const at = `at offset ${offset}`;
  const location = { offset };
  if (kind === 'promise') {
    if (code.pending !== true) return;
    // An argument that nobody has used yet waits in its environment; what it would call is what matters.
    const harmless = code.variable === true && names.every((name) => functions.includes(name));
    if (harmless) return;
    const calls = names.length === 0 ? '' : `, which calls ${names.join(', ').slice(0, 120)}`;
    find(context, item, {
      rule: code.variable === true ? 'VLM-RDS-002' : 'VLM-RDS-001',
      detail: `${at}${calls}`,
      location,
    });
  } else if (kind === 'altrep') {
    const name = names.slice(0, 2).reverse().join('::');
    if (!altrep.includes(name))
      find(context, item, { rule: 'VLM-RDS-003', detail: `${name.slice(0, 120)}, ${at}`, location });
  } else if (kind === 'hook') find(context, item, { rule: 'VLM-RDS-005', detail: `${names.join()}, ${at}`, location });
  else if (kind === 'persistent')
    find(context, item, { rule: 'VLM-RDS-003', detail: `a persistent name, ${at}`, location });
}
