// The files that gateway.yaml names, looked at before anything is opened: a gateway that starts without one of them, or with a
// certificate that nobody accepts, would be found out by its callers.
import { createPrivateKey, X509Certificate } from 'node:crypto';
import { readFileSync, statSync } from 'node:fs';
import { isAbsolute, join } from 'node:path';
import { messageOf, VallumError } from '@vallum/core';
import type { GatewayConfig } from '../../config/config.js';
import type { ListenerSettings } from '../../config/schema.js';
import { MAX_RANGES_BYTES, readLearned } from '../../guard/learn/read-ranges.js';

const MAX_PEM_BYTES = 4 * 1024 * 1024;
const MAX_SECRET_BYTES = 65_536;
const PEM_CERTIFICATE = /-----BEGIN CERTIFICATE-----[^-]*-----END CERTIFICATE-----/g;
/** What a header can hold (RFC 9110 section 5.5), without spaces. */
const TOKEN = /^[\x21-\x7e]+$/;

type ReadNamed = (file: string, limit: number) => Buffer;

/**
 * @param now milliseconds since the epoch
 * @returns files of learned ranges by their name in gateway.yaml
 * @throws VallumError `GATEWAY_FILE`, `GATEWAY_CERTIFICATE`, `RANGES_INVALID`, `JSON_INVALID`, `PROFILE_INVALID`
 */
export function readNamedFiles({ settings, folder }: GatewayConfig, now: number): Readonly<Record<string, Uint8Array>> {
  const read: ReadNamed = (file, limit) => readNamed(isAbsolute(file) ? file : join(folder, file), file, limit);
  const { listen, upstreams, cluster, routes } = settings;
  for (const listener of [listen.rest, listen.grpc]) if (listener !== undefined) checkListener(listener, read, now);
  for (const { authorities, token } of Object.values(upstreams)) {
    if (authorities !== undefined) certificatesIn(authorities, read);
    if (token !== undefined) checkToken(token, read);
  }
  if (cluster?.password !== undefined) read(cluster.password, MAX_SECRET_BYTES);
  const learned = new Set(routes.flatMap(({ input }) => input.learned ?? []));
  return Object.fromEntries([...learned].map((file) => [file, readRanges(file, read)] as const));
}

function readNamed(path: string, file: string, limit: number): Buffer {
  const fix = 'put the file there, or correct its name';
  const refuse = (why: string): VallumError =>
    new VallumError('GATEWAY_FILE', `gateway.yaml names ${file}, which cannot be read: ${why}`, { fix });
  try {
    const stat = statSync(path);
    if (!stat.isFile()) throw new Error('it is no file');
    if (stat.size > limit) throw new Error(`it has more than ${limit} bytes`);
    return readFileSync(path);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw refuse(code === 'ENOENT' ? 'it is not there' : (code ?? messageOf(error)));
  }
}

function checkListener({ tls }: ListenerSettings, read: ReadNamed, now: number): void {
  if (tls === undefined) return;
  const [own] = certificatesIn(tls.certificate, read);
  const from = Date.parse(own.validFrom);
  const to = Date.parse(own.validTo);
  if (!(now < to)) throw certificate(`${tls.certificate} expired at ${time(to)}`, 'renew it');
  if (!(now >= from))
    throw certificate(`${tls.certificate} does not count before ${time(from)}`, 'see whether the clock is right');
  if (!own.checkPrivateKey(privateKey(tls.key, read)))
    throw certificate(`${tls.key} is not the key of ${tls.certificate}`, 'name the two files that belong together');
  if (tls.clientAuthorities !== undefined) certificatesIn(tls.clientAuthorities, read);
}

/** All of a file, the first of which is the listener's own where it is one. */
function certificatesIn(file: string, read: ReadNamed): readonly [X509Certificate, ...X509Certificate[]] {
  const blocks = read(file, MAX_PEM_BYTES).toString('latin1').match(PEM_CERTIFICATE) ?? [];
  try {
    const [first, ...others] = blocks.map((block) => new X509Certificate(block));
    if (first !== undefined) return [first, ...others];
  } catch {
    throw certificate(`${file} holds a certificate that cannot be read`, 'give one or more as PEM');
  }
  throw certificate(`${file} holds no certificate`, 'give one or more as PEM');
}

function privateKey(file: string, read: ReadNamed): ReturnType<typeof createPrivateKey> {
  const pem = read(file, MAX_PEM_BYTES);
  try {
    return createPrivateKey(pem);
  } catch {
    throw certificate(`${file} holds no private key that can be read`, 'give PEM without a passphrase');
  }
}

function checkToken(file: string, read: ReadNamed): void {
  if (TOKEN.test(read(file, MAX_SECRET_BYTES).toString('utf8').trim())) return;
  throw new VallumError('GATEWAY_FILE', `${file} holds no token that can be sent to an upstream`, {
    fix: 'put the token alone into the file, in one line',
  });
}

function readRanges(file: string, read: ReadNamed): Uint8Array {
  const bytes = new Uint8Array(read(file, MAX_RANGES_BYTES));
  try {
    readLearned(bytes);
    return bytes;
  } catch (error) {
    if (!(error instanceof VallumError)) throw error;
    const fix = error.fix ?? 'make it with vallum gateway learn';
    throw new VallumError(error.code, `${file}: ${error.message}`, { fix, cause: error }, error.errorClass);
  }
}

function certificate(what: string, fix: string): VallumError {
  return new VallumError('GATEWAY_CERTIFICATE', what, { fix });
}

function time(milliseconds: number): string {
  return new Date(milliseconds).toISOString();
}
