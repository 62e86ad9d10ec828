#!/usr/bin/env node
// A key program for Vallum's vault (docs/vault-key-exec.md) on a PKCS#11 token, through OpenSC's `pkcs11-tool`: the RSA
// private key never leaves the token. Wrapping needs the public key only; unwrapping is one decryption in the token.
// RSA-OAEP has no associated data here (SoftHSM takes no label), so SHA-256 of the context goes in before the data key.
//
//   VALLUM_PKCS11_MODULE  the token's library: /usr/lib/softhsm/libsofthsm2.so
//   VALLUM_PKCS11_TOKEN   label of the token
//   VALLUM_PKCS11_PIN     its PIN; pkcs11-tool reads it from the environment, never from its arguments
//   VALLUM_PKCS11_KEYS    key ids in hexadecimal, the active one first, then retired ones: 02,01
//   VALLUM_PKCS11_HASH    of OAEP: sha256, or sha1 for SoftHSM, which has no other
import { spawnSync } from 'node:child_process';
import { constants, createHash, createPublicKey, publicEncrypt, timingSafeEqual } from 'node:crypto';
import { readFileSync } from 'node:fs';

const SCHEMA = 'vallum/key-exec/v1';
const KEY_BYTES = 32;
const { VALLUM_PKCS11_MODULE: module, VALLUM_PKCS11_TOKEN: token, VALLUM_PKCS11_KEYS: ids = '' } = process.env;
const hash = process.env.VALLUM_PKCS11_HASH ?? 'sha256';
const keys = ids.split(',');

function fail(sentence) {
  process.stdout.write(`${JSON.stringify({ schema: SCHEMA, error: sentence })}\n`);
  process.exit(1);
}

function tool(args, input) {
  const ran = spawnSync('pkcs11-tool', ['--module', module, '--token-label', token, ...args], {
    input,
    maxBuffer: 64 * 1024,
  });
  if (ran.error) fail(`pkcs11-tool does not run: ${ran.error.message}`);
  if (ran.status !== 0) fail(`the token refuses: ${ran.stderr.toString().trim().split('\n')[0]}`);
  return ran.stdout;
}

const nameOf = (id) => `pkcs11:${token}:${id}`;

function wrap({ key, context }) {
  const dek = Buffer.from(key, 'base64');
  if (dek.length !== KEY_BYTES) fail(`a data key has ${KEY_BYTES} bytes`);
  const publicKey = tool(['--read-object', '--type', 'pubkey', '--id', keys[0]]);
  const wrapped = publicEncrypt(
    {
      key: createPublicKey({ key: publicKey, format: 'der', type: 'spki' }),
      padding: constants.RSA_PKCS1_OAEP_PADDING,
      oaepHash: hash,
    },
    Buffer.concat([digestOf(context), dek]),
  );
  return { kek: nameOf(keys[0]), wrapped: wrapped.toString('base64') };
}

function unwrap({ kek, wrapped, context }) {
  const id = keys.find((one) => nameOf(one) === kek);
  if (id === undefined) fail(`there is no key ${kek} here`);
  const oaep = [
    '--hash-algorithm',
    hash === 'sha1' ? 'SHA-1' : hash.toUpperCase(),
    '--mgf',
    `MGF1-${hash.toUpperCase()}`,
  ];
  const decrypt = ['--login', '--pin', 'env:VALLUM_PKCS11_PIN', '--decrypt', '--mechanism', 'RSA-PKCS-OAEP'];
  const opened = tool([...decrypt, ...oaep, '--id', id], Buffer.from(wrapped, 'base64'));
  const bound = opened.subarray(0, -KEY_BYTES);
  const wanted = digestOf(context);
  if (bound.length !== wanted.length || !timingSafeEqual(bound, wanted)) fail('the key was wrapped for another object');
  return { key: opened.subarray(-KEY_BYTES).toString('base64') };
}

function digestOf(context) {
  return createHash('sha256').update(Buffer.from(context, 'base64')).digest();
}

if (!module || !token || !ids) fail('set VALLUM_PKCS11_MODULE, VALLUM_PKCS11_TOKEN and VALLUM_PKCS11_KEYS');
if (hash !== 'sha1' && hash !== 'sha256') fail('VALLUM_PKCS11_HASH is sha1 or sha256');
const request = JSON.parse(readFileSync(0, 'utf8'));
if (request.schema !== SCHEMA) fail(`this program speaks ${SCHEMA}`);
const operations = { wrap, unwrap, status: () => ({ active: nameOf(keys[0]), retired: keys.slice(1).map(nameOf) }) };
const operation = Object.hasOwn(operations, request.op) ? operations[request.op] : fail(`there is no op ${request.op}`);
process.stdout.write(`${JSON.stringify({ schema: SCHEMA, ...operation(request) })}\n`);
