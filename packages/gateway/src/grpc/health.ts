// ServerLive and ServerReady of the Open Inference Protocol, answered without the upstream: both answers are one boolean.
import type { Health } from './ports.js';

const SERVICE = '/inference.GRPCInferenceService/';
/** Field 1, varint, true; false is the empty message. */
const TRUE = Buffer.from([0x08, 0x01]);
const FALSE = Buffer.alloc(0);

/** Bytes of the longest request: its messages have no fields, so that anything longer is not meant for them. */
export const HEALTH_BYTES = 64;

/** The answer's message, or undefined for another method. */
export function healthAnswer(path: string, health: Health): Buffer | undefined {
  if (path === `${SERVICE}ServerLive`) return health.live() ? TRUE : FALSE;
  if (path === `${SERVICE}ServerReady`) return health.ready() ? TRUE : FALSE;
  return undefined;
}
