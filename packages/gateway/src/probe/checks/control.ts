// The good request: it must be answered, before and after everything else. A server that refuses everything, or that is
// dead by now, has not refused an attack.
import type { Checked, Came } from '../check.js';
import { told } from '../check.js';
import type { Probe } from '../probe.js';
import { sampleFromMetadata } from '../sample-body.js';

export interface Control {
  readonly good: boolean;
  readonly came: string;
}

/** Finds a body that the model can answer. @returns why there is none */
export async function findBody(probe: Probe): Promise<string | undefined> {
  const { input, protocol, path } = probe.settings;
  if (input !== undefined) {
    probe.useBody(input);
    return undefined;
  }
  if (protocol !== 'oip') return `a good request of ${protocol} cannot be made up: give one with --input`;
  const came = await probe.ask({
    method: 'GET',
    path: path.replace(/\/infer$/, ''),
    headers: probe.headers(undefined, ''),
  });
  const body = came.kind === 'answer' && isGood(came) ? sampleFromMetadata(came.answer.body) : undefined;
  if (body === undefined) return `the metadata tell no inputs to fill (${told(came)}): give a good body with --input`;
  probe.useBody(body);
  return undefined;
}

export async function askGood(probe: Probe): Promise<Control> {
  const came = await probe.ask(probe.infer());
  return { good: isGood(came), came: told(came) };
}

export function isGood(came: Came): boolean {
  return came.kind === 'answer' && came.answer.status >= 200 && came.answer.status < 300;
}

/** For what is judged by its effect: whether a request was answered as a good one is. */
export function servedAs(came: Came): Checked['verdict'] {
  return isGood(came) ? 'fail' : came.kind === 'unreachable' || came.kind === 'silent' ? 'inconclusive' : 'pass';
}
