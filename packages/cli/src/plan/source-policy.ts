// Hands the declared sources of a version to `source.policy`, with what the ledger recorded about their names before.
import type { Planned, Subject } from '@vallum/core';
import { assertRealFolders, kindOf, parent, VallumError } from '@vallum/core';
import type { Dataset } from '@vallum/data';
import type { AllowedOrigin, BaseModel, LostRecord, SeenSource, SourceFeed, SourcePin } from '@vallum/model';
import { allowedProblem, ATTEST_ROLE, planSourcePolicy, PROVENANCE_TYPE, readSeenSources } from '@vallum/model';
import type { LedgerStatement } from '@vallum/policy';
import { collectRevocations, readEvidence } from '@vallum/policy';
import type { Declaration, VersionDeclaration } from '../project/declaration.js';
import type { Recorded } from '../project/log.js';
import type { Session } from '../project/session.js';
import { trustOf } from '../project/session.js';
import { believedIn } from './believed.js';

const KIND = 'source.policy';

export interface SourceParts {
  readonly declared: VersionDeclaration;
  readonly dataset: Dataset;
  readonly subject: Subject;
  readonly recorded: Pick<Recorded, 'statements' | 'unreadable'>;
}

/** None where vallum.yaml declares no sources. @throws VallumError `PROJECT_KEY` for an allowed origin that is not plain */
export async function planSourcesOf(session: Session, parts: SourceParts): Promise<readonly Planned[]> {
  const { disk, paths, declaration } = session;
  const { declared, dataset, subject, recorded } = parts;
  const { statements } = recorded;
  const { sources } = declaration;
  if (sources === undefined) return [];
  refuseOdd(sources.allowed);
  const base = baseOf(paths.root, declared);
  const feeds = dataset.feeds.map(({ name, path, source, table }): SourceFeed => ({
    ...pinOf(paths.root, sources.feeds[name] ?? {}),
    name,
    dir: path,
    ...(table === undefined ? {} : { rows: table.file }),
    origin: source,
  }));
  try {
    await assertRealFolders(disk, paths.root, foldersOf(declaration, declared));
  } catch (error) {
    if (!(error instanceof VallumError)) throw error;
    return [{ kind: KIND, blocked: { code: error.code, message: error.message, file: 'vallum.yaml' } }];
  }
  return [
    await planSourcePolicy({
      disk,
      subject,
      allowed: sources.allowed as readonly AllowedOrigin[],
      ...(base === undefined ? {} : { base }),
      feeds,
      believed: believedIn(session, statements),
      seen: seenIn(session, statements),
      lost: lostIn(session, recorded),
    }),
  ];
}

/** An allowed origin that is not plain, or is there twice, would not admit what its reader thinks. */
function refuseOdd(allowed: readonly { readonly origin: string }[]): void {
  const odd = allowedProblem(allowed);
  if (odd === undefined) return;
  const key = `sources.allowed.${odd.at}.origin`;
  throw new VallumError('PROJECT_KEY', `vallum.yaml: the key ${JSON.stringify(key)}: ${odd.problem}`, {
    fix: 'see docs/provenance.md',
  });
}

/** The base model as `vallum.yaml` declares it for a version. */
export function baseOf(root: string, { base }: VersionDeclaration): BaseModel | undefined {
  if (base === undefined) return undefined;
  const { name, path, origin, attested } = base;
  const only = attested === undefined ? {} : { attested };
  return { ...pinOf(root, base), ...only, name, dir: `${root}/${path}`, origin };
}

type DeclaredPin = NonNullable<Declaration['sources']>['feeds'][string];

function pinOf(root: string, { digest, provenance, replaces }: DeclaredPin): SourcePin {
  return {
    ...(digest === undefined ? {} : { digest }),
    ...(provenance === undefined ? {} : { provenance: `${root}/${provenance}` }),
    ...(replaces === undefined ? {} : { replaces }),
  } as SourcePin;
}

/** Whatever is read below the project: none of it may be reached through a link. */
function foldersOf({ sources }: Declaration, { base }: VersionDeclaration): readonly string[] {
  const files = [base, ...Object.values(sources?.feeds ?? {})].flatMap((pin) => pin?.provenance ?? []);
  return [...(base === undefined ? [] : [base.path]), ...files.map((file) => parent(file))];
}

/** What passing statements by a key that may say it recorded, in the order of the ledger. */
function seenIn(session: Session, statements: readonly LedgerStatement[]): readonly SeenSource[] {
  const trust = trustOf(session);
  const role = session.kinds.get(KIND)?.role ?? '';
  const revocations = collectRevocations(statements, trust);
  const inOrder = [...statements].sort((a, b) => a.index - b.index);
  return inOrder.flatMap((entry) => {
    if (kindOf(entry.statement.predicateType) !== KIND || revocations.ofStatement(entry) !== undefined) return [];
    const evidence = readEvidence(entry.statement.predicate);
    if (evidence?.predicate.outcome !== 'pass') return [];
    if (trust.may(entry.keyid, role, evidence.finishedAt) === undefined) return [];
    return readSeenSources(evidence.predicate.parameters, entry.id);
  });
}

/**
 * Entries without their envelope that may have recorded a name, by a key that may ever have held the role. A run that did
 * not pass recorded nothing; what was revoked records nothing any more, which is the way out once a person has looked.
 */
function lostIn(session: Session, { statements, unreadable }: SourceParts['recorded']): readonly LostRecord[] {
  const trust = trustOf(session);
  const revocations = collectRevocations(statements, trust);
  const role = session.kinds.get(KIND)?.role ?? '';
  return unreadable.flatMap(({ index, id, keyid, type, outcome }): readonly LostRecord[] => {
    if ((revocations.ofId(id) ?? revocations.ofKey(keyid)) !== undefined) return [];
    if (type === PROVENANCE_TYPE && trust.mayHaveHeld(keyid, ATTEST_ROLE)) return [{ index, id, what: 'provenance' }];
    const isRecord = kindOf(type) === KIND && outcome === 'pass' && trust.mayHaveHeld(keyid, role);
    return isRecord ? [{ index, id, what: KIND }] : [];
  });
}
