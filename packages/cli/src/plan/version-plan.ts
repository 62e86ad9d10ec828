// Composes the rooms: which controls a model version calls for, bound to the bytes at hand. `check` runs this plan, `gate`
// only compares evidence with it. Rooms never meet; what one needs of another is handed in here.
import type { Blocked, Disk, Planned, Sha256, Subject, TaskIdentity } from '@vallum/core';
import { digestDirectory, digestTree, messageOf, VallumError } from '@vallum/core';
import type { Dataset, RowSource, Unreadable } from '@vallum/data';
import {
  createRowSource,
  isUnreadable,
  openDataset,
  planDataManifest,
  planDataValidation,
  planPiiScan,
  planPoisonScan,
} from '@vallum/data';
import { approvalIdentity, planLineage } from '@vallum/governance';
import { planArtifactScan, planSignatureVerify, signerOf, SIGNATURE_FILE } from '@vallum/model';
import type { LedgerStatement, VerdictSubject } from '@vallum/policy';
import type { VersionDeclaration } from '../project/declaration.js';
import type { Recorded } from '../project/log.js';
import { modelKeysOf } from '../project/model-keys.js';
import type { Session } from '../project/session.js';
import { trustOf } from '../project/session.js';
import { planScansOf } from './environment.js';
import { feedRefs } from './feeds.js';
import { monitorIdentities } from './monitor.js';
import { findPredecessor } from './predecessor.js';
import { planRobustnessOf } from './robustness.js';
import { servedIdentities } from './served.js';
import type { SourceParts } from './source-policy.js';
import { planSourcesOf } from './source-policy.js';
import { planVaultOf } from './vault.js';

export interface VersionPlan {
  readonly subject: VerdictSubject;
  /** What the runner runs. */
  readonly plan: readonly Planned[];
  /** What a verdict is judged against: the plan, and what only people, the running monitor and the gateway can say. */
  readonly judged: readonly (TaskIdentity | Blocked)[];
  /** Principals whose key signed the model. */
  readonly authors: readonly string[];
  readonly pinned?: Sha256;
}

export async function planVersion(
  session: Session,
  version: string,
  recorded: Pick<Recorded, 'statements' | 'unreadable'>,
): Promise<VersionPlan> {
  const { statements } = recorded;
  const { disk, paths, declaration } = session;
  const declared = declaration.versions[version];
  if (declared === undefined) throw new VallumError('TARGET_UNKNOWN', `vallum.yaml declares no version ${version}`);
  const name = `${declaration.project}@${version}`;
  const dir = `${paths.root}/${declared.model}`;
  const subject = await modelSubject(disk, dir, name);
  const source = createRowSource(disk);
  const dataset = await openDataset({
    disk,
    feeds: feedRefs(session, declared.feeds),
    subjectName: `${declaration.project}-data@${version}`,
  });
  const plan = [
    ...(await dataPlan(session, { dataset, source, subject, statements })),
    ...(await modelPlan(session, { dir, declared, dataset, source, subject })),
    ...(await sourcePlan(session, { declared, dataset, subject, recorded })),
    ...(await planScansOf(session, version, declared)),
    ...(await planVaultOf(session, { version, content: declared }, statements)),
  ];
  const authors = 'blocked' in subject ? [] : await authorsOf(session, dir);
  const approval = 'blocked' in subject ? blockedAs('approval.record', subject) : approvalIdentity(subject);
  const watched =
    'blocked' in subject
      ? []
      : [...monitorIdentities(session, subject, statements), ...(await servedIdentities(session, subject))];
  return {
    subject: 'blocked' in subject ? { name } : subject,
    plan,
    judged: [...plan, ...watched, approval],
    authors,
    ...(declared.digest === undefined ? {} : { pinned: declared.digest as Sha256 }),
  };
}

function blockedAs(kind: string, { blocked }: Unreadable): Blocked {
  return { kind, blocked };
}

/** All files of the folder but the signature. */
async function modelSubject(disk: Disk, dir: string, name: string): Promise<Subject | Unreadable> {
  try {
    const files = await digestTree(disk, dir, (path) => path !== SIGNATURE_FILE);
    return { name, digest: { sha256: digestDirectory(files) } };
  } catch (error) {
    if (!(error instanceof VallumError)) throw error;
    return { blocked: { code: error.code, message: messageOf(error), file: dir } };
  }
}

interface DataParts {
  readonly dataset: Dataset | Unreadable;
  readonly source: RowSource;
  readonly subject: Subject | Unreadable;
  readonly statements: readonly LedgerStatement[];
}

async function dataPlan(
  session: Session,
  { dataset, source, subject, statements }: DataParts,
): Promise<readonly Planned[]> {
  const { disk, declaration } = session;
  const approved = declaration.personalData.approved.map(({ class: name, feeds, reason }) => ({
    class: name,
    scope: feeds,
    reason,
  }));
  const current = 'blocked' in subject ? undefined : subject.digest.sha256;
  return [
    await planDataManifest({ disk, dataset }),
    await planDataValidation({ dataset, source, labels: declaration.labels }),
    await planPiiScan({ dataset, source, approved }),
    await planPoisonScan({ dataset, source, predecessor: await findPredecessor(session, statements, current) }),
  ];
}

interface ModelParts {
  readonly dir: string;
  readonly declared: VersionDeclaration;
  readonly dataset: Dataset | Unreadable;
  readonly source: RowSource;
  readonly subject: Subject | Unreadable;
}

const MODEL_KINDS = ['artifact.scan', 'signature.verify', 'robustness.report', 'lineage.graph'] as const;

async function modelPlan(session: Session, parts: ModelParts): Promise<readonly Planned[]> {
  const { dir, dataset, subject } = parts;
  const { disk, clock } = session;
  if ('blocked' in subject) return MODEL_KINDS.map((kind) => blockedAs(kind, subject));
  const name = `${session.declaration.project}-data`;
  return [
    await planArtifactScan({ disk, dir, subject }),
    await planSignatureVerify({ disk, dir, subject, trustedKeys: modelKeysOf(trustOf(session), clock()) }),
    await planRobustnessOf(session, { ...parts, subject }),
    isUnreadable(dataset)
      ? blockedAs('lineage.graph', dataset)
      : await planLineage({ disk, modelDir: dir, subject, dataset: { name, manifest: dataset.manifest } }),
  ];
}

/** Where everything came from; none in a project that declares no sources. */
async function sourcePlan(
  session: Session,
  parts: Pick<ModelParts, 'declared' | 'dataset' | 'subject'> & Pick<SourceParts, 'recorded'>,
): Promise<readonly Planned[]> {
  const { dataset, subject } = parts;
  if (session.declaration.sources === undefined) return [];
  if ('blocked' in subject) return [blockedAs('source.policy', subject)];
  if (isUnreadable(dataset)) return [blockedAs('source.policy', dataset)];
  return planSourcesOf(session, { ...parts, dataset, subject });
}

/** Who signed the bytes, whatever the files are now. */
async function authorsOf(session: Session, dir: string): Promise<readonly string[]> {
  const trust = trustOf(session);
  const keyid = await signerOf({ disk: session.disk, dir, trustedKeys: modelKeysOf(trust, session.clock()) });
  const author = keyid === undefined ? undefined : trust.principalOf(keyid)?.id;
  return author === undefined ? [] : [author];
}
