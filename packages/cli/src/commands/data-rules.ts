// `vallum data rules PATH`: drafts rules that the table itself keeps, for a person to look through.
import { draftRules } from '@vallum/data';
import type { Answer, Io } from '../answer.js';
import { EXIT } from '../exit.js';
import { printable } from '../output/style.js';
import { writeFresh } from '../project/write-fresh.js';
import { tellProgress, withTable } from '../project/open-named-table.js';

export interface RulesOptions {
  readonly out?: string;
}

export async function dataRulesCommand(io: Io, path: string, { out }: RulesOptions): Promise<Answer> {
  const yaml = await withTable(io, path, (table) => draftRules(table, path, { progress: tellProgress(io, table) }));
  const rules = yaml.match(/^ {2}- id: /gm)?.length ?? 0;
  const json = { schema: 'vallum/data-rules-draft/v1', path, rules };
  if (out === undefined) return { exit: EXIT.pass, text: yaml.trimEnd(), json: { ...json, yaml } };
  await writeFresh(io, out, Buffer.from(yaml));
  return {
    exit: EXIT.pass,
    text: `${rules} rules are drafted in ${printable(out)}: look through them, then vallum data check ${printable(path)} --rules ${printable(out)}`,
    json: { ...json, out },
  };
}
