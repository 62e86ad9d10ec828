// `checkTable`: is this table fit to be used? Each section answers one question and none stands for another: that rules hold says
// nothing about leakage, and that labels look right says nothing about poisoning. What was not examined is part of the answer.
import type { Coverage, Metric, Outcome, Severity, Sha256 } from '@vallum/core';
import { atOrAbove, pause, VallumError } from '@vallum/core';
import { defaultRules } from '@vallum/detect';
import type { Table } from '@vallum/formats';
import type { ContentColumns } from '../duplicates/examine-duplicates.js';
import { examineDuplicates } from '../duplicates/examine-duplicates.js';
import { examineLeakage, missingOf } from '../duplicates/examine-leakage.js';
import { RulesExaminer } from '../rules/examine-rules.js';
import type { DataRules } from '../rules/rule.js';
import type { DataFinding, ListedRow, SectionId, SectionResult } from '../tables/finding.js';
import { NOTHING, SECTIONS } from '../tables/finding.js';
import { maskedText, maskedTexts } from '../tables/masked-text.js';
import { BalanceExaminer } from './balance.js';
import { FactsExaminer } from './column-facts.js';
import type { Beside } from './content/beside.js';
import { checkAsked, checkFit } from './content/beside.js';
import { examineContent } from './content/examine-content.js';
import { PersonalDataExaminer } from './personal-data.js';
import type { ColumnRoles } from './roles.js';
import { schemaFindings } from './schema.js';
import { unreadColumns, withUnread } from './unread-columns.js';

export interface CheckRequest {
  readonly table: Table;
  readonly name: string;
  readonly rules?: DataRules;
  readonly test?: { readonly table: Table; readonly name: string };
  readonly roles?: ColumnRoles;
  /** Probabilities, features and activations of a model for every row. */
  readonly beside?: Beside;
  /** Findings from here on fail; `high` by default. */
  readonly gate?: Severity;
  /** Near duplicates take longest; true by default. */
  readonly near?: boolean;
  /** Of near duplicates, samples and folds; by default taken from the content of all rows. */
  readonly seed?: number;
  /** Milliseconds since the epoch, for freshness. */
  readonly now: number;
  readonly progress: (message: string) => void;
  readonly signal?: AbortSignal;
}

export interface SectionReport {
  readonly id: SectionId;
  readonly examined: boolean;
  readonly findings: number;
  /** Why it was not examined. */
  readonly why?: string;
  /** What it was found by, where a reader must know it to understand the answer. */
  readonly how?: string;
}

export interface DataReport {
  readonly schema: 'vallum/data-check/v1';
  readonly name: string;
  readonly format: string;
  readonly rows: number;
  readonly columns: readonly {
    readonly name: string;
    readonly type: string;
    readonly stored: string;
    readonly missing: number;
  }[];
  readonly outcome: Outcome;
  readonly gate: Severity;
  /** Digest of the rules file. */
  readonly rules?: Sha256;
  /** Of near duplicates, samples and folds. */
  readonly seed: number;
  readonly sections: readonly SectionReport[];
  readonly findings: readonly DataFinding[];
  /** Rows to look at, section by section. */
  readonly listed: readonly ListedRow[];
  readonly metrics: readonly Metric[];
  readonly coverage: Coverage;
}

/**
 * @throws VallumError `DATA_COLUMN` for a role whose column is not there, `DATA_RULES` for an expression that does not fit,
 * `DATA_MATRIX`, `LABELS_INPUT`, `POISON_INPUT`, `STATS_INPUT` for matrices that do not fit, `TABLE_*` for rows that cannot
 * be read
 */
export async function checkTable(request: CheckRequest): Promise<DataReport> {
  const { table, rules, test, roles = {}, beside = {}, gate = 'high', progress, signal, near = true } = request;
  checkRoles(request, roles);
  checkAsked(beside, roles.label);
  const results = new Map<SectionId, SectionResult>();
  const facts = new FactsExaminer(table.columns);
  const watched = rules === undefined ? undefined : new RulesExaminer(rules, table.columns, request.now);
  const balance = roles.label === undefined ? undefined : new BalanceExaminer(table.columns, roles.label, roles.source);
  const personal = new PersonalDataExaminer(defaultRules(), table.columns);
  let rows = 0;
  for await (const batch of table.batches(signal === undefined ? {} : { signal })) {
    await pause(signal);
    facts.add(batch);
    watched?.add(batch);
    balance?.add(batch);
    personal.add(batch);
    rows += batch.rows;
    progress(`${rows} rows read`);
  }
  checkFit(beside, rows);
  if (balance !== undefined) results.set('balance', balance.finish(rows));
  results.set('personal-data', personal.finish(rows));
  const passes = { progress, near, ...(signal === undefined ? {} : { signal }) };
  const ofRules = (await watched?.finish(table, rows, passes)) ?? NOTHING;
  if (watched !== undefined) results.set('rules', ofRules);
  const columns = contentOf(table, roles);
  const duplicates = await examineDuplicates(table, rows, columns, facts.facts, {
    ...passes,
    ...(request.seed === undefined ? {} : { seed: request.seed }),
  });
  results.set('duplicates', duplicates);
  const why = { ...WHY_NOT };
  if (test !== undefined && (rows === 0 || (await isEmpty(test.table, signal))))
    why.leakage = `the ${rows === 0 ? '' : 'test '}table has no rows`;
  else if (test !== undefined) {
    const { seed } = duplicates;
    const { id, group, time } = roles;
    const named = {
      ...(id === undefined ? {} : { id }),
      ...(group === undefined ? {} : { group }),
      ...(time === undefined ? {} : { time }),
    };
    results.set(
      'leakage',
      await examineLeakage(
        { train: table, test: test.table, columns, facts: facts.facts, rows, ...named },
        { ...passes, seed },
      ),
    );
  }
  const content = await examineContent({ table, rows, roles, beside, seed: duplicates.seed >>> 0, progress, signal });
  for (const id of ['label-issues', 'outliers', 'poisoning'] as const)
    if (typeof content[id] === 'string') why[id] = content[id];
    else results.set(id, content[id]);
  results.set('schema', { ...NOTHING, findings: [...schemaFindings(table, rows), ...facts.finish(rows)] });
  const unread = unreadColumns(table);
  const unreadInTest = test === undefined ? [] : unreadColumns(test.table);
  for (const [id, result] of results)
    results.set(id, withUnread(id, result, id === 'leakage' ? [...new Set([...unread, ...unreadInTest])] : unread));
  const names = facts.facts.map(({ column: { name, type, stored }, missing }) => ({ name, type, stored, missing }));
  const said = { ...reportOf(results, why, gate, rows), columns: names };
  return {
    ...(names.some(({ name }) => maskedText(name) !== name) ? maskedTexts(said) : said),
    name: request.name,
    format: table.format,
    rows,
    ...(rules === undefined ? {} : { rules: rules.digest }),
    seed: duplicates.seed >>> 0,
  };
}

