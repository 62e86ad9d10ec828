// Who a token speaks about, in one form for all CI systems. Which claim holds what stands in dialects.json. The attacker may
// name branches and files: a text that can be split in two ways is no workflow, and a tag or a pull request is no branch.
// GitLab gives the job of a merge request the name of the branch that is to be merged, which a fork may call `main`: what
// started the pipeline decides whether the branch counts.
// Claims: docs.github.com "OpenID Connect reference", docs.gitlab.com "ID token payload".
import type { JsonObject, JsonValue } from '@vallum/core';
import { textOf } from '../fields.js';
import dialects from './dialects.json' with { type: 'json' };

export type Dialect = keyof typeof dialects;

interface Form {
  /** Claims, the first that is there counts. */
  readonly workflow: readonly string[];
  readonly ref: string;
  readonly refForm: string;
  readonly refType: string;
  /** How a subject begins that names one repository. */
  readonly repository: string;
  /** What starts a run of a branch; nothing else does. In a child pipeline only protection tells a branch from a merge request. */
  readonly run?: {
    readonly source: string;
    readonly ofBranch: readonly string[];
    readonly ofProtectedBranch: readonly string[];
    readonly protected: string;
  };
  /** How a subject names a branch where a merge request writes the same. */
  readonly branchInSubject?: string;
}

const FORMS: Readonly<Record<Dialect, Form>> = dialects;

/** What a CI system says about a job. */
export interface CiIdentity {
  readonly issuer: string;
  readonly subject: string;
  /** Path of the workflow file, with its repository, without its ref. */
  readonly workflow?: string;
  /** The ref that the workflow file was taken from, such as `refs/heads/main`. */
  readonly workflowRef?: string;
  readonly branch?: string;
}

const MAX_CLAIM = 2048;

export const DIALECT_NAMES = Object.keys(dialects).join(', ');

export function isDialect(value: JsonValue | undefined): value is Dialect {
  return typeof value === 'string' && Object.hasOwn(dialects, value);
}

/** @throws VallumError `TRUST_FORMAT` for a claim with control characters or of another type */
export function identityOfClaims(claims: JsonObject, issuer: string, dialect: Dialect): CiIdentity {
  const form = FORMS[dialect];
  const text: Claim = (name) =>
    claims[name] === undefined || claims[name] === null || claims[name] === ''
      ? undefined
      : textOf(claims[name], `the claim ${name}`, MAX_CLAIM);
  const named = form.workflow.map(text).find((value) => value !== undefined);
  const workflow = named === undefined ? {} : splitWorkflow(named);
  const branch = branchOf(text, form, workflow.workflowRef);
  return {
    issuer,
    subject: textOf(claims['sub'], 'the claim sub', MAX_CLAIM),
    ...workflow,
    ...(branch === undefined ? {} : { branch }),
  };
}

type Claim = (name: string) => string | undefined;

function branchOf(text: Claim, { ref, refForm, refType, run }: Form, workflowRef?: string): string | undefined {
  const name = text(ref);
  if (name === undefined || text(refType) !== 'branch') return undefined;
  if (refForm === 'full') return /^refs\/heads\/(.+)$/.exec(name)?.[1];
  if (run !== undefined && !isRunOfBranch(text, run)) return undefined;
  // The workflow is that of the run itself: of another ref, this is no run of the branch.
  return workflowRef === undefined || workflowRef === `refs/heads/${name}` ? name : undefined;
}

function isRunOfBranch(text: Claim, run: NonNullable<Form['run']>): boolean {
  const source = text(run.source) ?? '';
  return run.ofBranch.includes(source) || (run.ofProtectedBranch.includes(source) && text(run.protected) === 'true');
}

/** True when a subject, or its beginning, names one repository in this form, or in any. */
export function namesRepository(subject: string, dialect?: Dialect): boolean {
  const forms = dialect === undefined ? Object.values(FORMS) : [FORMS[dialect]];
  return forms.some(({ repository }) => new RegExp(repository).test(subject));
}

/** True when a subject names a branch, and a merge request of a branch of that name has the same subject. */
export function namesDoubtfulBranch(subject: string): boolean {
  return Object.values(FORMS).some(
    ({ branchInSubject }) => branchInSubject !== undefined && subject.includes(branchInSubject),
  );
}

/** `PATH@REF`. Files and branches may have `@` in their names: with more than one of them nobody knows which is which. */
export function splitWorkflow(text: string): Pick<CiIdentity, 'workflow' | 'workflowRef'> {
  const [workflow = '', workflowRef = '', ...more] = text.split('@');
  return workflow === '' || workflowRef === '' || more.length > 0 ? {} : { workflow, workflowRef };
}

/** The full reference that a person means by a branch: `main` is `refs/heads/main`; a full reference is itself. */
export function fullRef(branch: string): string {
  return branch.startsWith('refs/') ? branch : `refs/heads/${branch}`;
}

/** The same branch as people write it, the shortest text that `fullRef` reads back. */
export function shortRef(branch: string): string {
  const short = fullRef(branch).replace(/^refs\/heads\//, '');
  return fullRef(short) === fullRef(branch) ? short : fullRef(branch);
}

/** The full reference of the branch that a job ran on, from its token. */
export function refOfJob({ branch }: CiIdentity): string | undefined {
  return branch === undefined ? undefined : `refs/heads/${branch}`;
}
