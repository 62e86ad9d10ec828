// What a token says about its holder, taken only as far as the settings of its issuer allow. Two issuers may both know an
// "alice" (OpenID Connect Core section 2: a subject is unique within its issuer), and an issuer must not be able to name a
// principal of somebody else: the id is `<issuer>#<subject>`, which no principal of gateway.yaml or of an API key can be.
import type { JsonObject, JsonValue } from '@vallum/core';
import type { IssuerSettings } from '../../config/schema.js';
import type { Caller } from '../../door/caller.js';
import type { Refusal } from '../../door/refusal.js';
import { refuse } from '../../door/refusal.js';

export interface ReadClaims {
  readonly caller: Caller;
  /** Milliseconds since the epoch: counts from the first on, until before the second. */
  readonly from: number;
  readonly until: number;
}

/** OpenID Connect Core section 2. */
const MAX_SUBJECT = 255;
const MAX_AUDIENCES = 20;
const MAX_ROLES = 1_000;
/** Last second of the year 9999. */
const MAX_TIME_S = 253_402_300_799;
// Control and format characters would reach logs and terminals.
const UNPRINTABLE = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u;

/** @param now milliseconds since the epoch */
export function readClaims(
  claims: JsonObject,
  settings: IssuerSettings,
  kid: string,
  now: number,
): ReadClaims | Refusal {
  const { issuer, audience } = settings;
  const no = (why: string): Refusal => refuse('unauthenticated', `the token of ${issuer} ${why}`);
  if (!isFor(claims['aud'], audience)) return no(`is not for the audience ${audience}`);
  const times = readTimes(claims, settings.clockSkewSeconds * 1000);
  if (typeof times === 'string') return no(times);
  if (now < times.from) return no('does not count yet');
  if (!(now < times.until)) return no('has expired');
  // RFC 7800: such a token counts only together with a key that the gateway is not shown.
  if (claims['cnf'] !== undefined) return no('is bound to a key of its holder (cnf), which the gateway cannot check');
  const subject = textOf(claims[settings.principalClaim]);
  if (subject === undefined) return no(`names nobody in the claim ${settings.principalClaim}`);
  const principal = `${issuer}#${subject}`;
  const group = settings.groupClaim === undefined ? undefined : textOf(claims[settings.groupClaim]);
  const caller: Caller = {
    principal,
    roles: rolesOf(claims[settings.rolesClaim], settings.roles),
    means: 'token',
    credential: `${issuer}#${kid}`,
    group: group === undefined ? principal : `${issuer}#${group}`,
    own: false,
  };
  return { caller, ...times };
}

function isFor(aud: JsonValue | undefined, audience: string): boolean {
  if (!Array.isArray(aud)) return aud === audience;
  return aud.length <= MAX_AUDIENCES && (aud as readonly JsonValue[]).includes(audience);
}

/** RFC 7519 section 4.1: exp is required; the clocks of issuer and gateway may differ at the beginning, never at the end. */
function readTimes(claims: JsonObject, skew: number): Pick<ReadClaims, 'from' | 'until'> | string {
  const until = timeOf(claims['exp']);
  if (until === undefined) return 'has no time at which it expires';
  const starts = ['nbf', 'iat'].filter((name) => claims[name] !== undefined).map((name) => timeOf(claims[name]));
  if (starts.includes(undefined)) return 'has a time that is none';
  const from = Math.max(0, ...starts.map((start = Infinity) => start - skew));
  return { from, until };
}

/** Milliseconds of a NumericDate. */
function timeOf(value: JsonValue | undefined): number | undefined {
  return typeof value === 'number' && value > 0 && value <= MAX_TIME_S ? value * 1000 : undefined;
}

function textOf(value: JsonValue | undefined): string | undefined {
  const isPlain = typeof value === 'string' && value.trim() !== '' && value.length <= MAX_SUBJECT;
  return isPlain && !UNPRINTABLE.test(value) ? value : undefined;
}

/** Those that are allowed, of a list or of words with spaces between them (RFC 8693 section 4.2). */
function rolesOf(value: JsonValue | undefined, allowed: readonly string[]): readonly string[] {
  const said =
    typeof value === 'string' ? value.split(' ', MAX_ROLES) : Array.isArray(value) ? value.slice(0, MAX_ROLES) : [];
  const held = new Set<unknown>(said);
  return allowed.filter((role) => held.has(role));
}