async function isEmpty(table: Table, signal: AbortSignal | undefined): Promise<boolean> {
  if (table.rows !== undefined) return table.rows === 0;
  for await (const batch of table.batches(signal === undefined ? {} : { signal })) if (batch.rows > 0) return false;
  return true;
}

function checkRoles({ table, test }: CheckRequest, { label, source, id, group, time }: ColumnRoles): void {
  const absent = missingOf(table.columns, [label, source, id, group, time]);
  const absentInTest = test === undefined ? [] : missingOf(test.table.columns, [id, group, time]);
  const [name] = [...absent, ...absentInTest];
  if (name !== undefined)
    throw new VallumError(
      'DATA_COLUMN',
      `there is no column ${JSON.stringify(name.slice(0, 80))}${absent.length === 0 ? ' in the test table' : ''}`,
      {
        fix: `name one of ${table.columns
          .slice(0, 20)
          .map((column) => maskedText(column.name))
          .join(', ')}`,
      },
    );
  const typed = table.columns.find((column) => column.name === time);
  if (typed !== undefined && typed.type !== 'time' && typed.type !== 'number')
    throw new VallumError('DATA_COLUMN', `${typed.name} is ${typed.type}, so that it has no order in time`, {
      fix: 'name a column with times (ISO 8601) or numbers',
    });
}

/** Group and time are part of what a row says. */
function contentOf(table: Table, { label, source, id }: ColumnRoles): ContentColumns {
  const apart = [label, source, id].filter((name) => name !== undefined);
  const content = table.columns.map(({ name }) => name).filter((name) => !apart.includes(name));
  return {
    content: content.length === 0 ? table.columns.map(({ name }) => name) : content,
    apart,
    label: content.length === 0 ? undefined : label,
  };
}

const WHY_NOT: Readonly<Record<SectionId, string>> = {
  schema: '',
  rules: 'no rules were given: draft some with vallum data rules',
  duplicates: '',
  leakage: 'no test table was given (--test)',
  balance: 'no label was named (--label)',
  'personal-data': '',
  'label-issues': '',
  outliers: '',
  poisoning: '',
};

function reportOf(
  results: ReadonlyMap<SectionId, SectionResult>,
  whyNot: Readonly<Record<SectionId, string>>,
  gate: Severity,
  rows: number,
): Pick<DataReport, 'schema' | 'outcome' | 'gate' | 'sections' | 'findings' | 'listed' | 'metrics' | 'coverage'> {
  const all = SECTIONS.map((id) => ({ id, result: results.get(id) }));
  const findings = all.flatMap(({ result }) => result?.findings ?? []);
  // No rows are no proof of anything; a rule that asks for rows is broken all the same.
  const fails = findings.some(({ severity, rule }) => rule !== 'schema.empty' && atOrAbove(severity, gate));
  return {
    schema: 'vallum/data-check/v1',
    outcome: fails ? 'fail' : rows === 0 ? 'inconclusive' : 'pass',
    gate,
    sections: all.map(({ id, result }) => ({
      id,
      examined: result !== undefined,
      findings: result?.findings.length ?? 0,
      ...(result === undefined ? { why: whyNot[id] } : {}),
      ...(result?.how === undefined ? {} : { how: result.how }),
    })),
    findings,
    listed: all.flatMap(({ result }) => result?.listed ?? []),
    metrics: all.flatMap(({ result }) => result?.metrics ?? []),
    coverage: {
      examined: { rows },
      notExamined: all.flatMap(({ id, result }) =>
        result === undefined ? [{ what: id, why: whyNot[id] }] : result.notExamined,
      ),
    },
  };
}
