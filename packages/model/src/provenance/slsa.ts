// SLSA provenance v1 for a training run (slsa.dev/spec/v1.0/provenance, in-toto Statement v1): the training is the build,
// the model folder its output, and data, base model, code and environment are what it depended on. The reader follows the
// specification: unknown fields are ignored, but not in `externalParameters`, which a verifier has to understand whole;
// two dependencies under one name are two answers to one question and are refused.
import type { JsonObject, JsonValue, Sha256, Statement } from '@vallum/core';
import { isJsonObject, STATEMENT_TYPE, VallumError } from '@vallum/core';
import {
  commitOf,
  countOf,
  digestOf,
  isUnset,
  knownOnly,
  listOf,
  malformed,
  objectOf,
  optional,
  textOf,
  timeOf,
} from './fields.js';
import type { NamedDigest, TrainingProvenance } from './training.js';

export const PROVENANCE_TYPE = 'https://slsa.dev/provenance/v1';
export const TRAINING_BUILD = 'urn:vallum:training:v1';
const MAX_DEPENDENCIES = 1000;
const MAX_VERSIONS = 50;
/** Two dependencies have fixed names, the others one name behind the word. */
const CODE = 'code';
const COMMIT = 'source';
const MODEL_ROOT = 'openssf-model-signing-root';
const RUN = 'run.json';
const EXTERNAL = ['workflow', 'seed'];
const WORKFLOW = ['path', 'ref'];

/** The statement of these facts. @throws VallumError `PROVENANCE_INVALID` when one of them is not well-formed */
export function buildProvenance(facts: TrainingProvenance): Statement {
  const { subject, omsRoot, builder, run } = facts;
  const byproducts = [
    ...(run === undefined ? [] : [{ name: RUN, digest: { sha256: run } }]),
    ...(omsRoot === undefined ? [] : [{ name: MODEL_ROOT, digest: { sha256: omsRoot } }]),
  ];
  const metadata: JsonObject = {
    ...given('invocationId', facts.invocationId),
    ...given('startedOn', facts.startedOn),
    ...given('finishedOn', facts.finishedOn),
  };
  const statement: Statement = {
    _type: STATEMENT_TYPE,
    subject: [subject],
    predicateType: PROVENANCE_TYPE,
    predicate: {
      buildDefinition: {
        buildType: TRAINING_BUILD,
        externalParameters: externalOf(facts),
        internalParameters: { trained: facts.trained },
        resolvedDependencies: dependenciesOf(facts),
      },
      runDetails: { builder: { id: builder.id, version: builder.version }, metadata, byproducts },
    },
  };
  assertReadable(statement);
  return statement;
}

/** Whoever reads a bad provenance has to get it again; whoever writes one has to say it otherwise, and knows how. */
function assertReadable(statement: Statement): void {
  try {
    readProvenance(statement);
  } catch (error) {
    if (!(error instanceof VallumError)) throw error;
    throw new VallumError(error.code, error.message, { cause: error }, error.errorClass);
  }
}

function given(name: string, value: JsonValue | undefined): JsonObject {
  return value === undefined ? {} : { [name]: value };
}

function externalOf({ workflow, ref, seed }: TrainingProvenance): JsonObject {
  const started = { ...given('path', workflow), ...given('ref', ref) };
  return { ...(Object.keys(started).length === 0 ? {} : { workflow: started }), ...given('seed', seed) };
}

function dependenciesOf(facts: TrainingProvenance): readonly JsonObject[] {
  const { dataset, feeds, base, code, commit, environment, container } = facts;
  const one = (word: string, { name, sha256, uri }: NamedDigest): JsonObject => ({
    name: `${word}/${name}`,
    digest: { sha256 },
    ...given('uri', uri),
  });
  const all = (word: string, list: readonly (NamedDigest | undefined)[]): readonly JsonObject[] =>
    list.flatMap((each) => (each === undefined ? [] : [one(word, each)]));
  return [
    ...all('dataset', [dataset]),
    ...all('feed', feeds),
    ...all('base', [base]),
    ...(code === undefined ? [] : [{ name: CODE, digest: { sha256: code } }]),
    ...(commit === undefined ? [] : [{ name: COMMIT, digest: { gitCommit: commit } }]),
    ...all('environment', [environment]),
    ...all('container', [container]),
  ];
}

/** Undefined for a statement of another type. @throws VallumError `PROVENANCE_INVALID`, class `unproven` */
export function readProvenance(statement: Statement): TrainingProvenance | undefined {
  const [subject] = statement.subject;
  if (statement.predicateType !== PROVENANCE_TYPE || subject === undefined) return undefined;
  const definition = objectOf(statement.predicate['buildDefinition'], 'buildDefinition');
  if (definition['buildType'] !== TRAINING_BUILD) throw malformed('buildType', `is not ${TRAINING_BUILD}`);
  const details = objectOf(statement.predicate['runDetails'], 'runDetails');
  const internal = isUnset(definition['internalParameters'])
    ? {}
    : objectOf(definition['internalParameters'], 'internalParameters');
  return {
    subject: { name: textOf(subject.name, 'the subject'), digest: subject.digest },
    ...readExternal(definition['externalParameters']),
    trained: isUnset(internal['trained']) ? {} : mapOf(internal['trained'], 'trained', countOf),
    ...readDependencies(definition['resolvedDependencies']),
    ...readDetails(details),
  };
}

