// SLSA provenance v1 as GitHub's artifact attestations and npm write it. The statement is made inside the build, by whoever
// may change the workflow; the certificate beside it is made outside, from the token. So workflow, branch and commit are
// those of the certificate, and a statement that says otherwise is refused. External parameters have to be understood
// whole (slsa.dev/spec/v1.0/verifying-artifacts): any other build type or parameter proves nothing here.
import type { JsonObject, JsonValue } from '@vallum/core';
import { isSha256, parseJsonStrict, STATEMENT_TYPE } from '@vallum/core';
import type { CertificateFields } from '@vallum/formats';
import { MAX_ENVELOPE_BYTES } from '@vallum/trust';
import { buildOf } from '../sign/identity/build.js';
import type { PinProblem, Stated } from './answer.js';
import { commitOf, isUnset, knownOnly, listOf, malformed, objectOf, textOf } from './fields.js';
import known from './github-builds.json' with { type: 'json' };
import { PROVENANCE_TYPE } from './slsa.js';

const MAX_SUBJECTS = 1000;
const MAX_DEPENDENCIES = 1000;

export interface GithubBuild {
  readonly subjects: readonly { readonly name: string; readonly digest: JsonObject }[];
  readonly builder: string;
  /** URL of the repository, path in it, and full reference, as the statement says. */
  readonly workflow: { readonly repository: string; readonly path: string; readonly ref: string };
  readonly commits: readonly string[];
}

/** @throws VallumError `PROVENANCE_INVALID` or `JSON_INVALID` */
export function readGithubBuild(payload: Uint8Array): GithubBuild {
  const statement = objectOf(parseJsonStrict(payload, { maxBytes: MAX_ENVELOPE_BYTES }), 'the payload');
  if (statement['_type'] !== STATEMENT_TYPE) throw malformed('the payload', `is not an ${STATEMENT_TYPE}`);
  if (statement['predicateType'] !== PROVENANCE_TYPE) throw malformed('the statement', 'is no SLSA provenance v1');
  const predicate = objectOf(statement['predicate'], 'the predicate');
  const definition = objectOf(predicate['buildDefinition'], 'buildDefinition');
  const type = textOf(definition['buildType'], 'buildType');
  if (!known.buildTypes.includes(type)) throw malformed('buildType', `is ${type}, which is not known here`);
  const external = knownOnly(definition['externalParameters'], 'externalParameters', ['workflow']);
  const workflow = knownOnly(external['workflow'], 'externalParameters.workflow', ['repository', 'path', 'ref']);
  const text = (name: string): string => textOf(workflow[name], `the ${name} of the workflow`);
  return {
    subjects: listOf(statement['subject'], 'the list of subjects', MAX_SUBJECTS).map(subjectOf),
    builder: textOf(
      objectOf(objectOf(predicate['runDetails'], 'runDetails')['builder'], 'builder')['id'],
      'builder.id',
    ),
    workflow: { repository: text('repository'), path: text('path'), ref: text('ref') },
    commits: commitsOf(definition['resolvedDependencies'], `git+${text('repository')}@`),
  };
}

function subjectOf(json: JsonValue): GithubBuild['subjects'][number] {
  const subject = objectOf(json, 'a subject');
  return {
    name: isUnset(subject['name']) ? '' : textOf(subject['name'], 'the name of a subject'),
    digest: objectOf(subject['digest'], 'the digest of a subject'),
  };
}

/** Of the dependencies that are the repository of the workflow. */
function commitsOf(json: JsonValue | undefined, prefix: string): readonly string[] {
  return listOf(json, 'resolvedDependencies', MAX_DEPENDENCIES).flatMap((entry) => {
    const dependency = objectOf(entry, 'a dependency');
    const { uri } = dependency;
    if (typeof uri !== 'string' || !uri.startsWith(prefix)) return [];
    return [commitOf(objectOf(dependency['digest'], 'the digest of a dependency')['gitCommit'], 'the commit')];
  });
}

/** The statement with workflow, branch and commit from the certificate, and where the two differ. */
export function vouchedFor(
  build: GithubBuild,
  fulcio: CertificateFields['fulcio'],
): { readonly said: Stated; readonly differs: readonly PinProblem[] } {
  const { repository, path, ref } = build.workflow;
  const { workflow, ref: vouchedRef } = buildOf(fulcio);
  const { sourceRepositoryDigest } = fulcio;
  const differs: PinProblem[] = [];
  const compare = (pin: PinProblem['pin'], what: string, is: string, vouched: string | undefined): void => {
    if (is === vouched) return;
    const certificate = vouched === undefined ? `names no ${what}` : `is of the ${what} ${vouched}`;
    differs.push({
      pin,
      message: `the signature is valid, but it says the ${what} ${is}, and its certificate ${certificate}`,
    });
  };
  compare('workflow', 'workflow', `${repository}/${path}`, workflow);
  compare('workflow', 'repository', repository, fulcio.sourceRepositoryUri);
  compare('branch', 'branch', ref, vouchedRef);
  for (const commit of build.commits) compare('workflow', 'commit', commit, sourceRepositoryDigest);
  const digests = build.subjects.flatMap(({ digest }) => (isSha256(digest['sha256']) ? [digest['sha256']] : []));
  return {
    differs,
    said: {
      digests,
      name: build.subjects.map(({ name }) => name).find((name) => name !== '') ?? 'a file without a name',
      builder: build.builder,
      ...(workflow === undefined ? {} : { workflow }),
      ...(vouchedRef === undefined ? {} : { ref: vouchedRef }),
      ...(sourceRepositoryDigest === undefined ? {} : { commit: sourceRepositoryDigest }),
    },
  };
}
