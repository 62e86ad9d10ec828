// Which CI jobs a principal is: issuer, subject, workflow and branch, compared exactly. There are no expressions: one star,
// for all that follows a colon or a slash in the subject, behind a whole repository: an owner alone would be all that is ever
// put under it. The subject is always asked for, because anybody may call a public reusable workflow.
import type { JsonValue } from '@vallum/core';
import { durationMs, parseTime, VallumError } from '@vallum/core';
import { fieldsOf, listOf, textOf, timeOf } from '../fields.js';
import { distrust } from '../refusal.js';
import { mayBeOfJob, ROLE_NAMES_OF_JOBS } from '../roles.js';
import type { CiIdentity, Dialect } from './claims.js';
import { fullRef, namesDoubtfulBranch, namesRepository, refOfJob, splitWorkflow } from './claims.js';
import type { Issuer } from './issuer.js';

export interface IdentityPattern {
  readonly issuer: string;
  /** The claim `sub`, or its beginning and `*`. */
  readonly subject: string;
  /** Path of the workflow file; with `@REF` the ref that it is taken from has to be this one too. */
  readonly workflow?: string;
  /** Without `refs/heads/`, or a full reference. */
  readonly branch?: string;
  readonly roles: readonly string[];
  /** How long a key counts from the token's issue on, instead of the token's own end; at most 24 hours (ISO 8601). */
  readonly lifetime?: string;
  /** First and last instant at which jobs count, UTC. */
  readonly notBefore: string;
  readonly notAfter: string;
}

const MAX_PATTERNS = 50;
const MAX_ROLES = 100;
export const MAX_LIFETIME_MS = 24 * 3600 * 1000;
const REQUIRED = ['issuer', 'subject', 'roles', 'notBefore', 'notAfter'];
const OPTIONAL = ['workflow', 'branch', 'lifetime'];

/** @throws VallumError `TRUST_FORMAT`, `TRUST_ROLE`, `TRUST_WINDOW`, `IDENTITY_PATTERN` */
export function readPatterns(
  json: JsonValue | undefined,
  owner: string,
  issuers: readonly Issuer[],
): readonly IdentityPattern[] {
  return listOf(json, `the identities of ${owner}`, MAX_PATTERNS).map((entry) => {
    const where = `an identity of ${owner}`;
    const fields = fieldsOf(entry, where, REQUIRED, OPTIONAL);
    const issuer = textOf(fields['issuer'], `the issuer of ${where}`, 300);
    const pinned = issuers.find((one) => one.issuer === issuer);
    if (pinned === undefined)
      throw distrust(
        'IDENTITY_ISSUER',
        `${where} names the issuer ${issuer}, which is not pinned`,
        'add the issuer first',
      );
    const subject = textOf(fields['subject'], `the subject of ${where}`, 500);
    checkSubject(subject, pinned.claims, where);
    const optional = (name: string): object =>
      fields[name] === undefined ? {} : { [name]: textOf(fields[name], `the ${name} of ${where}`, 500) };
    const notBefore = timeOf(fields['notBefore'], `the start of ${where}`);
    const notAfter = timeOf(fields['notAfter'], `the end of ${where}`);
    if (parseTime(notBefore) > parseTime(notAfter))
      throw distrust('TRUST_WINDOW', `${where} ends before it starts`, 'give notBefore a date before notAfter');
    const pattern: IdentityPattern = {
      issuer,
      subject,
      ...optional('workflow'),
      ...optional('branch'),
      ...optional('lifetime'),
      roles: rolesOf(fields['roles'], owner),
      notBefore,
      notAfter,
    };
    checkWorkflow(pattern.workflow, where);
    checkLifetime(pattern.lifetime, where);
    return pattern;
  });
}

