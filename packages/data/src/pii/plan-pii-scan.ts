// Control `data.pii_scan`: which classes of personal data and secrets are in the rows, and is each of them approved?
// A class outside the approved list fails, whatever the reason it is there. Statements are signed and cannot be deleted,
// so they hold masked samples, counts and row ids, never a value.
import type { ControlResult, Finding, Metric, Planned, RunContext, Severity } from '@vallum/core';
import { atOrAbove, pause } from '@vallum/core';
import type { RuleSet } from '@vallum/detect';
import { defaultRules } from '@vallum/detect';
import { filesOf, isTableFeed, isUnreadable } from '../manifest/dataset.js';
import type { Dataset, Unreadable } from '../manifest/dataset.js';
import type { RowSource } from '../rows/row-source.js';
import type { Approval, Approvals } from './approvals.js';
import { readApprovals } from './approvals.js';
import type { ClassInRow } from './scan-row.js';
import { scanRow } from './scan-row.js';
import type { ClassInColumn, TablePii } from './scan-table.js';
import { scanTable } from './scan-table.js';

const KIND = 'data.pii_scan';
const BATCH = 100;
/** Unapproved rows that are listed one by one for a class in a feed; the sentence of the feed has the count of all. */
const LISTED_ROWS = 200;

export interface PiiOptions {
  readonly dataset: Dataset | Unreadable;
  readonly source: RowSource;
  readonly approved: readonly Approval[];
  /** Unapproved findings from this severity fail the control; default `high`, which every packaged rule reaches. */
  readonly gate?: Severity;
  readonly rules?: RuleSet;
}

interface Found extends ClassInRow {
  readonly feed: string;
  readonly row: string;
}

/** @throws VallumError `DATA_PII_APPROVAL` */
export async function planPiiScan(options: PiiOptions): Promise<Planned> {
  const { dataset, source } = options;
  const rules = options.rules ?? defaultRules();
  const gate = options.gate ?? 'high';
  if (isUnreadable(dataset)) return { kind: KIND, blocked: dataset.blocked };
  const names = dataset.feeds.map((feed) => feed.name);
  const approvals = readApprovals(options.approved, rules.classes, names);
  return {
    kind: KIND,
    version: '1',
    rules: rules.digest,
    subject: dataset.subject,
    inputs: dataset.inputs,
    parameters: { approved: approvals.parameters, gate },
    run: async (context) => {
      const { found, unread } = await scanMails(dataset, source, rules, context);
      const tables: TablePii[] = [];
      for (const feed of dataset.feeds.filter(isTableFeed)) tables.push(await scanTable(feed, source, rules, context));
      const rows = dataset.feeds.reduce((sum, feed) => sum + feed.rows, 0);
      const columns = tables.flatMap((table) => table.found.map((entry) => columnFinding(entry, approvals)));
      const isWorst = ({ severity }: Finding): boolean => severity === 'critical';
      const findings = [
        ...columns.filter(isWorst),
        ...findingsOf(found, approvals),
        ...columns.filter((each) => !isWorst(each)),
      ];
      const result: ControlResult = {
        outcome: findings.some(({ severity }) => atOrAbove(severity, gate)) ? 'fail' : 'pass',
        findings,
        metrics: rules.classes.flatMap((name) => metricsOf(name, found, tables, rows)),
        coverage: {
          examined: {
            files: dataset.feeds.reduce((sum, feed) => sum + (isTableFeed(feed) ? filesOf(feed) : 1), 0),
            bytes: dataset.feeds.reduce((sum, feed) => sum + feed.bytes, 0),
            rows,
          },
          notExamined: [
            ...(unread === 0
              ? []
              : [{ what: `${unread} attachments and other parts, decoded`, why: 'they are not text' }]),
            ...tables.flatMap((table) => table.notExamined),
            {
              what: 'names, postal addresses and other free text',
              why: 'there are rules only for what has a fixed form',
            },
          ],
        },
      };
      return result;
    },
  };
}

