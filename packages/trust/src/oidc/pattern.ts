// Which CI jobs a principal is: issuer, subject, workflow and branch, compared exactly. There are no expressions: one star,
// for all that follows a colon or a slash in the subject, and never before an owner and a name (`repo:*` would be everybody
// on the host). The subject is always asked for, because anybody may call a public reusable workflow.
import type { JsonValue } from '@vallum/core';
import { durationMs, parseTime, VallumError } from '@vallum/core';
import { fieldsOf, listOf, textOf, timeOf } from '../fields.js';
import { distrust } from '../refusal.js';
import { mayBeOfJob, ROLE_NAMES_OF_JOBS } from '../roles.js';
import type { CiIdentity } from './claims.js';
import { splitWorkflow } from './claims.js';
import type { Issuer } from './issuer.js';

export interface IdentityPattern {
  readonly issuer: string;
  /** The claim `sub`, or its beginning and `*`. */
  readonly subject: string;
  /** Path of the workflow file; with `@REF` the ref that it is taken from has to be this one too. */
  readonly workflow?: string;
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
    if (!issuers.some((one) => one.issuer === issuer))
      throw distrust(
        'IDENTITY_ISSUER',
        `${where} names the issuer ${issuer}, which is not pinned`,
        'add the issuer first',
      );
    const subject = textOf(fields['subject'], `the subject of ${where}`, 500);
    checkSubject(subject, where);
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

/** A whole subject, or its beginning up to `:*` or `/*`, after an owner and a name. */
export function isSubjectPattern(subject: string): boolean {
  const star = subject.indexOf('*');
  if (star === -1) return subject !== '';
  const isLast = star === subject.length - 1 && /[:/]\*$/.test(subject);
  return isLast && subject.slice(0, -2).split(/[:/]/).filter(Boolean).length >= 2;
}

function checkSubject(subject: string, where: string): void {
  if (isSubjectPattern(subject)) return;
  throw distrust(
    'IDENTITY_PATTERN',
    `the subject ${JSON.stringify(subject)} of ${where} is no pattern`,
    'write the whole subject, or end it with ":*" or "/*" after an owner, as in repo:acme/spam-filter:*',
  );
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
  compare('branch', identity.branch, pattern.branch);
  return found;
}

/** A star stands for at least one character, after the colon or slash that is part of the beginning. */
export function hasSubject(pattern: string, subject: string): boolean {
  if (!pattern.endsWith('*')) return subject === pattern;
  const beginning = pattern.slice(0, -1);
  return subject.startsWith(beginning) && subject.length > beginning.length;
}
