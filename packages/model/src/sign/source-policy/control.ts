// The control `source.policy`: does everything that a model version was made from come from an allowed origin, with the
// pinned bytes, by the pinned signer, workflow and branch, and under a name that has not changed hands? What shaped the
// answer (allow list, pins, the keys that may attest now, records that speak against it) is an input, so that changing any
// of it, revoking a key included, makes the evidence stale.
import type {
  Blocked,
  ControlResult,
  Disk,
  Input,
  JsonObject,
  JsonValue,
  Planned,
  Reason,
  RunContext,
  Sha256,
  Subject,
} from '@vallum/core';
import { digestFile, digestJson, inconclusive, messageOf, sha256 } from '@vallum/core';
import { MAX_ENVELOPE_BYTES } from '@vallum/trust';
import type { ProvenanceAnswer } from '../../provenance/answer.js';
import { verifyAnyProvenance } from '../../provenance/any.js';
import type { Believed } from '../../provenance/verify.js';
import { ATTEST_ROLE } from '../../provenance/verify.js';
import { isRefused, judgeSource, labelOf, signerOf } from './judge-source.js';
import { allowedFor, allowedProblem, originProblem } from './origin.js';
import { RULES_DIGEST } from './rules.js';
import type { SeenSource } from './seen.js';
import { conflictOf } from './seen.js';
import type { AllowedOrigin, BaseModel, Source, SourceFeed } from './sources.js';
import { subjectOf } from './subject.js';

const KIND = 'source.policy';
const POLICY_INPUT = 'source policy';

export interface SourcePolicyOptions {
  readonly disk: Disk;
  /** The model version: directory digest of all files but the signature. */
  readonly subject: Subject;
  readonly allowed: readonly AllowedOrigin[];
  readonly base?: BaseModel;
  readonly feeds: readonly SourceFeed[];
  readonly believed: Believed;
  /** What earlier statements recorded, in the order of the ledger. */
  readonly seen: readonly SeenSource[];
  /** Entries of the ledger that may hold such a record, or a provenance, and whose envelope cannot be read. */
  readonly lost?: readonly LostRecord[];
}

export interface LostRecord {
  /** Place in the ledger. */
  readonly index: number;
  readonly id: Sha256;
  readonly what: 'source.policy' | 'provenance';
}

/** Everything that was read, with the digests that the statement names. */
interface Material {
  readonly sources: readonly Source[];
  /** By the label of the source; of those whose origin names a signer. */
  readonly answers: ReadonlyMap<string, ProvenanceAnswer>;
  readonly inputs: readonly Input[];
  readonly parameters: JsonObject;
}

export async function planSourcePolicy(options: SourcePolicyOptions): Promise<Planned> {
  const odd = allowedProblem(options.allowed);
  if (odd !== undefined) return { kind: KIND, blocked: { code: 'SOURCE_POLICY', message: odd.problem } };
  let reading = options.base?.dir ?? '';
  let planned: Material;
  try {
    planned = await gather(options, (path) => (reading = path));
  } catch (error) {
    const blocked: Blocked['blocked'] = { code: 'SOURCE_UNREADABLE', message: messageOf(error), file: reading };
    return { kind: KIND, blocked };
  }
  const { inputs, parameters } = planned;
  return {
    kind: KIND,
    version: '1',
    rules: RULES_DIGEST,
    subject: options.subject,
    inputs,
    parameters,
    run: (context) => run(options, inputs, context),
  };
}

async function gather(options: SourcePolicyOptions, reading: (path: string) => void): Promise<Material> {
  const { disk, base, feeds } = options;
  const sources: Source[] = [];
  const inputs: Input[] = [];
  const answers = new Map<string, ProvenanceAnswer>();
  const at = (path: string): string => {
    reading(path);
    return path;
  };
  const add = async (source: Source): Promise<void> => {
    sources.push(source);
    inputs.push({ name: labelOf(source), digest: { sha256: source.actual } });
    if (source.provenance === undefined) return;
    const bytes = await readIfThere(disk, at(source.provenance));
    const name = `provenance of ${labelOf(source)}`;
    inputs.push(bytes === undefined ? { name, absent: true } : { name, digest: { sha256: sha256(bytes) } });
    const signer = entryOf(source, options)?.signer;
    if (bytes === undefined || signer === undefined) return;
    const pins = { ...signer, digest: source.subject };
    answers.set(labelOf(source), await verifyAnyProvenance(bytes, pins, options.believed));
  };
  if (base !== undefined) await add({ ...base, kind: 'base', ...(await subjectOf(disk, at(base.dir), base.attested)) });
  for (const feed of feeds) {
    const said = await digestFile(disk, at(`${feed.dir}/feed.json`));
    const actual = await digestFile(disk, at(`${feed.dir}/${feed.rows ?? 'rows.jsonl'}`));
    await add({ ...feed, kind: 'feed', actual, subject: actual });
    inputs.push({ name: `feed.json of ${labelOf({ kind: 'feed', name: feed.name })}`, digest: { sha256: said } });
  }
  const parameters = parametersOf(options, sources, answers);
  inputs.push({ name: POLICY_INPUT, digest: { sha256: digestJson(parameters) } });
  return { sources, answers, inputs, parameters };
}

