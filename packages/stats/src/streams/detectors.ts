// Detectors by name: made from options, or continued from a state that was written down before a restart.
import { isJsonObject, VallumError } from '@vallum/core';
import type { JsonValue } from '@vallum/core';
import { Fields } from '../profile/fields.js';
import { Adwin } from './adwin.js';
import type { AdwinOptions } from './adwin.js';
import { Cusum } from './cusum.js';
import type { CusumOptions } from './cusum.js';
import { Ddm } from './ddm.js';
import type { DdmOptions } from './ddm.js';
import type { StreamDetector } from './detector.js';
import { Kswin } from './kswin.js';
import type { KswinOptions } from './kswin.js';
import { PageHinkley } from './page-hinkley.js';
import type { PageHinkleyOptions } from './page-hinkley.js';

export type DetectorOptions = AdwinOptions | CusumOptions | DdmOptions | KswinOptions | PageHinkleyOptions;

/** @throws VallumError `STATS_INPUT` for parameters out of range */
export function createDetector(options: DetectorOptions): StreamDetector {
  switch (options.kind) {
    case 'adwin':
      return new Adwin(options);
    case 'cusum':
      return new Cusum(options);
    case 'ddm':
      return new Ddm(options);
    case 'kswin':
      return new Kswin(options);
    case 'page-hinkley':
      return new PageHinkley(options);
  }
}

/** @throws VallumError `STREAM_STATE` for anything that `state()` does not give */
export function restoreDetector(state: JsonValue): StreamDetector {
  if (!isJsonObject(state)) throw broken('it is no object');
  const fields = new Fields(state, '', broken);
  switch (fields.text('kind')) {
    case 'adwin':
      return Adwin.from(fields);
    case 'cusum':
      return Cusum.from(fields);
    case 'ddm':
      return Ddm.from(fields);
    case 'kswin':
      return Kswin.from(fields);
    case 'page-hinkley':
      return PageHinkley.from(fields);
    default:
      throw fields.wrong('kind', 'a detector');
  }
}

function broken(why: string): VallumError {
  return new VallumError('STREAM_STATE', `this is not the state of a detector: ${why}`, {
    fix: 'start the detector anew from its reference',
  });
}
