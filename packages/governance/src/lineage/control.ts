// The control `lineage.graph`: dataset rows -> run -> model, without a dangling node. It believes no document alone: what
// run.json says is compared with the dataset's manifest and with the bytes in the model folder.
import type {
  Blocked,
  ControlResult,
  Disk,
  Finding,
  Input,
  JsonObject,
  Planned,
  RunContext,
  Sha256,
  Subject,
} from '@vallum/core';
import { digestDirectory, digestFile, digestJson, inconclusive, sha256, VallumError } from '@vallum/core';
import type { ManifestFeed, ModelRecord, RunRecord } from './documents.js';
import { readManifest, readModel, readRun } from './documents.js';
import { Fields } from './fields.js';
import type { LineageGraph, LineageProblem } from './graph.js';
import { buildGraph, problemsOf } from './graph.js';
import { RUN_FILE } from './run-file.js';

const KIND = 'lineage.graph';
const MODEL_FILE = 'model.json';
const MAX_BYTES = 4 * 1024 * 1024;

export interface LineageOptions {
  readonly disk: Disk;
  readonly modelDir: string;
  /** The model version: directory digest of all files but the signature. */
  readonly subject: Subject;
  readonly dataset: {
    /** Like `spam-filter-data@v1`. */
    readonly name: string;
    /** `vallum/manifest/v1`, as the data room computed it from the bytes at hand; its canonical JSON is an input. */
    readonly manifest: JsonObject;
  };
}

interface Document<T> {
  readonly digest: Sha256;
  readonly content: T;
}

interface Documents {
  readonly manifest: Document<readonly ManifestFeed[]>;
  readonly model: Document<ModelRecord>;
  /** Absent when the folder has no run.json. */
  readonly run: Document<RunRecord> | undefined;
}

export async function planLineage(options: LineageOptions): Promise<Planned> {
  const documents = await readOrBlock(options);
  if ('blocked' in documents) return documents;
  const inputs = inputsOf(documents, options.dataset.name, options.subject.name);
  return {
    kind: KIND,
    version: '1',
    subject: options.subject,
    inputs,
    parameters: {},
    run: (context) => run(options, inputs, context),
  };
}

/** The graph for printing; undefined when the folder has no run.json. @throws VallumError as the documents read */
export async function readLineage(options: LineageOptions): Promise<LineageGraph | undefined> {
  const documents = await readDocuments(options);
  return documents.run === undefined ? undefined : graphOf(options, documents, documents.run);
}

async function run(options: LineageOptions, planned: readonly Input[], context: RunContext): Promise<ControlResult> {
  context.progress('following the model back to its rows');
  const documents = await readDocuments(options);
  if (JSON.stringify(inputsOf(documents, options.dataset.name, options.subject.name)) !== JSON.stringify(planned))
    return inconclusive('subject-changed', 'the model folder changed while its lineage was checked');
  if (documents.run === undefined)
    return inconclusive('run-absent', `there is no ${RUN_FILE}, so nothing says what this model was trained on`);
  const graph = await graphOf(options, documents, documents.run, context.signal);
  return judge(graph, documents.run.content);
}

function judge(graph: LineageGraph, { feeds, outputs }: RunRecord): ControlResult {
  const findings = problemsOf(graph).map(findingOf);
  const dangling = findings.filter(({ severity }) => severity === 'high');
  const [first] = dangling;
  return {
    outcome: first === undefined ? 'pass' : 'fail',
    ...(first === undefined ? {} : { reason: { code: 'dangling', message: first.message } }),
    findings,
    metrics: [
      { id: 'lineage-nodes', value: graph.nodes.length, unit: 'nodes' },
      { id: 'lineage-edges', value: graph.edges.length, unit: 'edges' },
      { id: 'lineage-dangling', value: dangling.length, unit: 'edges' },
    ],
    coverage: {
      examined: { files: outputs.length, rows: feeds.reduce((sum, feed) => sum + feed.rows, 0) },
      notExamined: [
        { what: 'the training code', why: 'run.json names its digest; the code is not in the model folder' },
      ],
    },
  };
}

