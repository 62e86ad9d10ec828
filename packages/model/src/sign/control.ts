// The control `signature.verify`: did a trusted author sign exactly these files? Removing the signature must not look
// better than breaking it, so its file is an input of the evidence and `absent` is a value of that input.
import type { ControlResult, Coverage, Disk, Finding, Input, Planned, RunContext, Subject } from '@vallum/core';
import { digestDirectory, digestFile, digestTree, inconclusive, messageOf, threadHasher } from '@vallum/core';
import type { TrustedKey } from './keys.js';
import { modelKeys } from './keys.js';
import { GIT_PATHS, isIgnored } from './paths.js';
import type { CheckedFiles } from './compare.js';
import { SIGNATURE_FILE } from './place.js';
import { readingOnce } from './read-once.js';
import type { RefusalCode } from './refusal.js';
import type { Verification } from './verify.js';
import { verifyModel } from './verify.js';

const KIND = 'signature.verify';

export interface SignatureVerifyOptions {
  readonly disk: Disk;
  readonly dir: string;
  /** Directory digest of all files but the signature. */
  readonly subject: Subject;
  /** The keys that hold the role `sign:model` now. */
  readonly trustedKeys: readonly TrustedKey[];
  /** Relative to the folder. Default `model.sig`. */
  readonly signaturePath?: string;
}

export async function planSignatureVerify(options: SignatureVerifyOptions): Promise<Planned> {
  const { disk, dir, subject, signaturePath = SIGNATURE_FILE } = options;
  let signature: Input;
  try {
    signature = await signatureInput(disk, dir, signaturePath);
  } catch (error) {
    const file = `${dir}/${signaturePath}`;
    return { kind: KIND, blocked: { code: 'SIGNATURE_UNREADABLE', message: messageOf(error), file } };
  }
  return {
    kind: KIND,
    version: '1',
    subject,
    inputs: [signature],
    parameters: {
      format: 'openssf-model-signing-v1.0',
      profile: 'strict',
      trustedKeys: modelKeys(options.trustedKeys)
        .map((key) => key.keyid)
        .sort(),
    },
    run: (context) => run(options, signature, context),
  };
}

async function signatureInput(disk: Disk, dir: string, own: string): Promise<Input> {
  const path = `${dir}/${own}`;
  if ((await disk.stat(path)) === undefined) return { name: own, absent: true };
  return { name: own, digest: { sha256: await digestFile(disk, path) } };
}

async function run(options: SignatureVerifyOptions, planned: Input, context: RunContext): Promise<ControlResult> {
  const { disk, dir, subject, signaturePath = SIGNATURE_FILE } = options;
  context.progress('hashing the signed files');
  const signers = { method: 'key', keys: options.trustedKeys } as const;
  const hasher = readingOnce(threadHasher(disk));
  try {
    const found = await verifyModel({ disk, dir, signaturePath, signers, hasher, abort: context.signal });
    // The answer must be about the bytes that the plan named: the subject is computed again, from the same reading.
    const now = await signatureInput(disk, dir, signaturePath);
    const files = await digestTree(disk, dir, (path) => path !== signaturePath, hasher);
    if (JSON.stringify(now) !== JSON.stringify(planned) || digestDirectory(files) !== subject.digest.sha256)
      return inconclusive('subject-changed', 'the model or its signature changed while it was checked');
    return judge(found, signaturePath);
  } finally {
    await hasher.close();
  }
}

function judge(found: Verification, own: string): ControlResult {
  const files = found.files;
  const coverage = files === undefined ? undefined : coverageOf(files);
  if (found.status === 'refused' && found.undecided) return inconclusive(found.code, found.message, coverage);
  const findings = [
    ...(found.status === 'refused' ? refusalFindings(found.code, found.message, files, own) : []),
    ...(files === undefined ? [] : fileNotes(files, found.signer?.warnings ?? [], own)),
  ];
  const failed = found.status === 'refused' || findings.some((finding) => finding.severity === 'high');
  const message = found.status === 'refused' ? found.message : 'the signature leaves files out';
  return {
    outcome: failed ? 'fail' : 'pass',
    ...(failed ? { reason: { code: found.status === 'refused' ? found.code : 'files-ignored', message } } : {}),
    findings,
    metrics: files === undefined ? [] : [{ id: 'signed-files', value: files.signed.size, unit: 'files' }],
    coverage: coverage ?? { examined: {}, notExamined: [{ what: 'the files', why: message }] },
  };
}

function coverageOf(files: CheckedFiles): Coverage {
  return {
    examined: { files: files.signed.size - files.missing.length, bytes: files.bytes },
    notExamined: files.ignored.map(({ path, files: count, bytes }) => ({
      what: path,
      why: `the signature leaves it out (${count} files, ${bytes} bytes)`,
    })),
  };
}

const SUPPLY_CHAIN = { atlas: ['AML.T0010', 'AML.T0018'], cve: [], cwe: ['CWE-345'] } as const;
const AGAIN = 'restore the files, or have the author look at the change and sign again';

function refusalFindings(
  code: RefusalCode,
  message: string,
  files: CheckedFiles | undefined,
  own: string,
): readonly Finding[] {
  if (code !== 'files-differ' || files === undefined)
    return [
      {
        rule: `signature.${code}`,
        severity: 'high',
        message,
        location: { file: own },
        ...SUPPLY_CHAIN,
        fix: 'get the signature again from the author, or have the model signed again',
      },
    ];
  const one = (rule: string, what: string) => (path: string) => ({
    rule: `signature.${rule}`,
    severity: 'high' as const,
    message: `${path} ${what}`,
    location: { file: path },
    ...SUPPLY_CHAIN,
    fix: AGAIN,
  });
  return [
    ...files.changed.map(one('changed-file', 'is not the file that was signed')),
    ...files.missing.map(one('missing-file', 'was signed and is not there')),
    ...files.extra.map(one('extra-file', 'is there and was not signed')),
  ];
}

/** Code can hide where a signature does not look; what belongs to version control is only noted. */
function fileNotes(files: CheckedFiles, warnings: readonly string[], own: string): readonly Finding[] {
  const git = new Set<string>(GIT_PATHS);
  return [
    ...files.ignored
      .filter(({ files: count }) => count > 0)
      .map(({ path, files: count, bytes }) => ({
        rule: 'signature.ignored-files',
        severity: isIgnored(path, git) ? ('medium' as const) : ('high' as const),
        message: `the signature leaves out ${path} (${count} files, ${bytes} bytes)`,
        location: { file: path },
        ...SUPPLY_CHAIN,
        fix: 'remove it from the model folder, or sign again without ignoring it',
      })),
    ...[...warnings, ...files.warnings].map((message) => ({
      rule: 'signature.form',
      severity: 'info' as const,
      message,
      location: { file: own },
      atlas: [],
      cve: [],
      cwe: [],
      fix: 'nothing has to be done; sign again with a current signer to be rid of it',
    })),
  ];
}
