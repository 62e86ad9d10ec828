// Control `data.manifest`: says which bytes the dataset is made of, and that each feed has a source and a licence.
// A feed without a source is how a poisoned one comes in; without a licence nobody may ship what was trained on it.
import type { ControlResult, Disk, Finding, Planned, Sha256 } from '@vallum/core';
import { digestFile, digestJson, VallumError } from '@vallum/core';
import { MAIL_FILE } from '../rows/feed-json.js';
import { filesOf, isUnreadable } from './dataset.js';
import type { Dataset, DatasetFeed, Unreadable } from './dataset.js';
import rules from './rules.json' with { type: 'json' };

const KIND = 'data.manifest';

export async function planDataManifest(options: {
  readonly disk: Disk;
  readonly dataset: Dataset | Unreadable;
}): Promise<Planned> {
  const { disk, dataset } = options;
  if (isUnreadable(dataset)) return { kind: KIND, blocked: dataset.blocked };
  return {
    kind: KIND,
    version: '1',
    rules: digestJson(rules),
    subject: dataset.subject,
    inputs: dataset.inputs,
    parameters: {},
    run: async ({ signal }) => {
      for (const feed of dataset.feeds) {
        signal.throwIfAborted();
        await refuseChange(disk, feed);
      }
      return judge(dataset.feeds);
    },
  };
}

async function refuseChange(disk: Disk, feed: DatasetFeed): Promise<void> {
  const { path, digests } = feed;
  const files: readonly (readonly [string | undefined, Sha256 | undefined])[] = [
    ['feed.json', digests.feedJson],
    [feed.table?.file ?? MAIL_FILE, digests.rows],
    [feed.table?.rules, feed.pins?.rules],
    [feed.table?.features, feed.pins?.features?.sha256],
  ];
  for (const [file, expected] of files) {
    if (file === undefined) continue;
    if ((await digestFile(disk, `${path}/${file}`)) !== expected)
      throw new VallumError('DATA_CHANGED', `${path}/${file} changed after its digest was taken`, {
        fix: 'run again when the feed is at rest',
      });
  }
}

function judge(feeds: readonly DatasetFeed[]): ControlResult {
  const findings = feeds.flatMap((feed) =>
    (['source', 'license'] as const)
      .filter((key) => rules.saysNothing.includes(feed[key].toLowerCase()))
      .map((key) => missing(feed.name, key)),
  );
  const rows = feeds.reduce((sum, feed) => sum + feed.rows, 0);
  const bytes = feeds.reduce((sum, feed) => sum + feed.bytes, 0);
  return {
    outcome: findings.length === 0 ? 'pass' : 'fail',
    findings,
    metrics: [
      { id: 'manifest.feeds', value: feeds.length, unit: 'feeds' },
      { id: 'manifest.rows', value: rows, unit: 'rows' },
    ],
    coverage: {
      examined: { files: feeds.reduce((sum, feed) => sum + filesOf(feed), 0), bytes, rows },
      notExamined: [],
    },
  };
}

function missing(feed: string, key: 'source' | 'license'): Finding {
  const what = key === 'source' ? 'where it comes from' : 'under which licence it may be used';
  return {
    rule: `manifest.${key}_missing`,
    severity: 'high',
    message: `feed ${feed} does not say ${what}`,
    location: { feed, file: 'feed.json' },
    atlas: key === 'source' ? ['AML.T0020'] : [],
    cve: [],
    cwe: [],
    fix: `fill in "${key}" in feed.json`,
  };
}
