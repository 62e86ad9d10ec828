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
  RunContext,
  Sha256,
  Subject,
} from '@vallum/core';
import { digestDirectory, digestFile, digestJson, digestTree, inconclusive, messageOf, sha256 } from '@vallum/core';
import { MAX_ENVELOPE_BYTES } from '@vallum/trust';
import type { Believed } from '../../provenance/verify.js';
import { ATTEST_ROLE } from '../../provenance/verify.js';
import { SIGNATURE_FILE } from '../sign.js';
import { isRefused, judgeSource, labelOf, principalOf } from './judge-source.js';
import { allowedFor, originProblem } from './origin.js';
import { RULES_DIGEST } from './rules.js';
import type { SeenSource } from './seen.js';
import { conflictOf } from './seen.js';
import type { AllowedOrigin, BaseModel, Source, SourceFeed } from './sources.js';

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
}

/** Everything that was read, with the digests that the statement names. */
interface Material {
  readonly sources: readonly Source[];
  readonly provenances: ReadonlyMap<string, Uint8Array | undefined>;
  readonly inputs: readonly Input[];
  readonly parameters: JsonObject;
}

export async function planSourcePolicy(options: SourcePolicyOptions): Promise<Planned> {
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
  const provenances = new Map<string, Uint8Array | undefined>();
  const at = (path: string): string => {
    reading(path);
    return path;
  };
  const add = async (source: Source): Promise<void> => {
    sources.push(source);
    inputs.push({ name: labelOf(source), digest: { sha256: source.actual } });
    if (source.provenance === undefined) return;
    const bytes = await readIfThere(disk, at(source.provenance));
    provenances.set(labelOf(source), bytes);
    const name = `provenance of ${labelOf(source)}`;
    inputs.push(bytes === undefined ? { name, absent: true } : { name, digest: { sha256: sha256(bytes) } });
  };
  if (base !== undefined) {
    const files = await digestTree(disk, at(base.dir), (path) => path !== SIGNATURE_FILE);
    await add({ ...base, kind: 'base', actual: digestDirectory(files) });
  }
  for (const feed of feeds) {
    const said = await digestFile(disk, at(`${feed.dir}/feed.json`));
    await add({ ...feed, kind: 'feed', actual: await digestFile(disk, at(`${feed.dir}/rows.jsonl`)) });
    inputs.push({ name: `feed.json of ${labelOf({ kind: 'feed', name: feed.name })}`, digest: { sha256: said } });
  }
  const parameters = parametersOf(options, sources);
  inputs.push({ name: POLICY_INPUT, digest: { sha256: digestJson(parameters) } });
  return { sources, provenances, inputs, parameters };
}

async function readIfThere(disk: Disk, path: string): Promise<Uint8Array | undefined> {
  return (await disk.stat(path)) === undefined ? undefined : disk.read(path, MAX_ENVELOPE_BYTES);
}

function parametersOf({ allowed, believed, seen }: SourcePolicyOptions, sources: readonly Source[]): JsonObject {
  const described = sources.map((source) => {
    const { kind, name, origin, digest, actual, replaces } = source;
    const entry = originProblem(origin) === undefined ? allowedFor(origin, allowed) : undefined;
    const signer = principalOf(entry?.signer, believed);
    const conflict = conflictOf({ kind, name, digest: actual, signer, replaces }, seen);
    return {
      kind,
      name,
      origin,
      digest: digest ?? null,
      signer: signer ?? null,
      replaces: replaces ?? null,
      conflict: conflict?.statement ?? null,
    };
  });
  return {
    allowed: allowed.map(({ origin, signer }) => ({ origin, signer: signer === undefined ? null : { ...signer } })),
    sources: described,
    attesters: attestersOf(allowed, believed),
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
  const { sources, provenances } = material;
  const provenanceOf = (source: Source): Uint8Array | undefined => provenances.get(labelOf(source));
  const answers = sources.map((source) => judgeSource(source, { ...options, provenanceOf }));
  const findings = answers.flatMap((answer) => answer.findings);
  const [undecided] = answers.flatMap((answer) => answer.undecided);
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
      notExamined: answers.flatMap(({ undecided: open }, at) =>
        open.map(({ message }) => ({ what: labelOf(sources[at] ?? { kind: 'base', name: '' }), why: message })),
      ),
    },
  };
}
