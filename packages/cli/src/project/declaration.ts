// `vallum.yaml` as a value. A person writes it, so every error names the key, and an unknown key names its neighbour.
import { durationMs, isJsonObject, VallumError } from '@vallum/core';
import type { JsonValue } from '@vallum/core';
import { readYaml } from '@vallum/formats';
import { didYouMean } from '@vallum/policy';
import { isSubjectPattern } from '@vallum/trust';
import * as z from 'zod';

const name = z.string().regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/, 'a name has letters, digits, ".", "_" and "-"');
const path = z
  .string()
  .min(1)
  .refine((text) => !text.startsWith('/') && !text.split('/').includes('..') && !text.includes('\\'), {
    message: 'a path stays inside the project: relative, with "/", without ".."',
  });
const approvedClass = z.strictObject({
  class: z.string().min(1),
  feeds: z.union([z.literal('all'), z.array(name).min(1)]),
  reason: z.string().min(10, 'a reason is a sentence'),
});
const hex64 = z.string().regex(/^[0-9a-f]{64}$/, 'a digest has 64 lower-case hexadecimal digits');
/** Of a source: its bytes, the file with its provenance, and the statement whose place it takes. */
const sourcePin = { digest: hex64.optional(), provenance: path.optional(), replaces: hex64.optional() };
const feedPin = z.strictObject(sourcePin);
/** What of the folder the provenance speaks about. */
const attested = z.union([z.enum(['directory', 'oms-root']), z.strictObject({ file: path })]);
const base = z.strictObject({ name, path, origin: z.string().min(1), attested: attested.optional(), ...sourcePin });
const signer = z
  .strictObject({
    principal: z.string().min(1).optional(),
    key: hex64.optional(),
    issuer: z.string().min(1).optional(),
    subject: z
      .string()
      .refine((text) => isSubjectPattern(text), 'a subject names one repository, whole or up to ":*" or "/*" behind it')
      .optional(),
    identity: z.string().min(1).optional(),
    workflow: z.string().min(1).optional(),
    branch: z.string().min(1).optional(),
    builder: z.string().min(1).optional(),
  })
  .refine((given) => [given.principal, given.key, given.issuer].filter((one) => one !== undefined).length === 1, {
    message: 'a signer is a principal, or a key, or has an issuer',
  })
  .refine(({ issuer, subject, identity }) => issuer !== undefined || (subject ?? identity) === undefined, {
    message: 'subject and identity need an issuer',
  })
  .refine(({ subject, identity }) => subject === undefined || identity === undefined, {
    message: 'subject is for an enrolled CI job, identity for a Sigstore bundle: give one of them',
  })
  .refine(
    ({ issuer, identity, workflow, branch }) =>
      // Anybody's repository may call a public workflow; only a person's name is a name by itself.
      issuer === undefined || identity?.includes('://') === false || (workflow !== undefined && branch !== undefined),
    { message: 'a CI job is pinned by issuer, workflow and branch' },
  );