const FIXES: Readonly<Record<LineageProblem['code'], string>> = {
  'other-model': 'keep the run.json that was written with these weights',
  'code-unknown': 'let the training script write the digest of its code into run.json',
  'no-feeds': 'let the training script write the feeds into run.json',
  'feed-unknown': 'name the feed for this version in vallum.yaml, or train without it',
  'feed-changed': 'restore the rows that were trained on, or train again',
  'feed-rows': 'restore the rows that were trained on, or train again',
  'feed-split': 'let the training script account for every row, as trained or held out',
  'feed-unused': 'nothing has to be done; leave the feed out of this version in vallum.yaml',
  'output-missing': 'restore the file, or train again',
  'output-changed': 'restore the file that the run wrote, or train again',
  'weights-untraced': 'keep the run.json that was written with these weights, or train again',
};

function findingOf({ code, message, file, feed }: LineageProblem): Finding {
  return {
    rule: `lineage.${code}`,
    severity: code === 'feed-unused' ? 'info' : 'high',
    message,
    location: { ...(file === undefined ? {} : { file }), ...(feed === undefined ? {} : { feed }) },
    atlas: feed === undefined ? ['AML.T0018'] : ['AML.T0020'],
    cve: [],
    cwe: ['CWE-345'],
    fix: FIXES[code],
  };
}

async function readOrBlock(options: LineageOptions): Promise<Documents | Blocked> {
  let file = options.modelDir;
  try {
    return await readDocuments(options, (path) => (file = path));
  } catch (error) {
    if (!(error instanceof VallumError)) throw error;
    const message = error.fix === undefined ? error.message : `${error.message}; ${error.fix}`;
    return { kind: KIND, blocked: { code: error.code, message, file } };
  }
}

async function readDocuments(
  { disk, modelDir, dataset }: LineageOptions,
  reading: (path: string) => void = () => undefined,
): Promise<Documents> {
  const at = (file: string): string => {
    reading(`${modelDir}/${file}`);
    return `${modelDir}/${file}`;
  };
  const manifest = { digest: digestJson(dataset.manifest), content: readManifest(dataset.manifest) };
  const json = await disk.read(at(MODEL_FILE), MAX_BYTES);
  const model = readModel(Fields.parse(MODEL_FILE, json));
  const scope = digestDirectory([
    { path: MODEL_FILE, sha256: sha256(json) },
    { path: model.weights, sha256: await digestFile(disk, at(model.weights)) },
  ]);
  const documents = { manifest, model: { digest: scope, content: model } };
  if ((await disk.stat(at(RUN_FILE))) === undefined) return { ...documents, run: undefined };
  const run = Fields.parse(RUN_FILE, await disk.read(at(RUN_FILE), MAX_BYTES));
  return { ...documents, run: { digest: digestJson(run.value), content: readRun(run) } };
}

function inputsOf({ manifest, model, run }: Documents, dataset: string, subject: string): readonly Input[] {
  return [
    { name: dataset, digest: { sha256: manifest.digest } },
    { name: `${subject}#weights`, digest: { sha256: model.digest } },
    run === undefined ? { name: RUN_FILE, absent: true } : { name: RUN_FILE, digest: { sha256: run.digest } },
  ];
}

async function graphOf(
  { disk, modelDir }: LineageOptions,
  documents: Documents,
  run: Document<RunRecord>,
  abort?: AbortSignal,
): Promise<LineageGraph> {
  const files = new Map<string, Sha256>();
  for (const { path } of run.content.outputs) {
    abort?.throwIfAborted();
    const file = `${modelDir}/${path}`;
    if ((await disk.stat(file))?.kind === 'file') files.set(path, await digestFile(disk, file));
  }
  return buildGraph({
    run: run.content,
    runDigest: run.digest,
    model: documents.model.content,
    modelDigest: documents.model.digest,
    manifest: documents.manifest.content,
    files,
  });
}
