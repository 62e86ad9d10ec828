// What was revoked by whom, as the ledger tells. A revocation holds whatever its date (a clock set back revives nothing),
// for later statements too, and it cannot itself be revoked.
import { isJsonObject } from '@vallum/core';
import type { Sha256 } from '@vallum/core';
import type { Revocation, Trust } from '@vallum/trust';
import { holdsRole, readRevocation, REVOCATION_TYPE } from '@vallum/trust';
import type { LedgerStatement } from './input.js';

export interface Revoked {
  /** Id of the revocation. */
  readonly by: Sha256;
  readonly what: string;
  readonly reason: string;
  /** False when running the control again cannot help. */
  readonly rerunHelps: boolean;
}

export interface Revocations {
  ofStatement(statement: LedgerStatement): Revoked | undefined;
  ofId(id: string): Revoked | undefined;
  ofKey(keyid: string): Revoked | undefined;
  ofSubject(digest: string): Revoked | undefined;
  /** Revocations by a key with the role that cannot be read: they may have revoked anything. */
  readonly unreadable: readonly Sha256[];
}

const ROLE = 'revoke';

export function collectRevocations(statements: readonly LedgerStatement[], trust: Trust): Revocations {
  const found = new Map<string, Revoked>();
  const unreadable: Sha256[] = [];
  for (const entry of statements) {
    if (entry.statement.predicateType !== REVOCATION_TYPE || !mayEverRevoke(trust, entry.keyid)) continue;
    const revocation = tryRead(entry);
    if (revocation === undefined) unreadable.push(entry.id);
    else if (trust.may(entry.keyid, ROLE, new Date(revocation.createdAt)) !== undefined)
      note(found, entry.id, revocation);
  }
  const of = (type: string, value: string): Revoked | undefined => found.get(`${type} ${value}`);
  return {
    unreadable,
    ofId: (id) => of('statement', id),
    ofKey: (keyid) => of('key', keyid),
    ofSubject: (digest) => of('subject', digest),
    ofStatement: ({ id, keyid, statement }) => {
      const tool = isJsonObject(statement.predicate['tool']) ? statement.predicate['tool'] : {};
      const rules = isJsonObject(tool['rules']) ? tool['rules'] : {};
      const subjects = statement.subject.map((subject) => of('subject', subject.digest.sha256));
      return (
        of('statement', id) ??
        of('key', keyid) ??
        of('tool', toolKey(tool['name'], tool['version'])) ??
        of('ruleset', typeof rules['sha256'] === 'string' ? rules['sha256'] : '') ??
        subjects.find((revoked) => revoked !== undefined)
      );
    },
  };
}

/** A revocation by anybody who holds the role at any time; used where its date cannot be read. */
export function mayEverRevoke(trust: Trust, keyid: string): boolean {
  return holdsRole(trust.key(keyid)?.roles ?? [], ROLE);
}

function tryRead(entry: LedgerStatement): Revocation | undefined {
  try {
    return readRevocation(entry.statement);
  } catch {
    return undefined;
  }
}

function toolKey(name: unknown, version: unknown): string {
  return JSON.stringify([name ?? null, version ?? null]);
}

function note(found: Map<string, Revoked>, by: Sha256, { target, reason }: Revocation): void {
  const add = (value: string, what: string, rerunHelps: boolean): void => {
    const key = `${target.type} ${value}`;
    if (!found.has(key)) found.set(key, { by, what, reason, rerunHelps });
  };
  switch (target.type) {
    case 'statement':
      return add(target.id, `the statement ${target.id.slice(0, 12)}`, true);
    case 'key':
      return add(target.keyid, `the key ${target.keyid.slice(0, 12)} that signed it`, false);
    case 'tool':
      return add(toolKey(target.name, target.version), `${target.name} ${target.version}, which ran it,`, false);
    case 'ruleset':
      return add(target.digest, `the ruleset ${target.digest.slice(0, 12)}`, false);
    case 'subject':
      return add(target.digest, `the subject ${target.digest.slice(0, 12)}`, false);
  }
}
