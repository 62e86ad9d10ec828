// `vallum gateway keys create|list|rotate|revoke`: who may ask a model, by API key. A key is shown once and never again;
// what is kept of it cannot be turned back into the key.
import { randomBytes } from 'node:crypto';
import { dirname, resolve } from 'node:path';
import { durationMs, VallumError } from '@vallum/core';
import type { KeyHolder, KeyPlaces, KeyRecord } from '@vallum/gateway';
import {
  addKey,
  changeKeys,
  isOpen,
  makeKey,
  readGatewayConfig,
  readHolders,
  revokeKey,
  rotateKey,
} from '@vallum/gateway';
import type { Answer, Io } from '../answer.js';
import { EXIT } from '../exit.js';
import { printable, table } from '../output/style.js';

export interface KeyOptions {
  readonly expires: string;
  readonly label?: string;
}

export interface CreateOptions extends KeyOptions {
  readonly role: readonly string[];
  readonly name?: string;
  readonly group?: string;
}

export interface RotateOptions extends KeyOptions {
  readonly overlap: string;
}

const MAX_CONFIG_BYTES = 1024 * 1024;
const MAX_LIFE_MS = durationMs('P3650D');

/** Where the keys of a gateway are, by its gateway.yaml. @throws VallumError `GATEWAY_CONFIG`, `GATEWAY_KEYS_PLACE` */
export async function keyPlaces(
  { disk, folder: project }: Pick<Io, 'disk' | 'folder'>,
  config: string,
): Promise<KeyPlaces> {
  const path = resolve(project, config);
  const folder = dirname(path);
  const { settings } = readGatewayConfig(await disk.read(path, MAX_CONFIG_BYTES), folder);
  const { keys } = settings.identity;
  if (keys === undefined)
    throw new VallumError('GATEWAY_KEYS_PLACE', `${config} does not say where the API keys are`, {
      fix: 'add identity: with keys: gateway-keys.json to it',
    });
  return { list: resolve(folder, keys), state: resolve(folder, settings.state) };
}

export async function gatewayKeysCreate(
  io: Io,
  places: KeyPlaces,
  principal: string,
  { role: roles, name, group, label, expires }: CreateOptions,
): Promise<Answer> {
  const now = io.clock().getTime();
  const until = now + spanOf('--expires', expires);
  const draft = {
    principal,
    roles,
    ...(name === undefined ? {} : { name }),
    ...(group === undefined ? {} : { group }),
  };
  const fresh = await changeKeys(io.disk, places, randomBytes, (holders, pepper) => {
    const made = makeKey(pepper, randomBytes, { now, until, ...(label === undefined ? {} : { label }) });
    return { holders: addKey(holders, draft, made, now), answer: made };
  });
  warn(io, fresh.record, principal);
  return {
    exit: EXIT.pass,
    text: fresh.token,
    json: {
      schema: 'vallum/gateway-keys-create/v1',
      principal,
      roles,
      key: fresh.token,
      ...shownOf(fresh.record, now),
    },
  };
}

export async function gatewayKeysRotate(
  io: Io,
  places: KeyPlaces,
  principal: string,
  { label, expires, overlap }: RotateOptions,
): Promise<Answer> {
  const now = io.clock().getTime();
  const until = now + spanOf('--expires', expires);
  const change = { now, overlap: spanOf('--overlap', overlap) };
  const { fresh, former } = await changeKeys(io.disk, places, randomBytes, (holders, pepper) => {
    const made = makeKey(pepper, randomBytes, { now, until, ...(label === undefined ? {} : { label }) });
    const after = rotateKey(holders, principal, made, change);
    const keys = after.find((holder) => holder.principal === principal)?.keys ?? [];
    const others = keys.filter((key) => key.id !== made.record.id && isOpen(key, now));
    return { holders: after, answer: { fresh: made, former: others } };
  });
  for (const { id, notAfter } of former) io.notice(`the key ${id} counts until ${notAfter}`);
  warn(io, fresh.record, principal);
  return {
    exit: EXIT.pass,
    text: fresh.token,
    json: {
      schema: 'vallum/gateway-keys-rotate/v1',
      principal,
      key: fresh.token,
      ...shownOf(fresh.record, now),
      former: former.map((key) => shownOf(key, now)),
    },
  };
}

export async function gatewayKeysRevoke(
  io: Io,
  places: KeyPlaces,
  id: string,
  { reason }: { readonly reason: string },
): Promise<Answer> {
  const now = io.clock().getTime();
  const principal = await changeKeys(io.disk, places, randomBytes, (holders) => {
    const changed = revokeKey(holders, id, { now, reason });
    return { holders: changed.holders, answer: changed.principal };
  });
  return {
    exit: EXIT.pass,
    text: `Revoked the key ${id} of ${principal}: ${printable(reason)}`,
    json: { schema: 'vallum/gateway-keys-revoke/v1', id, principal, reason },
  };
}

export async function gatewayKeysList(io: Io, places: KeyPlaces): Promise<Answer> {
  const now = io.clock().getTime();
  const holders = await readHolders(io.disk, places);
  const rows = holders.flatMap((holder) =>
    holder.keys.map((key) =>
      [
        holder.principal,
        key.id,
        stateOf(key, now),
        `until ${key.notAfter}`,
        holder.roles.join(' '),
        key.label ?? '',
      ].map((text) => ({ text: printable(text) })),
    ),
  );
  return {
    exit: EXIT.pass,
    text: rows.length === 0 ? 'Nobody has a key: vallum gateway keys create' : table(rows, ''),
    json: { schema: 'vallum/gateway-keys-list/v1', principals: holders.map((holder) => holderJson(holder, now)) },
  };
}

function holderJson({ principal, name, roles, group, keys }: KeyHolder, now: number): object {
  return {
    principal,
    ...(name === undefined ? {} : { name }),
    roles,
    ...(group === undefined ? {} : { group }),
    keys: keys.map((key) => shownOf(key, now)),
  };
}

/** Everything but the hash. */
function shownOf(key: KeyRecord, now: number): object {
  const shown = Object.entries(key).filter(([name]) => name !== 'hash');
  return { ...Object.fromEntries(shown), state: stateOf(key, now) };
}

function stateOf(key: KeyRecord, now: number): 'counts' | 'revoked' | 'expired' {
  if (key.revokedAt !== undefined) return 'revoked';
  return isOpen(key, now) ? 'counts' : 'expired';
}

function warn(io: Io, { id, notAfter }: KeyRecord, principal: string): void {
  io.notice(
    `the key ${id} of ${principal} counts until ${notAfter}; it is shown this once, keep it where secrets are kept`,
  );
}

/** Milliseconds of a number with m, h, d or w behind it. @throws VallumError `GATEWAY_KEY_TIME` */
function spanOf(option: string, text: string): number {
  const [, count, unit = ''] = /^(\d{1,5})([mhdw])$/.exec(text) ?? [];
  const isOfDay = unit === 'm' || unit === 'h';
  const span = count === undefined ? 0 : durationMs(`P${isOfDay ? 'T' : ''}${count}${unit.toUpperCase()}`);
  if (count !== undefined && span <= MAX_LIFE_MS && (span > 0 || option === '--overlap')) return span;
  throw new VallumError(
    'GATEWAY_KEY_TIME',
    `${option} ${JSON.stringify(text.slice(0, 80))} is not a time that a key lasts`,
    {
      fix: 'write it like 90d, 24h or 30m, ten years at most',
    },
  );
}