async function scanMails(
  dataset: Dataset,
  source: RowSource,
  rules: RuleSet,
  { signal, progress }: RunContext,
): Promise<{ found: readonly Found[]; unread: number }> {
  const found: Found[] = [];
  let unread = 0;
  for (const ref of dataset.feeds.filter((each) => !isTableFeed(each))) {
    const feed = await source.feed(ref, ref.digests, signal);
    progress(`scanning ${feed.rows.length} rows of ${feed.name}`);
    for (const [index, row] of feed.rows.entries()) {
      if (index % BATCH === 0) await pause(signal);
      unread += row.unread;
      for (const match of scanRow(row, rules)) found.push({ ...match, feed: feed.name, row: row.id });
    }
  }
  return { found, unread };
}

/** Unapproved first, the worst of them in front; approved classes follow as `info`, one for each feed. */
function findingsOf(found: readonly Found[], approvals: Approvals): readonly Finding[] {
  const groups = new Map<string, Found[]>();
  for (const entry of found) {
    const key = `${entry.class} ${entry.feed}`;
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [entry]);
    else group.push(entry);
  }
  const all = [...groups.values()];
  const isApproved = ([first]: readonly Found[]): boolean =>
    first !== undefined && approvals.covers(first.class, first.feed);
  const unapproved = all.filter((group) => !isApproved(group));
  return [
    ...unapproved.sort((a, b) => Number(isCritical(b)) - Number(isCritical(a))).flatMap(unapprovedFindings),
    ...all.filter(isApproved).flatMap((group) => summary(group, 'info', 'approved: ')),
  ];
}

function isCritical([first]: readonly Found[]): boolean {
  return first?.severity === 'critical';
}

function unapprovedFindings(group: readonly Found[]): readonly Finding[] {
  const rows = group.slice(0, LISTED_ROWS).map((entry) => {
    const count = entry.values === 1 ? '1 value' : `${entry.values} values`;
    return finding(entry, entry.severity, `${entry.class}: ${count}, such as ${entry.sample}`, { row: entry.row });
  });
  return [...summary(group, group[0]?.severity ?? 'high', 'not approved: '), ...rows];
}

function summary(group: readonly Found[], severity: Severity, prefix: string): readonly Finding[] {
  const [first] = group;
  if (first === undefined) return [];
  const values = group.reduce((sum, entry) => sum + entry.values, 0);
  const message = `${prefix}${first.class} in ${group.length} rows of ${first.feed} (${values} values), such as ${first.sample}`;
  return [finding(first, severity, message, {})];
}

function finding(
  entry: Pick<Found, 'rule' | 'kind' | 'feed' | 'class'>,
  severity: Severity,
  message: string,
  place: { readonly row?: string },
): Finding {
  return {
    rule: `pii.${entry.rule}`,
    severity,
    message,
    location: { feed: entry.feed, ...place },
    atlas: [],
    cve: [],
    cwe: [entry.kind === 'secret' ? 'CWE-312' : 'CWE-359'],
    fix:
      entry.kind === 'secret'
        ? 'revoke the secret and remove the row; approve the class only for secrets that are known to be dead'
        : `remove or mask it, or approve the class ${entry.class} for this feed with a reason`,
  };
}

/** One for each class in each column: whoever looks after a table thinks in columns. */
function columnFinding(entry: ClassInColumn, approvals: Approvals): Finding {
  const approved = approvals.covers(entry.class, entry.feed);
  const { class: name, column, feed, rows, values, firstRow, sample } = entry;
  const where = `in column ${column} in ${rows} rows of ${feed} (${values} values), first row ${firstRow}`;
  const message = `${approved ? 'approved' : 'not approved'}: ${name} ${where}, such as ${sample}`;
  return finding(entry, approved ? 'info' : entry.severity, message, {});
}

function metricsOf(name: string, found: readonly Found[], tables: readonly TablePii[], n: number): readonly Metric[] {
  const entries = found.filter((entry) => entry.class === name);
  const columns = tables.flatMap((table) => table.found.filter((entry) => entry.class === name));
  const rows = tables.reduce((sum, table) => sum + (table.rows.get(name) ?? 0), entries.length);
  const values = [...entries, ...columns].reduce((sum, entry) => sum + entry.values, 0);
  return [
    { id: `pii.${name}.rows`, value: rows, unit: 'rows', n },
    { id: `pii.${name}.values`, value: values, unit: 'values', n },
  ];
}
