// A list of 100,000 keys of 10,000 principals for a gateway's folder, and a load that goes through all principals.
import { randomBytes } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { makeKey } from '../../packages/gateway/dist/who/keys/key-edits.js';
import { encodeKeyList } from '../../packages/gateway/dist/who/keys/key-file.js';
import { pepperMark } from '../../packages/gateway/dist/who/keys/key-hash.js';

const DAY = 86_400_000;
const KEYS = 10;

/** @returns one key of each principal that counts now; the others have ended */
export function manyKeys(folder, principals, now) {
  const pepper = randomBytes(32);
  const tokens = [];
  const holders = Array.from({ length: principals }, (_, at) => {
    const keys = Array.from({ length: KEYS }, (_unused, age) => {
      const begin = now - (KEYS - 1 - age) * 90 * DAY - DAY;
      const { token, record } = makeKey(pepper, randomBytes, { now: begin, until: begin + 90 * DAY });
      if (age === KEYS - 1) tokens.push(token);
      return record;
    });
    return { principal: `principal-${at}`, roles: ['infer'], group: `group-${at % 500}`, keys };
  });
  mkdirSync(join(folder, 'state/keys'), { recursive: true, mode: 0o700 });
  writeFileSync(join(folder, 'state/keys/pepper'), pepper, { mode: 0o600 });
  writeFileSync(join(folder, 'keys.json'), encodeKeyList(pepperMark(pepper), holders), { mode: 0o600 });
  return tokens;
}

/** A script for wrk whose requests take the keys in turn. */
export function scriptOfMany(folder, tokens, { path, headers, body }) {
  const file = join(folder, 'many.lua');
  writeFileSync(join(folder, 'many.body'), body);
  writeFileSync(join(folder, 'many.keys'), tokens.join('\n'));
  writeFileSync(
    file,
    `local file = io.open(${JSON.stringify(join(folder, 'many.body'))}, "rb")
local body = file:read("*a")
file:close()
local keys = {}
for line in io.lines(${JSON.stringify(join(folder, 'many.keys'))}) do keys[#keys + 1] = line end
local at = 0
request = function()
  at = at % #keys + 1
  local headers = { ["content-type"] = ${JSON.stringify(headers['content-type'])}, ["x-api-key"] = keys[at] }
  return wrk.format("POST", ${JSON.stringify(path)}, headers, body)
end
`,
  );
  return file;
}
