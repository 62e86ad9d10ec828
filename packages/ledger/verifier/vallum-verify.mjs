#!/usr/bin/env node
// Verifies what a Vallum ledger says, alone: one file, no packages, written apart from Vallum so that a mistake there is
// not repeated here. Read it before you believe it. It proves what was logged and in which order, never that it is true;
// without a witness or an older receipt it cannot see a log that was rewritten as a whole by the holder of its key.
// Formats: C2SP signed-note, tlog-checkpoint, tlog-cosignature, tlog-tiles, tlog-proof; RFC 6962; DSSE v1.0.
import { createHash, createPublicKey, verify } from 'node:crypto';
import { existsSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';

const USAGE = `Usage:
  node vallum-verify.mjs log DIR --log KEY [--witness KEY]... [--older FILE]...
  node vallum-verify.mjs receipt FILE --log KEY [--witness KEY]...
  node vallum-verify.mjs export FILE --log KEY --trust trust.json --root FINGERPRINT
KEY is what \`vallum ledger key\` or a witness prints. All --witness must have cosigned. Exit: 0 holds, 1 does not, 3 wrong use.`;

class Doubt extends Error {}
const doubt = (why) => {
  throw new Doubt(why);
};
const sha256 = (...parts) => parts.reduce((hash, part) => hash.update(part), createHash('sha256')).digest();
const leafOf = (entry) => sha256(Buffer.of(0), entry);
const nodeOf = (left, right) => sha256(Buffer.of(1), left, right);
const WIDTH = 256;
const HASH = 32;

/** Base64 in its one canonical form. */
function base64(text, what) {
  const bytes = Buffer.from(String(text), 'base64');
  return bytes.toString('base64') === text ? bytes : doubt(`${what} is not base64`);
}

/** A key of a log may end in `@` and the most entries that a checkpoint by it may speak of. */
function readKey(word, isWitness) {
  const [, text = word, until] = /^(.*)@(\d{1,15})$/.exec(word) ?? [];
  const [, name, id, material] = /^([^\s+]+)\+([0-9a-f]{8})\+(.+)$/u.exec(text) ?? doubt(`not a key: ${text}`);
  const bytes = base64(material, 'the key');
  if (bytes.length !== 33 || bytes[0] !== (isWitness ? 4 : 1))
    doubt(`not the key of a ${isWitness ? 'witness' : 'log'}`);
  const keyId = sha256(`${name}\n`, bytes).subarray(0, 4);
  if (keyId.toString('hex') !== id) doubt(`the key id of ${name} is not that of its key`);
  return { name, keyId, until: Number(until ?? Infinity), key: ed25519(bytes.subarray(1)) };
}

const keyOf = (der) => createPublicKey({ key: der, format: 'der', type: 'spki' });
const ed25519 = (raw) => keyOf(Buffer.concat([Buffer.from('302a300506032b6570032100', 'hex'), raw]));

/** A signed note: its text, and what stands behind the key id in the lines of one key. */
function readNote(note) {
  const cut = note.lastIndexOf('\n\n');
  const isText = !/[^\n\P{Cc}]/u.test(note) && Buffer.byteLength(note) <= 65_536;
  if (cut < 0 || !note.endsWith('\n') || !isText) doubt('a checkpoint is not a signed note');
  const lines = note
    .slice(cut + 2, -1)
    .split('\n')
    .map((line) => {
      const [, name, encoded] = /^— ([^\s+]+) (\S+)$/u.exec(line) ?? doubt('a signature line is broken');
      const bytes = base64(encoded, 'a signature');
      return bytes.length > 4 ? { name, bytes } : doubt('a signature is empty');
    });
  if (lines.length > 100) doubt('a checkpoint has too many signatures');
  const linesOf = ({ name, keyId }) =>
    lines
      .filter((line) => line.name === name && line.bytes.subarray(0, 4).equals(keyId))
      .map(({ bytes }) => bytes.subarray(4));
  return { text: note.slice(0, cut + 1), linesOf };
}

/** Origin, size and root of a checkpoint that the log signed and all witnesses cosigned. */
function readCheckpoint(text, logs, witnesses) {
  const note = readNote(text);
  const [origin, size, root, end, ...more] = note.text.split('\n');
  const isCount = /^(0|[1-9]\d{0,15})$/.test(size) && Number.isSafeInteger(Number(size));
  if (!/^[!-~]+$/.test(origin) || !isCount || end !== '' || more.length > 0) doubt('a checkpoint is broken');
  const isGood = (key, make) => {
    const claims = note.linesOf(key);
    return claims.length > 0 && claims.every((claim) => make(claim));
  };
  const byLog = (key) => isGood(key, (claim) => verify(null, Buffer.from(note.text), key.key, claim));
  if (!logs.some((key) => key.name === origin && Number(size) <= key.until && byLog(key)))
    doubt(`no --log key signed this checkpoint of ${origin}`);
  for (const key of witnesses) {
    const cosigned = isGood(key, (claim) => {
      if (claim.length !== 72 || claim.readBigUInt64BE() > 2n ** 53n) return false;
      const message = `cosignature/v1\ntime ${claim.readBigUInt64BE()}\n${note.text}`;
      return verify(null, Buffer.from(message), key.key, claim.subarray(8));
    });
    if (!cosigned) doubt(`the witness ${key.name} did not cosign ${origin} at ${size} entries`);
  }
  const hash = base64(root, 'the root');
  return hash.length === HASH
    ? { origin, size: Number(size), root: hash }
    : doubt('a root hash does not have 32 bytes');
}

/** Hashes of every level: level 0 the leaves, level n the perfect subtrees of 2^n of them. */
function treeOf(leaves) {
  const levels = [leaves];
  for (let below = leaves; below.length > 1; below = levels.at(-1)) {
    const above = [];
    for (let at = 0; at + 1 < below.length; at += 2) above.push(nodeOf(below[at], below[at + 1]));
    levels.push(above);
  }
  return levels;
}

/** RFC 6962 root of the first `size` leaves, folded from the right edge. */
function rootAt(levels, size) {
  if (size === 0) return sha256('');
  let root;
  for (let level = 0, rest = size; rest > 0; level += 1, rest = Math.floor(rest / 2))
    if (rest % 2 === 1) root = root === undefined ? levels[level][rest - 1] : nodeOf(levels[level][rest - 1], root);
  return root;
}

/** RFC 9162 section 2.1.3.2. */
function isIncluded(leaf, index, size, hashes, root) {
  if (index >= size) return false;
  let [at, last, hash] = [index, size - 1, leaf];
  for (const sibling of hashes) {
    if (last === 0) return false;
    if (at % 2 === 1 || at === last) {
      hash = nodeOf(sibling, hash);
      while (at % 2 === 0 && at !== 0) [at, last] = [at / 2, Math.floor(last / 2)];
    } else hash = nodeOf(hash, sibling);
    [at, last] = [Math.floor(at / 2), Math.floor(last / 2)];
  }
  return last === 0 && hash.equals(root);
}

function tilePath(level, index, width) {
  const groups = String(index)
    .padStart(Math.ceil(String(index).length / 3) * 3, '0')
    .match(/\d{3}/g);
  const name = groups.map((group, at) => (at < groups.length - 1 ? `x${group}` : group)).join('/');
  return `tile/${level}/${name}${width < WIDTH ? `.p/${width}` : ''}`;
}

function* tilesOf(count) {
  for (let index = 0; index * WIDTH < count; index += 1) yield { index, width: Math.min(WIDTH, count - index * WIDTH) };
}

function readTile(dir, path, most) {
  const file = join(dir, path);
  if (!existsSync(file)) doubt(`${path} is missing`);
  return statSync(file).size <= most ? readFileSync(file) : doubt(`${path} is too long`);
}

/** Entries of a log folder, exactly as many as the checkpoint says. */
function readEntries(dir, size) {
  const entries = [];
  for (const { index, width } of tilesOf(size)) {
    const path = tilePath('entries', index, width);
    const bytes = readTile(dir, path, WIDTH * 65_537);
    let at = 0;
    for (let count = 0; count < width; count += 1) {
      const length =
        at + 2 <= bytes.length ? bytes.readUInt16BE(at) : doubt(`entry ${entries.length} is missing in ${path}`);
      const entry = bytes.subarray(at + 2, at + 2 + length);
      if (entry.length !== length) doubt(`entry ${entries.length} is cut off in ${path}`);
      entries.push(entry);
      at += 2 + length;
    }
    if (at !== bytes.length) doubt(`${path} holds bytes behind its last entry`);
  }
  return entries;
}

function checkTiles(dir, levels, size) {
  for (let level = 0; WIDTH ** level <= size; level += 1) {
    const row = levels[8 * level];
    for (const { index, width } of tilesOf(Math.floor(size / WIDTH ** level))) {
      const path = tilePath(level, index, width);
      const found = readTile(dir, path, WIDTH * HASH);
      if (found.length !== width * HASH) doubt(`${path} does not hold ${width} hashes`);
      for (let at = 0; at < width; at += 1)
        if (!row[index * WIDTH + at].equals(found.subarray(at * HASH, (at + 1) * HASH)))
          doubt(`${path} does not hold the hash of ${level === 0 ? 'entry' : 'subtree'} ${index * WIDTH + at}`);
    }
  }
}

/** Envelope -> id of the statement (SHA-256 of the DSSE pre-authentication encoding), signature, payload. */
function readEnvelope(envelope, where) {
  const { payload, payloadType, signatures } = envelope;
  if (!Array.isArray(signatures) || signatures.length !== 1) doubt(`${where} does not carry one signature`);
  const body = base64(payload, `the payload of ${where}`);
  const head = `DSSEv1 ${Buffer.byteLength(payloadType)} ${payloadType} ${body.length} `;
  const signed = Buffer.concat([Buffer.from(head), body]);
  const [{ keyid, sig }] = signatures;
  return { signed, id: sha256(signed).toString('hex'), body, keyid, signature: base64(sig, where) };
}

function checkStatement(entry, index, envelope) {
  const where = `the envelope of entry ${index}`;
  const said = JSON.parse(entry.toString('utf8'));
  const found = readEnvelope(envelope, where);
  const made = sha256(found.signature).toString('hex') === said.signature && found.keyid === said.key;
  if (found.id !== said.statement || !made) doubt(`${where} is not the one that was entered`);
  return { ...found, statement: JSON.parse(found.body.toString('utf8')) };
}

/** Keys of a trust file whose root has the fingerprint that the auditor was told. */
function readTrust(file, fingerprint) {
  const { signed, body, keyid, signature } = readEnvelope(JSON.parse(readFileSync(file, 'utf8')), file);
  const { root, principals } = JSON.parse(body.toString('utf8')).predicate;
  const named = ({ spki, keyid: id }) => {
    const der = base64(spki, 'a key');
    return sha256(der).toString('hex') === id ? keyOf(der) : doubt(`${file} names a key by another id than its own`);
  };
  if (root.keyid !== fingerprint || keyid !== fingerprint) doubt(`${file} is not signed by the root ${fingerprint}`);
  if (!verify(null, signed, named(root), signature)) doubt(`the signature of ${file} does not hold`);
  return new Map(principals.flatMap(({ id, keys }) => keys.map((key) => [key.keyid, { who: id, key: named(key) }])));
}

function verifyLog(dir, { logs, witnesses, older }) {
  const checkpoint = readCheckpoint(readFileSync(join(dir, 'checkpoint'), 'utf8'), logs, []);
  const entries = readEntries(dir, checkpoint.size);
  const levels = treeOf(entries.map(leafOf));
  checkTiles(dir, levels, checkpoint.size);
  if (!rootAt(levels, checkpoint.size).equals(checkpoint.root))
    doubt('the root of the checkpoint is not that of the entries');
  const cosigned = witnesses.length > 0 ? [{ file: join(dir, 'cosigned'), by: witnesses }] : [];
  const seen = [...cosigned, ...older.map((file) => ({ file, by: [] }))];
  for (const { file, by } of seen) {
    if (!existsSync(file)) doubt(`${file} is missing`);
    const text = readFileSync(file, 'utf8');
    const note = text.startsWith('c2sp.org/') ? text.slice(text.indexOf('\n\n') + 2) : text;
    const then = readCheckpoint(note, logs, by);
    if (then.size > checkpoint.size)
      doubt(`${file} speaks of ${then.size} entries, ${checkpoint.size} are here: rolled back`);
    if (!rootAt(levels, then.size).equals(then.root)) doubt(`${file} is of another history: the log was rewritten`);
  }
  return `${checkpoint.origin}: ${checkpoint.size} entries, root ${checkpoint.root.toString('hex')}, ${seen.length} older states`;
}

function verifyReceipt(file, { logs, witnesses }) {
  const text = readFileSync(file, 'utf8');
  const cut = text.indexOf('\n\n');
  const lines = text.slice(0, cut).split('\n');
  if (cut < 0 || lines.shift() !== 'c2sp.org/tlog-proof@v1') doubt('this is not a tlog-proof');
  const extra = lines[0]?.startsWith('extra ') ? base64(lines.shift().slice(6), 'extra') : undefined;
  const [, index] = /^index (0|[1-9]\d{0,15})$/.exec(lines.shift() ?? '') ?? doubt('the index is broken');
  const { origin, size, root } = readCheckpoint(text.slice(cut + 2), logs, witnesses);
  const bytes = extra ?? doubt('it does not carry its entry');
  const hashes = lines.map((line) => base64(line, 'a hash'));
  if (!isIncluded(leafOf(bytes), Number(index), size, hashes, root)) doubt(`this is not entry ${index} of the log`);
  return `${origin}: entry ${index} of ${size} is ${bytes.toString('utf8')}`;
}

function verifyExport(file, { logs, trust, root }) {
  if (trust === undefined || root === undefined) return undefined;
  const keys = readTrust(trust, root);
  const { checkpoint: note, entries, statements } = JSON.parse(readFileSync(file, 'utf8'));
  const checkpoint = readCheckpoint(note, logs, []);
  // Entries are canonical JSON: keys in order, no spaces (RFC 8785); their texts and the number 1 need no more than that.
  const encoded = entries.map((entry) => Buffer.from(JSON.stringify(Object.fromEntries(Object.entries(entry).sort()))));
  const levels = treeOf(encoded.map(leafOf));
  if (entries.length !== checkpoint.size || !rootAt(levels, entries.length).equals(checkpoint.root))
    doubt('the entries are not those of the checkpoint');
  const said = statements.map(({ index, envelope }) => {
    const entry = encoded[index] ?? doubt(`there is no entry ${index}`);
    const { signed, keyid, signature, statement } = checkStatement(entry, index, envelope);
    const known = keys.get(keyid);
    const good = known !== undefined && verify(null, signed, known.key, signature);
    const { outcome, result } = statement.predicate;
    return `  ${index} ${good ? known.who : 'NOBODY ENROLLED'}: ${statement.predicateType} ${outcome ?? result ?? ''}`;
  });
  return [`${checkpoint.origin}: ${entries.length} entries`, ...said].join('\n');
}

function main([what, path, ...rest]) {
  const options = { logs: [], witnesses: [], older: [] };
  const lists = { '--log': 'logs', '--witness': 'witnesses', '--older': 'older' };
  const single = ['--trust', '--root'];
  for (let at = 0; at < rest.length; at += 2) {
    const [name, value] = [rest[at], rest[at + 1]];
    if (value === undefined || !(name in lists || single.includes(name))) return 3;
    if (single.includes(name)) options[name.slice(2)] = value;
    else options[lists[name]].push(name === '--older' ? value : readKey(value, name === '--witness'));
  }
  const work = { log: verifyLog, receipt: verifyReceipt, export: verifyExport }[what];
  const told = path === undefined || options.logs.length === 0 ? undefined : work?.(path, options);
  if (told === undefined) return 3;
  console.log(`holds: ${told}`);
  return 0;
}

try {
  process.exitCode = main(process.argv.slice(2));
  if (process.exitCode === 3) console.error(USAGE);
} catch (error) {
  console.error(`does not hold: ${error.message}`);
  process.exitCode = 1;
}
