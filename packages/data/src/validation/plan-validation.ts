// Control `data.validation`: are these rows fit to train on? It checks form, dates, labels, duplicates and balance, and
// remarks on rows whose label looks wrong. It answers nothing about poisoning; that is `data.poison_scan`.
import type { ControlResult, Finding, Metric, Planned, RunContext } from '@vallum/core';
import { atOrAbove, digestJson, pause } from '@vallum/core';
import { clopperPearson } from '@vallum/stats';
import tableSeverities from '../check/severities.json' with { type: 'json' };
import { filesOf, isTableFeed, isUnreadable } from '../manifest/dataset.js';
import type { Dataset, Unreadable } from '../manifest/dataset.js';
import type { Feed, RowSource } from '../rows/row-source.js';
import { classBalance } from './class-balance.js';
import { findDuplicates } from './duplicates.js';
import type { Flagged } from './flagged.js';
import { placed } from './flagged.js';
import { findLabelNoise } from './label-noise.js';
import { checkRow } from './row-checks.js';
import type { Rule, RuleId, ValidationRules } from './rules.js';
import { defaultValidationRules, RULE_IDS } from './rules.js';
import type { Validated } from './validate-table.js';
import { validateTable } from './validate-table.js';

const KIND = 'data.validation';
const BATCH = 500;
const LEVEL = 0.95;
/** Rows that a rule names one by one; the sentence of the feed has the count of all. */
const NAMED_ROWS = 10;

export interface ValidationOptions {
  readonly dataset: Dataset | Unreadable;
  readonly source: RowSource;
  /** Labels that the model knows: `ham`, `spam`. */
  readonly labels: readonly string[];
  readonly rules?: ValidationRules;
}

export async function planDataValidation(options: ValidationOptions): Promise<Planned> {
  const { dataset } = options;
  if (isUnreadable(dataset)) return { kind: KIND, blocked: dataset.blocked };
  const rules = options.rules ?? defaultValidationRules();
  const labels = [...options.labels].sort();
  const tables = dataset.feeds.filter(isTableFeed);
  return {
    kind: KIND,
    version: '1',
    rules: tables.length === 0 ? rules.digest : digestJson({ mails: rules.digest, tables: tableSeverities }),
    subject: dataset.subject,
    inputs: dataset.inputs,
    parameters: { labels, gate: rules.gate },
    run: async (context) => {
      const feeds: Feed[] = [];
      for (const feed of dataset.feeds.filter((each) => !isTableFeed(each))) {
        context.progress(`reading ${feed.rows} rows of ${feed.name}`);
        feeds.push(await options.source.feed(feed, feed.digests, context.signal));
      }
      const seen: Validated[] = [];
      for (const feed of tables) seen.push(await validateTable(feed, options.source, labels, rules, context));
      return together(await validateMails(feeds, labels, rules, context), seen, { dataset, labels, rules });
    },
  };
}

/** Mails and tables of one dataset: balance is a question about both. */
function together(
  mails: Validated,
  tables: readonly Validated[],
  { dataset, labels, rules }: { dataset: Dataset; labels: readonly string[]; rules: ValidationRules },
): ControlResult {
  const parts = [mails, ...tables];
  const rows = parts.reduce((sum, part) => sum + part.rows, 0);
  const counts = new Map(
    labels.map((label) => [label, parts.reduce((sum, part) => sum + (part.labels.get(label) ?? 0), 0)]),
  );
  const balance = classBalance(counts, rows, labels, rules);
  const findings = [...parts.flatMap((part) => part.findings), ...balance.findings];
  return {
    outcome: findings.some(({ severity }) => atOrAbove(severity, rules.gate)) ? 'fail' : 'pass',
    findings,
    metrics: [...parts.flatMap((part) => part.metrics), ...balance.metrics],
    coverage: {
      examined: {
        files: dataset.feeds.reduce((sum, feed) => sum + filesOf(feed), 0),
        bytes: dataset.feeds.reduce((sum, feed) => sum + feed.bytes, 0),
        rows,
      },
      notExamined: parts.flatMap((part) => part.notExamined),
    },
  };
}

async function validateMails(
  feeds: readonly Feed[],
  labels: readonly string[],
  rules: ValidationRules,
  context: RunContext,
): Promise<Validated> {
  const rows = placed(feeds);
  const counts = new Map<string, number>();
  for (const { row } of rows) counts.set(row.label, (counts.get(row.label) ?? 0) + 1);
  if (rows.length === 0) return { rows: 0, findings: [], metrics: [], notExamined: [], labels: counts };
  const flagged = new Map<RuleId, readonly Flagged[]>();
  for (const [index, placedRow] of rows.entries()) {
    if (index % BATCH === 0) await pause(context.signal);
    for (const [rule, flag] of checkRow(placedRow, labels, rules))
      flagged.set(rule, [...(flagged.get(rule) ?? []), flag]);
  }
  context.progress('looking for duplicates');
  const duplicates = await findDuplicates(rows, context.signal);
  flagged.set('duplicate.exact', duplicates.exact);
  flagged.set('duplicate.conflict', duplicates.conflicts);
  context.progress('looking for doubtful labels');
  flagged.set('label.noise', await findLabelNoise(rows, labels, rules.folds, context.signal));
  return {
    rows: rows.length,
    findings: rules.rules.flatMap((rule) => findingsOf(rule, flagged.get(rule.id) ?? [], rows.length)),
    metrics: RULE_IDS.map((id) => rateOf(id, flagged.get(id)?.length ?? 0, rows.length)),
    notExamined: notExamined(rows.reduce((sum, { row }) => sum + row.unread, 0)),
    labels: counts,
  };
}

function notExamined(parts: number): ControlResult['coverage']['notExamined'] {
  const near = {
    what: 'near duplicates',
    why: 'only texts that are equal apart from case and white space are compared',
  };
  if (parts === 0) return [near];
  return [{ what: `${parts} attachments and other parts`, why: 'they are not text' }, near];
}

/** One finding for each feed with the count, then the first rows one by one. */
function findingsOf(rule: Rule, flagged: readonly Flagged[], total: number): readonly Finding[] {
  if (flagged.length === 0) return [];
  const severity = flagged.length / total > rule.maxShare ? rule.above : rule.upTo;
  const share = `${flagged.length} of ${total} rows in all`;
  const finding = (message: string, location: Finding['location']): Finding => ({
    rule: rule.id,
    severity,
    message,
    location,
    atlas: [],
    cve: [],
    cwe: [],
    fix: rule.fix,
  });
  const counts = new Map<string, number>();
  for (const { feed } of flagged) counts.set(feed.name, (counts.get(feed.name) ?? 0) + 1);
  const byFeed = [...counts].map(([feed, count]) =>
    finding(`${rule.title}: ${count} rows of ${feed} (${share})`, { feed }),
  );
  const named = flagged.slice(0, NAMED_ROWS);
  return [
    ...byFeed,
    ...named.map(({ feed, row, why }) => finding(`${rule.title}: ${why}`, { feed: feed.name, row: row.id })),
  ];
}

function rateOf(id: RuleId, count: number, n: number): Metric {
  const { low, high } = clopperPearson(count, n, LEVEL);
  const interval = { low, high, level: LEVEL, method: 'Clopper-Pearson' };
  return { id: `validation.${id}`, value: count / n, unit: 'share of rows', n, interval };
}
