// The door of the gateway: a guarded door in front of any inference server.
export { REFUSALS } from './door/refusal.js';
export type { Refusal, RefusalCode } from './door/refusal.js';
