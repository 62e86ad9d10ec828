// The graph from feeds over the run to the model, and every edge that does not hold. Pure: documents and digests in.
// A model whose training cannot be traced may hide poisoned rows (MITRE ATLAS AML.T0020) or swapped weights (AML.T0018).
import type { Sha256 } from '@vallum/core';
import type { ManifestFeed, ModelRecord, RunRecord } from './documents.js';

export interface LineageNode {
  readonly id: string;
  readonly kind: 'feed' | 'code' | 'run' | 'output' | 'model';
  readonly label: string;
  readonly digest?: Sha256;
}

export interface LineageEdge {
  readonly from: string;
  readonly to: string;
  readonly problems: readonly LineageProblem[];
}

export interface LineageProblem {
  /** Last part of the finding's rule. */
  readonly code:
    | 'other-model'
    | 'code-unknown'
    | 'no-feeds'
    | 'feed-unknown'
    | 'feed-changed'
    | 'feed-rows'
    | 'feed-split'
    | 'feed-unused'
    | 'output-missing'
    | 'output-changed'
    | 'weights-untraced';
  readonly message: string;
  readonly file?: string;
  readonly feed?: string;
}

export interface LineageGraph {
  readonly nodes: readonly LineageNode[];
  /** From source to product. */
  readonly edges: readonly LineageEdge[];
}

export interface LineageFacts {
  readonly run: RunRecord;
  readonly runDigest: Sha256;
  readonly model: ModelRecord;
  readonly modelDigest: Sha256;
  readonly manifest: readonly ManifestFeed[];
  /** Digests of the files that the run names as outputs; absent for one that is not there. */
  readonly files: ReadonlyMap<string, Sha256>;
}

const RUN = 'run';
const MODEL = 'model';

export function buildGraph(facts: LineageFacts): LineageGraph {
  const { run, model, manifest } = facts;
  const unused = manifest.filter((feed) => !run.feeds.some(({ name }) => name === feed.name));
  const nodes: LineageNode[] = [
    ...run.feeds.map((feed) => node('feed', feed.name, `${feed.name} (${feed.rows} rows)`, feed.sha256)),
    ...unused.map((feed) => node('feed', feed.name, `${feed.name} (${feed.rows} rows)`, feed.sha256)),
    { id: 'code', kind: 'code', label: 'training code', ...(run.code === undefined ? {} : { digest: run.code }) },
    { id: RUN, kind: 'run', label: `run of ${run.model}@${run.version}, seed ${run.seed}`, digest: facts.runDigest },
    ...run.outputs.map((output) => node('output', output.path, output.path, output.sha256)),
    { id: MODEL, kind: 'model', label: `${model.name}@${model.version}`, digest: facts.modelDigest },
  ];
  const feeds = run.feeds.map((feed) => edge(`feed:${feed.name}`, RUN, feedProblems(feed, manifest)));
  const code = edge('code', RUN, run.code === undefined ? [CODE_UNKNOWN] : []);
  const outputs = run.outputs.map((output) => edge(RUN, `output:${output.path}`, outputProblems(output, facts.files)));
  const weights = edge(`output:${model.weights}`, MODEL, weightsProblems(run, model));
  const edges = [
    ...feeds,
    ...unused.map(({ name }) => edge(`feed:${name}`, RUN, [unusedFeed(name)])),
    code,
    ...outputs,
  ];
  const empty = run.feeds.length === 0 ? [edge('feed:', RUN, [NO_FEEDS])] : [];
  return { nodes, edges: [...edges, ...empty, weights] };
}

export function problemsOf(graph: LineageGraph): readonly LineageProblem[] {
  return graph.edges.flatMap(({ problems }) => problems);
}

const CODE_UNKNOWN: LineageProblem = { code: 'code-unknown', message: 'run.json names no digest of the training code' };
const NO_FEEDS: LineageProblem = { code: 'no-feeds', message: 'run.json names no feed that the model was trained on' };

function unusedFeed(feed: string): LineageProblem {
  return { code: 'feed-unused', message: `the dataset has the feed ${feed}, which the run did not use`, feed };
}

function feedProblems(feed: RunRecord['feeds'][number], manifest: readonly ManifestFeed[]): readonly LineageProblem[] {
  const known = manifest.find(({ name }) => name === feed.name);
  const split: LineageProblem[] =
    feed.train + feed.heldOut === feed.rows
      ? []
      : [
          {
            code: 'feed-split',
            message: `of the ${feed.rows} rows of ${feed.name} the run accounts for ${feed.train + feed.heldOut}`,
            feed: feed.name,
          },
        ];
  if (known === undefined)
    return [
      {
        code: 'feed-unknown',
        message: `the run trained on the feed ${feed.name}, which is not in the dataset`,
        feed: feed.name,
      },
      ...split,
    ];
  return [
    ...(known.sha256 === feed.sha256
      ? []
      : [
          {
            code: 'feed-changed' as const,
            message: `the run trained on other rows of ${feed.name} than the dataset has`,
            feed: feed.name,
          },
        ]),
    ...(known.rows === feed.rows
      ? []
      : [
          {
            code: 'feed-rows' as const,
            message: `the run counts ${feed.rows} rows in ${feed.name}, the dataset ${known.rows}`,
            feed: feed.name,
          },
        ]),
    ...split,
  ];
}

function outputProblems(
  output: RunRecord['outputs'][number],
  files: ReadonlyMap<string, Sha256>,
): readonly LineageProblem[] {
  const found = files.get(output.path);
  if (found === output.sha256) return [];
  return found === undefined
    ? [{ code: 'output-missing', message: `the run wrote ${output.path}, which is not there`, file: output.path }]
    : [{ code: 'output-changed', message: `${output.path} is not the file that the run wrote`, file: output.path }];
}

function weightsProblems(run: RunRecord, model: ModelRecord): readonly LineageProblem[] {
  const traced = run.outputs.some(({ path }) => path === model.weights);
  const same = run.model === model.name && run.version === model.version;
  return [
    ...(traced
      ? []
      : [
          {
            code: 'weights-untraced' as const,
            message: `no run wrote ${model.weights}, the weights of the model`,
            file: model.weights,
          },
        ]),
    ...(same
      ? []
      : [
          {
            code: 'other-model' as const,
            message: `run.json is about ${run.model}@${run.version}, model.json about ${model.name}@${model.version}`,
            file: 'run.json',
          },
        ]),
  ];
}

function node(kind: 'feed' | 'output', name: string, label: string, digest: Sha256): LineageNode {
  return { id: `${kind}:${name}`, kind, label, digest };
}

function edge(from: string, to: string, problems: readonly LineageProblem[]): LineageEdge {
  return { from, to, problems };
}
