// Who a token speaks about, in one form for all CI systems. Which claim holds what stands in dialects.json. The attacker may
// name branches and files: a text that can be split in two ways is no workflow, and a tag or a pull request is no branch.
// Claims: docs.github.com "OpenID Connect reference", docs.gitlab.com "ID token payload".
import type { JsonObject, JsonValue } from '@vallum/core';
import { textOf } from '../fields.js';
import dialects from './dialects.json' with { type: 'json' };

export type Dialect = keyof typeof dialects;

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
  const { workflow: names, ref, refForm, refType } = dialects[dialect];
  const text = (name: string): string | undefined =>
    claims[name] === undefined || claims[name] === null || claims[name] === ''
      ? undefined
      : textOf(claims[name], `the claim ${name}`, MAX_CLAIM);
  const workflow = names.map(text).find((value) => value !== undefined);
  const branch = text(refType) === 'branch' ? branchOf(text(ref), refForm) : undefined;
  return {
    issuer,
    subject: textOf(claims['sub'], 'the claim sub', MAX_CLAIM),
    ...(workflow === undefined ? {} : splitWorkflow(workflow)),
    ...(branch === undefined ? {} : { branch }),
  };
}

function branchOf(ref: string | undefined, form: string): string | undefined {
  if (ref === undefined || form !== 'full') return ref;
  return /^refs\/heads\/(.+)$/.exec(ref)?.[1];
}

/** `PATH@REF`. Files and branches may have `@` in their names: with more than one of them nobody knows which is which. */
export function splitWorkflow(text: string): Pick<CiIdentity, 'workflow' | 'workflowRef'> {
  const [workflow = '', workflowRef = '', ...more] = text.split('@');
  return workflow === '' || workflowRef === '' || more.length > 0 ? {} : { workflow, workflowRef };
}
