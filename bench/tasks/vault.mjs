// `node vault.mjs ACT FOLDER`: seals FOLDER/plain, or opens what was sealed, and measures that alone. Acts: `seal` as the
// command does it, with the digest of the plaintext checked on the way; `seal-known` with a digest that is known already;
// `open` to a file; `memory` seals from memory to memory, which leaves the cipher and the chunks.
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { digestFile, nodeDisk } from '@vallum/core';
import { createKeyring, openKeyring, openObject, openToFile, sealObject } from '@vallum/data';
import { timed } from './timed.mjs';

const [act, folder] = process.argv.slice(2);
const place = { disk: nodeDisk, path: join(folder, 'keyring.json'), passphrase: 'a passphrase for a bench', logN: 14 };
if ((await nodeDisk.stat(place.path)) === undefined) await createKeyring(place);
const keys = await openKeyring(place);
const path = join(folder, 'object');
const digest = await digestFile(nodeDisk, join(folder, 'plain'));

async function seal(disk, source, checkDigest) {
  await sealObject({ disk, path, source, object: 'bench', version: '1', digest, checkDigest, keys });
  return source.size;
}

function memory(bytes) {
  const noFile = { create: async () => true, append: async () => undefined, sync: async () => undefined };
  noFile.openAppend = async () => ({ ...noFile, close: async () => undefined });
  const disk = { ...nodeDisk, ...noFile, stat: async () => undefined, rename: async () => undefined };
  const chunks = (async function* () {
    for (let at = 0; at < bytes.length; at += 2 ** 20) yield bytes.subarray(at, at + 2 ** 20);
  })();
  return [disk, { size: bytes.length, chunks }, false];
}

if (act === 'open') {
  const target = join(folder, 'opened');
  rmSync(target, { force: true });
  await timed(async () => {
    const reader = await openObject({ disk: nodeDisk, path, keys });
    await openToFile({ disk: nodeDisk, reader, target });
    await reader.close();
    return reader.size;
  });
} else if (act === 'memory') {
  const input = memory(await nodeDisk.read(join(folder, 'plain'), 2 ** 32));
  await timed(() => seal(...input));
} else {
  for (const suffix of ['.sealed', '.key']) rmSync(`${path}${suffix}`, { force: true });
  const source = await nodeDisk.open(join(folder, 'plain'));
  await timed(() => seal(nodeDisk, source, act === 'seal'));
  await source.close();
}
