// grpc-timeout: how long a caller waits, as at most eight digits and a unit (gRPC, PROTOCOL-HTTP2.md).
import type { Refusal } from '../door/refusal.js';
import { refuse } from '../door/refusal.js';

const MILLISECONDS: Readonly<Record<string, number>> = { H: 3_600_000, M: 60_000, S: 1_000, m: 1, u: 1e-3, n: 1e-6 };
const LARGEST = 99_999_999;

/** Milliseconds; not more than about 11,400 years, so callers bound it. @returns `bad-request` when it has another form */
export function parseTimeout(text: string): number | Refusal {
  const parts = /^(\d{1,8})([HMSmun])$/.exec(text);
  const unit = MILLISECONDS[parts?.[2] ?? ''];
  if (parts === null || unit === undefined)
    return refuse('bad-request', 'grpc-timeout is not one to eight digits and one of H M S m u n');
  return Number(parts[1]) * unit;
}

/** The header for so many milliseconds; at least one, so that a time that ran out meanwhile is not "none". */
export function timeoutHeader(milliseconds: number): string {
  return `${Math.min(LARGEST, Math.max(1, Math.floor(milliseconds)))}m`;
}
