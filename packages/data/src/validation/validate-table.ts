// `data.validation` of one table feed: its rules file, what feed.json says of its columns, repeated rows and labels. The rows
// pass by batch after batch; what is kept is counts, first rows and digests.
import type { ControlResult, Finding, Metric, RunContext, Severity } from '@vallum/core';
import { pause, SEVERITIES } from '@vallum/core';
import type { Table } from '@vallum/formats';
import { FactsExaminer } from '../check/column-facts.js';
import { schemaFindings } from '../check/schema.js';
import { examineDuplicates } from '../duplicates/examine-duplicates.js';
import type { TableDatasetFeed } from '../manifest/dataset.js';
import type { RowSource } from '../rows/row-source.js';
import { RulesExaminer } from '../rules/examine-rules.js';
import type { DataRules } from '../rules/rule.js';
import { ClassCounts } from '../rules/table-rules.js';
import type { DataFinding } from '../tables/finding.js';
import { roleRules, tooLate } from './role-rules.js';
import type { RuleId, ValidationRules } from './rules.js';

export interface Validated {
  readonly rows: number;
  readonly findings: readonly Finding[];
  readonly metrics: readonly Metric[];
  readonly notExamined: ControlResult['coverage']['notExamined'];
  /** Rows by label, as many as can be labels. */
  readonly labels: ReadonlyMap<string, number>;
}

/** Rows up to which near duplicates are sought: beyond, the search takes longer than a check may. */
const NEAR_ROWS = 500_000;
/** Findings of one feed in the statement; the rest is counted. */
const TOLD = 500;
const TOLD_METRICS = 200;

/** @throws VallumError `DATA_CHANGED`, `DATA_RULES`, `TABLE_*` */
export async function validateTable(
  feed: TableDatasetFeed,
  source: RowSource,
  labels: readonly string[],
  rules: ValidationRules,
  context: RunContext,
): Promise<Validated> {
  const own = await source.rules(feed);
  return source.rows(feed, (table) => validate({ feed, table, own, labels, rules }, context), context.signal);
}

interface Parts {
  readonly feed: TableDatasetFeed;
  readonly table: Table;
  /** The team's own rules. */
  readonly own: DataRules | undefined;
  readonly labels: readonly string[];
  readonly rules: ValidationRules;
}

async function validate({ feed, table, own, labels, rules }: Parts, context: RunContext): Promise<Validated> {
  const { signal, progress } = context;
  const { columns } = table;
  const { label, id, source } = feed.table;
  // Freshness is asked at the end of the feed's own days, not by the clock.
  const now = tooLate(feed, rules);
  const facts = new FactsExaminer(columns);
  const roles = new RulesExaminer(roleRules(feed, columns, labels, rules), columns, now);
  const watched = own === undefined ? undefined : new RulesExaminer(own, columns, now);
  const at = columns.findIndex(({ name }) => name === label);
  const counts = new ClassCounts(columns[at] as Table['columns'][number], at);
  let rows = 0;
  for await (const batch of table.batches({ signal })) {
    await pause(signal);
    for (const examiner of [facts, roles, counts]) examiner.add(batch);
    watched?.add(batch);
    rows += batch.rows;
    progress(`${feed.name}: ${rows} of ${feed.rows} rows`);
  }
  const apart = [label, id, source].filter((name) => name !== undefined);
  const content = columns.map(({ name }) => name).filter((name) => !apart.includes(name));
  const passes = { signal, progress, near: rows <= NEAR_ROWS };
  const seen = {
    roles: await roles.finish(table, rows, passes),
    own: await watched?.finish(table, rows, passes),
    duplicates:
      content.length === 0
        ? undefined
        : await examineDuplicates(table, rows, { content, apart, label }, facts.facts, passes),
  };
  const findings = [
    ...schemaFindings(table, rows),
    ...facts.finish(rows),
    ...seen.roles.findings.map((finding) => ({ ...finding, rule: finding.rule.replace(/^rules\./, '') })),
    ...(seen.own?.findings ?? []),
    ...(seen.duplicates?.findings ?? []).map((finding) => byShare(finding, rules)),
  ];
  const metrics = [seen.roles, seen.duplicates, seen.own].flatMap((part) => part?.metrics ?? []);
  return {
    rows,
    findings: told(findings, feed),
    metrics: metrics
      .slice(0, TOLD_METRICS)
      .map((metric) => ({ ...metric, id: `validation.${feed.name}.${metric.id.replace(/^rules\.row\./, 'row.')}` })),
    notExamined: [
      ...(seen.duplicates?.notExamined ?? [{ what: 'repeated rows', why: 'the table has no column but its names' }]),
      ...(own === undefined ? [{ what: 'rules of the team', why: 'feed.json names no rules file' }] : []),
      { what: 'labels that look wrong', why: 'it takes class probabilities of a model for every row' },
      { what: 'rows that are in other feeds too', why: 'a table is compared with itself only' },
    ].map(({ what, why }) => ({ what: `${feed.name}: ${what}`, why })),
    labels: new Map(counts.classes ?? []),
  };
}

const SHARES: Readonly<Record<string, RuleId>> = {
  'duplicate.row': 'duplicate.exact',
  'duplicate.conflict': 'duplicate.conflict',
};

/** Repeated rows are as bad in a table as among mails: the same rules say from which share. */
function byShare(finding: DataFinding, { rules }: ValidationRules): DataFinding {
  const rule = rules.find(({ id }) => id === SHARES[finding.rule]);
  if (rule === undefined) return finding;
  const severity: Severity = finding.count / finding.n > rule.maxShare ? rule.above : rule.upTo;
  return { ...finding, rule: rule.id, severity };
}

/** The worst first, as findings of the feed. A row goes by its number only where it has no other name. */
function told(findings: readonly DataFinding[], { name: feed, table }: TableDatasetFeed): readonly Finding[] {
  const sorted = [...findings].sort((a, b) => SEVERITIES.indexOf(a.severity) - SEVERITIES.indexOf(b.severity));
  const shown = sorted.slice(0, TOLD).map(({ rule, severity, message, location, fix, cwe }): Finding => ({
    rule,
    severity,
    message: `${feed}: ${message}`,
    location: table.id === undefined ? { ...location, feed } : { feed },
    atlas: [],
    cve: [],
    cwe,
    fix,
  }));
  if (sorted.length <= TOLD) return shown;
  const more = `${feed}: ${sorted.length - TOLD} more findings, none of them worse`;
  const fix = 'look at them with vallum data check';
  return [
    ...shown,
    { rule: 'table.more', severity: 'info', message: more, location: { feed }, atlas: [], cve: [], cwe: [], fix },
  ];
}
