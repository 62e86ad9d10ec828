// Control `data.encryption`: whatever a version is made of is sealed, with the bytes that are there now, under a key that is
// active; files and ledger agree; nothing else lies in the vault. It has no key, so it judges structure, key ids, commitments
// and what the ledger recorded; that each chunk is genuine is seen when an object is opened. Whoever owns the storage is the
// attacker: headers are compared with the ledger, never believed.
import type { ControlResult, Disk, Finding, Input, Planned, Sha256 } from '@vallum/core';
import { digestDirectory, digestJson, digestTree, messageOf, VallumError } from '@vallum/core';
import type { ProviderStatus } from '../keys/provider.js';
import type { ObjectKind } from '../store/object-name.js';
import { headerName } from '../store/object-name.js';
import type { StoredObject, Survey } from '../store/survey.js';
import { surveyVault } from '../store/survey.js';
import type { VaultLog } from '../store/vault-log.js';
import { finding, GATE, outcomeOf, RULES_DIGEST } from './findings.js';

const KIND = 'data.encryption';

/** A feed or model that vallum.yaml declares, and its plaintext where somebody works with it. */
export interface DeclaredContent {
  readonly kind: ObjectKind;
  readonly name: string;
  /** Absolute. */
  readonly path: string;
  readonly detached: readonly string[];
}

export interface DataEncryptionOptions {
  readonly disk: Disk;
  readonly project: string;
  /** Folder of the vault. */
  readonly vault: string;
  readonly declared: readonly DeclaredContent[];
  readonly log: VaultLog;
  /** Why nobody could say which keys there are, else their ids. */
  readonly keys: ProviderStatus | { readonly unreadable: string };
}

interface Content extends DeclaredContent {
  /** Absent where there is no plaintext. */
  readonly digest?: Sha256;
}

export async function planDataEncryption(options: DataEncryptionOptions): Promise<Planned> {
  const { disk, project, vault, declared, keys } = options;
  try {
    const contents: Content[] = [];
    for (const content of declared) contents.push({ ...content, ...(await digestAt(disk, content)) });
    const state = stateOf(await surveyVault(disk, vault), options);
    return {
      kind: KIND,
      version: '1',
      rules: RULES_DIGEST,
      subject: { name: `${project}-vault`, digest: { sha256: state } },
      inputs: contents.map(inputOf),
      parameters: { gate: GATE, declared: contents.map(labelOf) },
      run: async () => {
        const survey = await surveyVault(disk, vault);
        if (stateOf(survey, options) !== state)
          throw new VallumError('VAULT_CHANGED', 'the vault changed while it was looked at', {
            fix: 'run again when nobody seals or rotates',
          });
        if ('unreadable' in keys) return blind(keys.unreadable, survey);
        return judge(options, contents, survey, keys);
      },
    };
  } catch (error) {
    if (!(error instanceof VallumError)) throw error;
    return { kind: KIND, blocked: { code: error.code, message: messageOf(error), file: vault } };
  }
}

async function digestAt(disk: Disk, { path, detached }: DeclaredContent): Promise<{ readonly digest?: Sha256 }> {
  if ((await disk.stat(path)) === undefined) return {};
  return { digest: digestDirectory(await digestTree(disk, path, (name) => !detached.includes(name))) };
}

/** Everything that decides the outcome but the plaintext: files, keys, and what the ledger says about each object. */
function stateOf({ objects, broken, strange }: Survey, { keys, log }: DataEncryptionOptions): Sha256 {
  return digestJson({
    keys: 'unreadable' in keys ? null : { active: keys.active, retired: [...keys.retired] },
    objects: objects.map((one) => ({ ...one })),
    recorded: log.ids.map((id) => ({
      id,
      shredded: log.object(id)?.shredded !== undefined,
      revoked: log.object(id)?.revoked !== undefined,
    })),
    retired: [...log.retiredKeys],
    broken: broken.map(({ file, code }) => ({ file, code })),
    strange: [...strange],
  });
}

function labelOf({ kind, name }: DeclaredContent): string {
  return `${kind}/${name}`;
}

function inputOf(content: Content): Input {
  const name = labelOf(content);
  return content.digest === undefined ? { name, absent: true } : { name, digest: { sha256: content.digest } };
}

