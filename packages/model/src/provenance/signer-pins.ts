// The pins against a signer and its words. A CI job's token says which workflow ran on which branch, and its CI system
// vouches for it; a person's key says no such thing, so what a person writes of workflow and branch is their word alone.
// Where a job signed, the token decides, and a statement that says otherwise is refused, whatever was pinned.
import { fullRef, hasSubject, refOfJob, splitWorkflow } from '@vallum/trust';
import type { CiIdentity } from '@vallum/trust';
import type { KnownSigner, Pin, PinProblem, ProvenancePins, Stated } from './answer.js';

/** All that differs, not only the first. */
export function comparePins(said: Stated, signer: KnownSigner, pins: ProvenancePins): readonly PinProblem[] {
  const { job } = signer;
  return [
    ...compareSigner(signer, pins),
    ...compareWords(said, signer, pins),
    ...(job === undefined ? [] : contradictions(said, job, signer.principal)),
  ];
}

function compareSigner(
  signer: KnownSigner,
  { principal, key, issuer, subject }: ProvenancePins,
): readonly PinProblem[] {
  const { job, keyid } = signer;
  const problem = (is: string, what: string): PinProblem => ({
    pin: 'signer',
    message: `the signature by ${signer.principal} is valid, but it is by ${is}, and the pinned ${what}`,
  });
  const found: PinProblem[] = [];
  if (principal !== undefined && principal !== signer.principal)
    found.push(problem(signer.principal, `signer is ${principal}`));
  if (key !== undefined && key !== keyid) found.push(problem(keyid, `key is ${key}`));
  if (job === undefined) {
    if (issuer !== undefined || subject !== undefined)
      found.push(problem('no CI job', `signer is a job of ${issuer ?? subject ?? ''}`));
    return found;
  }
  if (issuer !== undefined && issuer !== job.issuer)
    found.push(problem(`a job of ${job.issuer}`, `signer is a job of ${issuer}`));
  if (subject !== undefined && !hasSubject(subject, job.subject))
    found.push(problem(`the job ${job.subject}`, `job is ${subject}`));
  return found;
}

type Row = readonly [pin: Pin, wanted: string | undefined, found: string | undefined, what: string];

function compareWords(said: Stated, { principal, job }: KnownSigner, pins: ProvenancePins): readonly PinProblem[] {
  const { workflow, workflowRef } = splitPin(pins.workflow);
  const branch = pins.branch === undefined ? undefined : fullRef(pins.branch);
  const rows: readonly Row[] = [
    ['digest', pins.digest, said.digests.includes(pins.digest) ? pins.digest : said.digests[0], DIGEST],
    ['workflow', job === undefined ? pins.workflow : workflow, workflowOf(said, job), 'the pinned workflow is'],
    // A person's word has no ref of its own beside the branch.
    ['workflow', job === undefined ? undefined : workflowRef, job?.workflowRef, 'the ref of the pinned workflow is'],
    ['branch', branch, refOf(said, job), 'the pinned branch is'],
    ['builder', pins.builder, said.builder, 'the pinned builder is'],
  ];
  const who = job === undefined ? '' : ' by the token of the job';
  return rows.flatMap(([pin, wanted, found, what]) =>
    wanted === undefined || wanted === found
      ? []
      : [
          {
            pin,
            message: `the signature by ${principal} is valid, but it is ${saying(pin, found)}${isOfToken(pin) ? who : ''}, and ${what} ${wanted}`,
          },
        ],
  );
}

const DIGEST = 'the bytes at hand have the digest';

function isOfToken(pin: Pin): boolean {
  return pin === 'workflow' || pin === 'branch';
}

function saying(pin: Pin, found: string | undefined): string {
  return found === undefined ? `silent about the ${pin}` : `about the ${pin} ${found}`;
}

/** A pin without a ref, and one that cannot be split, is compared as the path. */
function splitPin(pin: string | undefined): Pick<CiIdentity, 'workflow' | 'workflowRef'> {
  if (pin === undefined) return {};
  const { workflow = pin, workflowRef } = splitWorkflow(pin);
  return { workflow, ...(workflowRef === undefined ? {} : { workflowRef }) };
}

function workflowOf(said: Stated, job: CiIdentity | undefined): string | undefined {
  return job === undefined ? said.workflow : job.workflow;
}

function refOf(said: Stated, job: CiIdentity | undefined): string | undefined {
  return job === undefined ? said.ref : refOfJob(job);
}

/** The statement may write the workflow without its repository, which the token names before it. */
function contradictions(said: Stated, job: CiIdentity, principal: string): readonly PinProblem[] {
  const { workflow, ref } = said;
  const found: PinProblem[] = [];
  const differ = (pin: Pin, is: string, token: string | undefined): void => {
    const vouched = token === undefined ? `names no ${pin}` : `is of the ${pin} ${token}`;
    found.push({
      pin,
      message: `the signature by ${principal} is valid, but it says the ${pin} ${is}, and the token of the job ${vouched}`,
    });
  };
  const isSameFile = workflow === job.workflow || job.workflow?.endsWith(`/${workflow ?? ''}`) === true;
  if (workflow !== undefined && !isSameFile) differ('workflow', workflow, job.workflow);
  const isOther = ref?.startsWith('refs/heads/') === true ? ref !== refOf(said, job) : job.branch !== undefined;
  if (ref !== undefined && isOther) differ('branch', ref, refOf(said, job));
  return found;
}