function rolesOf(json: JsonValue | undefined, owner: string): readonly string[] {
  return listOf(json, `the roles of ${owner}`, MAX_ROLES).map((entry) => {
    const role = textOf(entry, `a role of ${owner}`, 100);
    if (mayBeOfJob(role)) return role;
    throw distrust(
      'TRUST_ROLE',
      `${JSON.stringify(role)}, given to the CI identity ${owner}, is not a role of a job`,
      `a job may hold ${ROLE_NAMES_OF_JOBS}`,
    );
  });
}

/** A whole subject, or its beginning up to `:*` or `/*`; both name one repository, in the form of a CI system. */
export function isSubjectPattern(subject: string, dialect?: Dialect): boolean {
  const star = subject.indexOf('*');
  const isWhole = star === -1;
  if (!isWhole && (star !== subject.length - 1 || !/[:/]\*$/.test(subject))) return false;
  return namesRepository(isWhole ? subject : subject.slice(0, -1), dialect);
}

/** What to do about a subject that is no pattern. */
export const SUBJECT_FIX =
  'name one repository, whole or up to ":*" or "/*" behind it: repo:OWNER/NAME:* of GitHub, project_path:GROUP/NAME:* of GitLab';

function checkSubject(subject: string, dialect: Dialect, where: string): void {
  if (isSubjectPattern(subject, dialect)) return;
  const problem = `the subject ${JSON.stringify(subject)} of ${where} does not name one repository as ${dialect} writes it`;
  throw distrust('IDENTITY_PATTERN', problem, SUBJECT_FIX);
}

function checkWorkflow(workflow: string | undefined, where: string): void {
  if (workflow === undefined || !workflow.includes('@') || splitWorkflow(workflow).workflow !== undefined) return;
  throw distrust(
    'IDENTITY_PATTERN',
    `the workflow ${JSON.stringify(workflow)} of ${where} is no path and ref`,
    'write OWNER/REPOSITORY/PATH, or OWNER/REPOSITORY/PATH@refs/heads/main',
  );
}

function checkLifetime(lifetime: string | undefined, where: string): void {
  if (lifetime === undefined) return;
  try {
    const length = durationMs(lifetime);
    if (length > 0 && length <= MAX_LIFETIME_MS) return;
  } catch (error) {
    if (!(error instanceof VallumError)) throw error;
  }
  throw distrust(
    'IDENTITY_LIFETIME',
    `the lifetime ${JSON.stringify(lifetime)} of ${where} is not between a second and 24 hours`,
    'write it like PT2H',
  );
}

/** What of a job differs from a pattern, in words; empty when it is this principal's. */
export function differences(pattern: IdentityPattern, identity: CiIdentity): readonly string[] {
  const found: string[] = [];
  const compare = (name: string, is: string | undefined, wanted: string | undefined): void => {
    if (wanted === undefined || is === wanted) return;
    found.push(`its ${name} is ${is === undefined ? 'not told' : JSON.stringify(is)}, not ${JSON.stringify(wanted)}`);
  };
  compare('issuer', identity.issuer, pattern.issuer);
  if (!hasSubject(pattern.subject, identity.subject)) compare('subject', identity.subject, pattern.subject);
  const { workflow: path = pattern.workflow, workflowRef } = splitWorkflow(pattern.workflow ?? '');
  compare('workflow', identity.workflow, path);
  compare('workflow ref', identity.workflowRef, workflowRef);
  const ref = refOfJob(identity);
  compare('branch', ref, pattern.branch === undefined ? undefined : fullRef(pattern.branch));
  if (pattern.branch === undefined && ref === undefined && namesDoubtfulBranch(pattern.subject))
    found.push('its subject names a branch, but it did not run on one: merge requests have the same subject');
  return found;
}

/** A star stands for at least one character, after the colon or slash that is part of the beginning. */
export function hasSubject(pattern: string, subject: string): boolean {
  if (!pattern.endsWith('*')) return subject === pattern;
  const beginning = pattern.slice(0, -1);
  return subject.startsWith(beginning) && subject.length > beginning.length;
}