const allowedOrigin = z.strictObject({ origin: z.string().min(1), signer: signer.optional() });
const sources = z.strictObject({ allowed: z.array(allowedOrigin).min(1), feeds: z.record(name, feedPin).default({}) });
const version = z.strictObject({
  model: path,
  feeds: z.array(name).min(1),
  digest: z
    .string()
    .regex(/^[0-9a-f]{64}$/, 'a pinned digest has 64 hexadecimal digits')
    .optional(),
  base: base.optional(),
  environment: z.union([path, z.array(path).min(1).max(50)]).optional(),
});
const allowedSecret = z.strictObject({
  file: path,
  rule: z.string().min(1),
  sha256: hex64,
  reason: z.string().min(10, 'a reason is a sentence'),
  until: z.string().pipe(z.iso.date('a last day is YYYY-MM-DD')),
});
const secrets = z.strictObject({ allowed: z.array(allowedSecret).max(1_000).default([]) });
const vaultKeys = z.discriminatedUnion('provider', [
  z.strictObject({ provider: z.literal('passphrase-file'), file: z.string().min(1) }),
  z.strictObject({ provider: z.literal('exec'), command: z.array(z.string().min(1)).min(1).max(32) }),
]);
const bulk = z.strictObject({
  objects: z.int().min(1).max(1_000_000).default(10),
  bytes: z
    .int()
    .min(1)
    .default(1024 ** 3),
});
const vault = z.strictObject({
  folder: path.default('vault'),
  keys: vaultKeys,
  bulk: bulk.default({ objects: 10, bytes: 1024 ** 3 }),
});
const robustness = z.strictObject({
  words: z.int().min(1).max(100).default(20),
  samples: z.int().min(1).max(100_000).default(200),
  seed: z.int().min(0).max(4_294_967_295).default(1),
});
const columnName = z.string().min(1).max(1_000);
const monitorWindow = z.strictObject({ rows: z.int().min(200).max(1_000_000).default(1_000) });
const monitorFloor = z.strictObject({
  shift: z.number().min(0).max(100).default(0.05),
  moved: z.number().min(0).max(1).default(0.02),
  performance: z.number().min(0).max(1).default(0.02),
});
const monitor = z.strictObject({
  incoming: path,
  caller: columnName.optional(),
  source: columnName.optional(),
  time: columnName.optional(),
  id: columnName.optional(),
  prediction: columnName.optional(),
  probabilities: z.array(columnName).min(2).max(100).optional(),
  label: columnName.optional(),
  labels: path.optional(),
  ignore: z.array(columnName).max(1_000).default([]),
  window: monitorWindow.default({ rows: 1_000 }),
  falseAlarm: z
    .string()
    .refine((text) => isDuration(text), 'a time between false alarms is from P1D to P3650D')
    .default('P30D'),
  floor: monitorFloor.default({ shift: 0.05, moved: 0.02, performance: 0.02 }),
});
const schema = z.strictObject({
  schema: z.literal('vallum/project/v1'),
  project: name,
  /** What a row can be labelled. */
  labels: z.array(z.string().min(1)).min(2),
  feeds: z.record(name, path),
  versions: z.record(name, version),
  sources: sources.optional(),
  advisories: path.optional(),
  secrets: secrets.optional(),
  vault: vault.optional(),
  monitor: monitor.optional(),
  personalData: z.strictObject({ approved: z.array(approvedClass).default([]) }).default({ approved: [] }),
  robustness: robustness.default({ words: 20, samples: 200, seed: 1 }),
  requirements: z.array(z.record(z.string(), z.unknown())).default([]),
});

export type Declaration = z.infer<typeof schema>;
export type MonitorDeclaration = NonNullable<Declaration['monitor']>;
export type VersionDeclaration = Declaration['versions'][string];

const MAX_BYTES = 256 * 1024;
const DAY = 86_400_000;

function isDuration(text: string): boolean {
  if (!/^P\d{1,6}[DW]$/.test(text)) return false;
  const days = durationMs(text) / DAY;
  return days >= 1 && days <= 3_650;
}

/** @throws VallumError `PROJECT_YAML` or `PROJECT_KEY` */
export function readDeclaration(bytes: Uint8Array): Declaration {
  const value = readYaml(new TextDecoder().decode(bytes), { maxBytes: MAX_BYTES });
  const parsed = schema.safeParse(value);
  if (!parsed.success) {
    // A misspelt key is also a missing one; the misspelling is what helps.
    const { issues } = parsed.error;
    throw explain(issues.find(({ code }) => code === 'unrecognized_keys') ?? issues[0], value);
  }
  for (const [versionName, { feeds }] of Object.entries(parsed.data.versions))
    for (const feed of feeds)
      if (!Object.hasOwn(parsed.data.feeds, feed))
        throw wrong(`versions.${versionName}.feeds names ${JSON.stringify(feed)}, which is not under feeds`, {
          candidates: Object.keys(parsed.data.feeds),
          word: feed,
        });
  refuseMonitor(parsed.data);
  for (const feed of Object.keys(parsed.data.sources?.feeds ?? {}))
    if (!Object.hasOwn(parsed.data.feeds, feed))
      throw wrong(`sources.feeds names ${JSON.stringify(feed)}, which is not under feeds`, {
        candidates: Object.keys(parsed.data.feeds),
        word: feed,
      });
  return parsed.data;
}