async function readIfThere(disk: Disk, path: string): Promise<Uint8Array | undefined> {
  return (await disk.stat(path)) === undefined ? undefined : disk.read(path, MAX_ENVELOPE_BYTES);
}

function entryOf({ origin }: Source, { allowed }: SourcePolicyOptions): AllowedOrigin | undefined {
  return originProblem(origin) === undefined ? allowedFor(origin, allowed) : undefined;
}

function parametersOf(
  options: SourcePolicyOptions,
  sources: readonly Source[],
  answers: Material['answers'],
): JsonObject {
  const { allowed, believed, seen, lost = [] } = options;
  const described = sources.map((source) => {
    const { kind, name, origin, digest, actual, replaces } = source;
    const signer = signerOf(entryOf(source, options)?.signer, believed);
    const conflict = conflictOf({ kind, name, digest: actual, signer, replaces }, seen);
    return {
      kind,
      name,
      origin,
      digest: digest ?? null,
      signer: signer ?? null,
      provenance: answers.get(labelOf(source))?.status ?? null,
      covers: source.covers ?? null,
      replaces: replaces ?? null,
      conflict: conflict?.statement ?? null,
    };
  });
  return {
    allowed: allowed.map(({ origin, signer }) => ({ origin, signer: signer === undefined ? null : { ...signer } })),
    sources: described,
    attesters: attestersOf(allowed, believed),
    lost: lost.map(({ id }) => id),
  };
}

/** The keys by which the pinned signers may attest now. */
function attestersOf(allowed: readonly AllowedOrigin[], { trust, now, revoked }: Believed): readonly JsonValue[] {
  const pinned = allowed.flatMap(({ signer }) => (signer === undefined ? [] : [signer]));
  const keyids = trust.principals.flatMap(({ id, keys }) =>
    keys
      .filter(({ keyid }) => pinned.some(({ principal, key }) => principal === id || key === keyid))
      .filter(({ keyid }) => trust.may(keyid, ATTEST_ROLE, now) !== undefined && revoked({ keyid }) === undefined)
      .map(({ keyid }) => keyid),
  );
  return [...new Set<Sha256>(keyids)].sort();
}

async function run(
  options: SourcePolicyOptions,
  planned: readonly Input[],
  context: RunContext,
): Promise<ControlResult> {
  context.progress('looking at where the model comes from');
  const material = await gather(options, () => undefined);
  if (JSON.stringify(material.inputs) !== JSON.stringify(planned))
    return inconclusive('subject-changed', 'a source or its provenance changed while it was checked');
  const { sources } = material;
  const answerOf = (source: Source): ProvenanceAnswer | undefined => material.answers.get(labelOf(source));
  const answers = sources.map((source) => judgeSource(source, { ...options, answerOf }));
  const findings = answers.flatMap((answer) => answer.findings);
  const lost = (options.lost ?? []).map(reasonOf);
  const [undecided] = [...answers.flatMap((answer) => answer.undecided), ...lost];
  const [first] = findings;
  const reason = first === undefined ? undecided : { code: 'source-refused', message: first.message };
  return {
    outcome: isRefused(findings) ? 'fail' : undecided === undefined ? 'pass' : 'inconclusive',
    ...(reason === undefined ? {} : { reason }),
    findings,
    metrics: [
      { id: 'sources', value: sources.length, unit: 'sources' },
      { id: 'sources-refused', value: answers.filter((one) => isRefused(one.findings)).length, unit: 'sources' },
    ],
    coverage: {
      examined: { files: material.inputs.length - 1 },
      notExamined: [
        ...answers.flatMap(({ undecided: left, open }, at) => {
          const what = labelOf(sources[at] ?? { kind: 'base', name: '' });
          return [...left.map(({ message }) => message), ...open].map((why) => ({ what, why }));
        }),
        ...lost.map(({ message }) => ({ what: 'the records of the ledger', why: message })),
      ],
    },
  };
}

function reasonOf({ index, id, what }: LostRecord): Reason {
  const record = what === 'provenance' ? 'a provenance' : 'what source.policy recorded';
  return {
    code: 'record-unreadable',
    message:
      `entry ${index} of the ledger is ${record}, and its envelope ${id} cannot be read: restore it from a copy, or ` +
      'revoke the statement once a person has looked at the names of all sources',
  };
}