/** Which keys are active is the question; without an answer there is none. */
function blind(message: string, { objects }: Survey): ControlResult {
  return {
    outcome: 'inconclusive',
    reason: { code: 'keys-unreadable', message: `nobody here can say which keys are active: ${message}` },
    findings: [],
    metrics: [],
    coverage: { examined: { files: objects.length * 2 }, notExamined: [{ what: 'the ids of the keys', why: message }] },
  };
}

function judge(
  { project, log }: DataEncryptionOptions,
  contents: readonly Content[],
  { objects, broken, strange }: Survey,
  keys: ProviderStatus,
): ControlResult {
  const good = new Map<string, StoredObject>();
  const findings: Finding[] = [
    ...broken.map(({ file, message }) => finding('VLM-VLT-002', message, { file })),
    ...strange.map((file) =>
      finding('VLM-VLT-006', `the vault holds ${JSON.stringify(file)}, which is no sealed object`, { file }),
    ),
  ];
  for (const object of objects) {
    const found = faultOf(object, log, keys);
    if (found !== undefined) findings.push(found);
    else if (object.kek !== undefined) good.set(object.id, object);
  }
  const unsealed = contents.flatMap((content) => notSealed(project, content, log, good));
  const copies = contents.filter(({ digest }) => digest !== undefined);
  findings.push(
    ...unsealed,
    ...copies.map((one) =>
      finding('VLM-VLT-007', `${labelOf(one)} also lies as plaintext outside the vault`, { file: one.name }),
    ),
  );
  return {
    outcome: outcomeOf(findings),
    findings,
    metrics: [
      { id: 'sealed-objects', value: good.size, unit: 'objects' },
      { id: 'unsealed-contents', value: unsealed.length, unit: 'contents' },
      { id: 'plaintext-copies', value: copies.length, unit: 'contents' },
    ],
    coverage: {
      examined: { files: objects.length * 2, bytes: objects.reduce((sum, { bytes }) => sum + bytes, 0) },
      notExamined: [],
    },
  };
}

function faultOf(object: StoredObject, log: VaultLog, { active }: ProviderStatus): Finding | undefined {
  const { id, kek } = object;
  const file = `${id}.sealed`;
  const recorded = log.object(id);
  const what = headerName(object);
  if (recorded === undefined)
    return finding('VLM-VLT-004', `nobody with the role recorded that ${what} was sealed`, { file });
  const { subject, commitment } = recorded.sealed;
  if (recorded.shredded !== undefined)
    return kek === undefined
      ? undefined
      : finding('VLM-VLT-005', `${what} was shredded, and its key file is there again`, { file });
  if (subject.name !== what || subject.digest.sha256 !== object.digest || commitment !== object.commitment)
    return finding('VLM-VLT-004', `${what} is not what the ledger says was sealed as ${id}`, { file });
  if (recorded.revoked !== undefined)
    return finding('VLM-VLT-004', `the record of ${what} does not count any more: ${recorded.revoked}`, { file });
  if (kek === undefined) return finding('VLM-VLT-002', `${what} has no key file, and nobody shredded it`, { file });
  if (log.retiredKeys.has(kek))
    return finding('VLM-VLT-003', `${what} is wrapped by ${kek}, which the ledger says was rotated away`, { file });
  if (kek === active) return undefined;
  return finding('VLM-VLT-003', `${what} is wrapped by ${kek}, which is not the active key`, { file });
}

/** Sealed, and as the bytes are now where they are at hand. */
function notSealed(
  project: string,
  content: Content,
  log: VaultLog,
  good: ReadonlyMap<string, StoredObject>,
): readonly Finding[] {
  const { kind, name, digest } = content;
  const sealed = log.living(headerName({ project, kind, name })).flatMap((id) => good.get(id) ?? []);
  if (sealed.length === 0)
    return [finding('VLM-VLT-001', `${labelOf(content)} is not sealed in the vault`, { file: name })];
  if (digest === undefined || sealed.some((object) => object.digest === digest)) return [];
  return [finding('VLM-VLT-001', `${labelOf(content)} was changed after it was sealed`, { file: name })];
}