/** What belongs together in a monitor, and what cannot. */
function refuseMonitor({ monitor: declared, labels }: Declaration): void {
  if (declared === undefined) return;
  const { probabilities, prediction, label, id } = declared;
  if (probabilities !== undefined && probabilities.length !== labels.length)
    throw wrong(
      `monitor.probabilities names ${probabilities.length} columns, and there are ${labels.length} labels: one for each, in their order`,
    );
  const answers = prediction ?? probabilities;
  if (label !== undefined && answers === undefined)
    throw wrong('monitor.label is the truth about an answer: prediction or probabilities are missing');
  if (declared.labels !== undefined && (id === undefined || label === undefined))
    throw wrong('monitor.labels are joined by id: the keys id and label are missing');
}

function explain(issue: z.core.$ZodIssue | undefined, value: JsonValue): VallumError {
  if (issue === undefined) return wrong('it does not have the expected form');
  const where = issue.path.map(String).join('.');
  if (issue.code === 'unrecognized_keys') {
    const word = issue.keys[0] ?? '';
    const key = where === '' ? word : `${where}.${word}`;
    return wrong(`the key ${JSON.stringify(key)} is not known`, { candidates: knownKeys(issue.path), word });
  }
  if (!isJsonObject(value)) return wrong('it is not a mapping of keys');
  const key = where === '' ? 'the document' : `the key ${JSON.stringify(where)}`;
  if (issue.code === 'invalid_type' && issue.message.endsWith('received undefined')) return wrong(`${key} is missing`);
  return wrong(`${key}: ${sentence(issue)}`);
}

/** What is wrong with a value; a bad name of a feed or version says so in its own words. */
function sentence(issue: z.core.$ZodIssue): string {
  const [inner] = issue.code === 'invalid_key' ? issue.issues : [];
  const { message } = inner ?? issue;
  return message.replace(/^Invalid (input|option): /, '');
}

const KEYS: readonly (readonly [RegExp, readonly string[]])[] = [
  [/^$/, Object.keys(schema.shape)],
  [/^versions\.[^.]+$/, Object.keys(version.shape)],
  [/^versions\.[^.]+\.base$/, Object.keys(base.shape)],
  [/^sources$/, Object.keys(sources.shape)],
  [/^sources\.allowed\.\d+$/, Object.keys(allowedOrigin.shape)],
  [/^sources\.allowed\.\d+\.signer$/, Object.keys(signer.shape)],
  [/^sources\.feeds\.[^.]+$/, Object.keys(feedPin.shape)],
  [/^vault$/, Object.keys(vault.shape)],
  [/^vault\.keys$/, ['provider', 'file', 'command']],
  [/^vault\.bulk$/, Object.keys(bulk.shape)],
  [/^monitor$/, Object.keys(monitor.shape)],
  [/^monitor\.window$/, Object.keys(monitorWindow.shape)],
  [/^monitor\.floor$/, Object.keys(monitorFloor.shape)],
  [/^secrets$/, Object.keys(secrets.shape)],
  [/^secrets\.allowed\.\d+$/, Object.keys(allowedSecret.shape)],
  [/^personalData$/, ['approved']],
  [/^personalData\.approved\.\d+$/, Object.keys(approvedClass.shape)],
  [/^robustness$/, Object.keys(robustness.shape)],
];

/** Every key that a project can have, without the names that it chooses. */
export const PROJECT_KEYS: readonly string[] = KEYS.flatMap(([, keys]) => keys);

function knownKeys(at: readonly PropertyKey[]): readonly string[] {
  const where = at.map(String).join('.');
  return KEYS.find(([pattern]) => pattern.test(where))?.[1] ?? [];
}

function wrong(what: string, hint?: { readonly candidates: readonly string[]; readonly word: string }): VallumError {
  return new VallumError('PROJECT_KEY', `vallum.yaml: ${what}`, {
    fix: hint === undefined ? 'see docs/vallum-yaml.md' : didYouMean(hint.word, hint.candidates),
  });
}
