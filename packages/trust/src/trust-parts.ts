// The parts of a trust file: keys, principals, ledgers. Whatever is ambiguous is refused: a key with two owners, one key
// for two purposes, an unknown role, a window that ends before it starts, a ledger key without its role.
import type { JsonValue } from '@vallum/core';
import { parseTime } from '@vallum/core';
import { digestOf, fieldsOf, listOf, numberOf, textOf, timeOf, wordOf } from './fields.js';
import type { Issuer } from './oidc/issuer.js';
import { readPatterns } from './oidc/pattern.js';
import { KEY_FIELDS, readPublicKey } from './public-key.js';
import { distrust } from './refusal.js';
import { fitsAlgorithm, purposeOf, ROLE_NAMES } from './roles.js';
import type { EnrolledKey, FormerLedgerKey, LedgerOrigin, Principal } from './trust.js';

const MAX_PRINCIPALS = 10_000;
const MAX_KEYS = 100;
const MAX_ROLES = 100;
const MAX_LEDGERS = 100;
const PRINCIPAL_ID = /^[A-Za-z0-9][A-Za-z0-9._@+-]{0,127}$/;
/** As the name of a signed note: no space and no plus sign. */
const ORIGIN = /^[^\s+\p{Cc}\p{Cf}]{1,200}$/u;

export function readPrincipals(
  json: JsonValue | undefined,
  rootKeyid: string,
  issuers: readonly Issuer[],
): readonly Principal[] {
  const ids = new Set<string>();
  const keyids = new Set<string>([rootKeyid]);
  return listOf(json, 'the list of principals', MAX_PRINCIPALS).map((entry) => {
    const fields = fieldsOf(entry, 'a principal', ['id', 'name', 'keys'], ['identities']);
    const id = wordOf(fields['id'], 'the id of a principal', PRINCIPAL_ID);
    if (ids.has(id)) throw distrust('TRUST_TWICE', `the principal ${id} stands twice in the trust file`);
    ids.add(id);
    const keys = listOf(fields['keys'], `the keys of ${id}`, MAX_KEYS).map((key) => readEnrolledKey(key, id));
    for (const { keyid } of keys) {
      if (keyids.has(keyid))
        throw distrust(
          'TRUST_TWICE',
          `the key ${keyid.slice(0, 12)} of ${id} stands twice in the trust file, or is the root`,
          'give every principal keys of their own and keep the root apart',
        );
      keyids.add(keyid);
    }
    const name = textOf(fields['name'], `the name of ${id}`, 200);
    if (fields['identities'] === undefined) return { id, name, keys };
    return { id, name, keys, identities: readPatterns(fields['identities'], id, issuers) };
  });
}

function readEnrolledKey(json: JsonValue, owner: string): EnrolledKey {
  const where = `a key of ${owner}`;
  const record = readPublicKey(json, where, ['roles', 'notBefore', 'notAfter']);
  const fields = fieldsOf(json, where, [...KEY_FIELDS, 'roles', 'notBefore', 'notAfter']);
  const roles = listOf(fields['roles'], `the roles of ${owner}`, MAX_ROLES).map((role) =>
    textOf(role, `a role of ${owner}`, 100),
  );
  const purposes = new Set(roles.map((role) => purposeOf(role)));
  const unknown = roles.find((role) => purposeOf(role) === undefined);
  if (unknown !== undefined)
    throw distrust(
      'TRUST_ROLE',
      `${JSON.stringify(unknown)}, given to ${owner}, is not a role`,
      `the roles are ${ROLE_NAMES}`,
    );
  if (purposes.size > 1)
    throw distrust(
      'TRUST_PURPOSE',
      `one key of ${owner} is enrolled for ${[...purposes].join(' and ')}`,
      'make a key for each purpose',
    );
  const misfit = roles.find((role) => !fitsAlgorithm(role, record.algorithm));
  if (misfit !== undefined)
    throw distrust(
      'TRUST_ROLE',
      `${where} is ${record.algorithm}, and the role ${misfit} needs Ed25519`,
      'make an Ed25519 key',
    );
  const notBefore = timeOf(fields['notBefore'], `the start of ${where}`);
  const notAfter = timeOf(fields['notAfter'], `the end of ${where}`);
  if (parseTime(notBefore) > parseTime(notAfter))
    throw distrust('TRUST_WINDOW', `${where} ends before it starts`, 'give notBefore a date before notAfter');
  return { ...record, roles, notBefore, notAfter };
}

export function readLedgers(json: JsonValue | undefined, principals: readonly Principal[]): readonly LedgerOrigin[] {
  const origins = new Set<string>();
  const keys = principals.flatMap((principal) => principal.keys);
  return listOf(json, 'the list of ledgers', MAX_LEDGERS).map((entry) => {
    const fields = fieldsOf(entry, 'a ledger', ['origin', 'keyid'], ['previous']);
    const origin = wordOf(fields['origin'], 'the origin of a ledger', ORIGIN);
    const keyid = digestOf(fields['keyid'], `the key of the ledger ${origin}`);
    if (origins.has(origin)) throw distrust('TRUST_TWICE', `the ledger ${origin} stands twice in the trust file`);
    origins.add(origin);
    const isLedgerKey = (id: string): boolean =>
      keys.find((key) => key.keyid === id)?.roles.includes('ledger') === true;
    const previous = fields['previous'] === undefined ? [] : readFormerKeys(fields['previous'], origin);
    if (![keyid, ...previous.map((former) => former.keyid)].every(isLedgerKey))
      throw distrust(
        'TRUST_LEDGER',
        `a key of the ledger ${origin} is not enrolled with the role ledger`,
        'enrol it first',
      );
    if (new Set([keyid, ...previous.map((former) => former.keyid)]).size !== previous.length + 1)
      throw distrust('TRUST_TWICE', `a key stands twice at the ledger ${origin}`);
    return previous.length === 0 ? { origin, keyid } : { origin, keyid, previous };
  });
}

/** Sizes may not fall: a log only grows, whoever signs it. */
function readFormerKeys(json: JsonValue, origin: string): readonly FormerLedgerKey[] {
  let least = 0;
  return listOf(json, `the former keys of the ledger ${origin}`, MAX_KEYS).map((entry) => {
    const where = `a former key of the ledger ${origin}`;
    const fields = fieldsOf(entry, where, ['keyid', 'size', 'root']);
    const size = numberOf(fields['size'], `the size at the end of ${where}`);
    if (!Number.isSafeInteger(size) || size < least) throw distrust('TRUST_FORMAT', `${where} ended at no size`);
    least = size;
    return { keyid: digestOf(fields['keyid'], where), size, root: digestOf(fields['root'], where) };
  });
}
