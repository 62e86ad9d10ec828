// Hands the captured environment of a version to `dep.scan` and the project's folder to `secret.scan`: where vallum.yaml
// declares them, or where the policy in force asks for their kind.
import type { Planned } from '@vallum/core';
import { assertRealFolders, messageOf, parent, VallumError } from '@vallum/core';
import { readRowsFile } from '@vallum/data';
import { planDepScan, planSecretScan } from '@vallum/model';
import type { VersionDeclaration } from '../project/declaration.js';
import { loadRules } from '../project/rules.js';
import type { Session } from '../project/session.js';

const DEPENDENCIES = 'dep.scan';
const SECRETS = 'secret.scan';

export async function planScansOf(
  session: Session,
  version: string,
  declared: VersionDeclaration,
): Promise<readonly Planned[]> {
  const required = await requiredKinds(session);
  const { secrets } = session.declaration;
  return [
    ...(declared.environment !== undefined || required.has(DEPENDENCIES)
      ? [await dependencies(session, version, declared)]
      : []),
    ...(secrets !== undefined || required.has(SECRETS) ? [await secretsOf(session)] : []),
  ];
}

/** Empty where the policy cannot be read: whoever judges says why. */
export async function requiredKinds(session: Session): Promise<ReadonlySet<string>> {
  try {
    return new Set((await loadRules(session)).requirements.map(({ kind }) => kind));
  } catch (error) {
    if (!(error instanceof VallumError)) throw error;
    return new Set();
  }
}

async function dependencies(session: Session, version: string, declared: VersionDeclaration): Promise<Planned> {
  const { disk, paths, declaration } = session;
  const { advisories, project } = declaration;
  const { environment } = declared;
  if (environment === undefined)
    return blocked(DEPENDENCIES, 'environment-undeclared', `vallum.yaml declares no environment for ${version}`);
  const captures = typeof environment === 'string' ? [environment] : environment;
  try {
    await assertRealFolders(
      disk,
      paths.root,
      [...captures, ...(advisories === undefined ? [] : [advisories])].map(folderOf),
    );
  } catch (error) {
    if (!(error instanceof VallumError)) throw error;
    return blocked(DEPENDENCIES, error.code, messageOf(error));
  }
  return planDepScan({
    disk,
    root: paths.root,
    environment: captures,
    ...(advisories === undefined ? {} : { advisories }),
    subjectName: `${project}-environment@${version}`,
  });
}

/** `parent` of a path without a folder is `.`, which is the project itself. */
function folderOf(path: string): string {
  return parent(path.replace(/\/+$/, ''));
}

/** The rows of a feed are what `data.pii_scan` speaks about. */
async function secretsOf({ disk, paths, declaration, clock }: Session): Promise<Planned> {
  const outOfScope: string[] = [];
  for (const folder of Object.values(declaration.feeds)) {
    const path = folder.replace(/\/+$/, '');
    outOfScope.push(`${path}/${await readRowsFile(disk, `${paths.root}/${path}`)}`);
  }
  return planSecretScan({
    disk,
    root: paths.root,
    outOfScope: outOfScope.sort(),
    allowed: declaration.secrets?.allowed ?? [],
    today: clock().toISOString().slice(0, 10),
    subjectName: `${declaration.project}-repository`,
  });
}

function blocked(kind: string, code: string, message: string): Planned {
  return { kind, blocked: { code, message, file: 'vallum.yaml' } };
}