function readExternal(json: JsonValue | undefined): Pick<TrainingProvenance, 'workflow' | 'ref' | 'seed'> {
  const external = knownOnly(json, 'externalParameters', EXTERNAL);
  const workflow = isUnset(external['workflow'])
    ? {}
    : knownOnly(external['workflow'], 'externalParameters.workflow', WORKFLOW);
  return {
    ...optional('workflow', workflow['path'], (value) => textOf(value, 'the path of the workflow')),
    ...optional('ref', workflow['ref'], (value) => textOf(value, 'the reference of the workflow')),
    ...optional('seed', external['seed'], (value) => countOf(value, 'the seed')),
  };
}

function mapOf<V>(
  json: JsonValue | undefined,
  where: string,
  read: (value: JsonValue | undefined, where: string) => V,
): Readonly<Record<string, V>> {
  const entries = Object.entries(objectOf(json, where));
  if (entries.length > MAX_DEPENDENCIES) throw malformed(where, `has more than ${MAX_DEPENDENCIES} entries`);
  return Object.fromEntries(entries.map(([name, value]) => [textOf(name, where), read(value, `${where}.${name}`)]));
}

type Dependencies = Pick<
  TrainingProvenance,
  'dataset' | 'feeds' | 'base' | 'code' | 'commit' | 'environment' | 'container'
>;

function readDependencies(json: JsonValue | undefined): Dependencies {
  const byName = descriptorsOf(json, 'resolvedDependencies');
  const named = (word: string): readonly NamedDigest[] =>
    [...byName].filter(([name]) => name.startsWith(`${word}/`)).map(([name, one]) => namedOf(name, word, one));
  const single = <K extends string>(word: K): { readonly [key in K]?: NamedDigest } => {
    const [first, second] = named(word);
    if (second !== undefined) throw malformed('resolvedDependencies', `has two entries that begin with ${word}/`);
    return first === undefined ? {} : ({ [word]: first } as { readonly [key in K]: NamedDigest });
  };
  const digests = (name: string): JsonObject | undefined => digestsOf(byName.get(name), name);
  const code = digests(CODE);
  const commit = digests(COMMIT);
  return {
    ...single('dataset'),
    feeds: named('feed'),
    ...single('base'),
    ...(code === undefined ? {} : { code: digestOf(code['sha256'], CODE) }),
    ...(commit === undefined ? {} : { commit: commitOf(commit['gitCommit'], COMMIT) }),
    ...single('environment'),
    ...single('container'),
  };
}

/** Descriptors by name; those without one are somebody else's. */
function descriptorsOf(json: JsonValue | undefined, where: string): ReadonlyMap<string, JsonObject> {
  const byName = new Map<string, JsonObject>();
  for (const entry of listOf(json, where, MAX_DEPENDENCIES)) {
    const descriptor = objectOf(entry, `an entry of ${where}`);
    if (isUnset(descriptor['name'])) continue;
    const name = textOf(descriptor['name'], `a name in ${where}`);
    if (byName.has(name)) throw malformed(where, `names ${JSON.stringify(name)} twice`);
    byName.set(name, descriptor);
  }
  return byName;
}

function digestsOf(descriptor: JsonObject | undefined, name: string): JsonObject | undefined {
  return descriptor === undefined ? undefined : objectOf(descriptor['digest'], `the digest of ${name}`);
}

function namedOf(name: string, word: string, descriptor: JsonObject): NamedDigest {
  const digest = objectOf(descriptor['digest'], `the digest of ${name}`);
  return {
    name: textOf(name.slice(word.length + 1), `the name of ${word}`),
    sha256: digestOf(digest['sha256'], `the digest of ${name}`),
    ...optional('uri', descriptor['uri'], (value) => textOf(value, `the uri of ${name}`)),
  };
}

type Details = Pick<TrainingProvenance, 'builder' | 'invocationId' | 'startedOn' | 'finishedOn' | 'run' | 'omsRoot'>;

function readDetails(details: JsonObject): Details {
  const builder = objectOf(details['builder'], 'builder');
  const metadata = isUnset(details['metadata']) ? {} : objectOf(details['metadata'], 'metadata');
  const byproducts = descriptorsOf(details['byproducts'], 'byproducts');
  const versions = isUnset(builder['version']) ? {} : mapOf(builder['version'], 'builder.version', textOf);
  if (Object.keys(versions).length > MAX_VERSIONS) throw malformed('builder.version', 'has too many entries');
  const byproduct = (name: string): Sha256 | undefined => {
    const digest = digestsOf(byproducts.get(name), name);
    return isJsonObject(digest) ? digestOf(digest['sha256'], name) : undefined;
  };
  const [run, omsRoot] = [byproduct(RUN), byproduct(MODEL_ROOT)];
  return {
    builder: { id: textOf(builder['id'], 'builder.id'), version: versions },
    ...optional('invocationId', metadata['invocationId'], (value) => textOf(value, 'invocationId')),
    ...optional('startedOn', metadata['startedOn'], (value) => timeOf(value, 'startedOn')),
    ...optional('finishedOn', metadata['finishedOn'], (value) => timeOf(value, 'finishedOn')),
    ...(run === undefined ? {} : { run }),
    ...(omsRoot === undefined ? {} : { omsRoot }),
  };
}
