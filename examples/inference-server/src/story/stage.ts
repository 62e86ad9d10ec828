// What the acts share: pictures, people, servers, and who may ask.
import type { Digit } from '../perceptron.js';
import type { Accounts } from './accounts.js';
import type { Answered, Tally } from './ask.js';
import { Endpoint } from './ask.js';
import type { Share } from './chance.js';
import type { Gateway } from './gateway.js';
import type { Network } from './network.js';
import { topOf } from './network.js';
import type { Narrator } from './narrator.js';
import type { Ask } from './thieves.js';
import type { World } from './world.js';

export interface Sizes {
  readonly honestCallers: number;
  readonly picturesEach: number;
  readonly mails: number;
  /** Queries that a thief spends. */
  readonly theft: number;
  /** Queries of a thief with noise and many accounts. */
  readonly spread: number;
  /** Pictures that are attacked, and queries for each. */
  readonly pictures: number;
  readonly evasion: number;
  /** Held-out pictures on which student and victim are compared. */
  readonly compared: number;
}

export interface Stage {
  readonly world: World;
  readonly narrator: Narrator;
  readonly accounts: Accounts;
  readonly gateway: Gateway;
  /** Of all requests through the gateway. */
  readonly tally: Tally;
  /** The server without the gateway. */
  readonly bare: Endpoint;
  /** Held-out pictures: for honest callers and for measuring. */
  readonly heldOut: readonly Digit[];
  /** Pictures of those who attack. */
  readonly theirs: readonly Digit[];
  readonly sizes: Sizes;
}

/** The gateway as an account of this name sees it. */
export function guarded({ gateway, accounts, tally }: Stage, name: string): Endpoint {
  return new Endpoint(gateway.origin, tally, accounts.token(name));
}

/** Asks as these accounts in turn. */
export function askingAs(endpoints: readonly Endpoint[], model: string): Ask {
  let turn = 0;
  return async (x) => {
    const endpoint = endpoints[turn % endpoints.length] as Endpoint;
    turn += 1;
    return answerOf(await endpoint.digit(model, x));
  };
}

/** Undefined when it was refused. @throws Error for what neither a server nor a gateway should say */
function answerOf({ status, numbers }: Answered): Float32Array | undefined {
  if (status === 200 && numbers?.length === 10) return numbers;
  if ([403, 429, 503].includes(status)) return undefined;
  throw new Error(`an answer with status ${status}`);
}

/** For how many held-out pictures a student says what the victim says. */
export async function fidelity(student: Network, { bare, heldOut, sizes }: Stage): Promise<Share> {
  const rows = heldOut.slice(-sizes.compared);
  victimLabels ??= Promise.all(
    rows.map(async ({ pixels }) => topOf((await bare.digit('digits', pixels)).numbers ?? [])),
  );
  const labels = await victimLabels;
  return { hits: rows.filter(({ pixels }, row) => student.label(pixels) === labels[row]).length, n: rows.length };
}

let victimLabels: Promise<readonly number[]> | undefined;
