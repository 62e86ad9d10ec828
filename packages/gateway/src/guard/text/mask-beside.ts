// Texts beside inputs and outputs under the same rules as those within: what can be replaced is masked, and where a key or a name
// holds what is looked for, nothing passes.
import type { Beside } from '../../protocol/texts-in.js';
import type { MaskCounts, TextFault, TextGuard } from './text-guard.js';

export interface MaskedBeside {
  /** The very same where nothing was masked. */
  readonly beside: Beside;
  readonly masked: MaskCounts;
}

export function maskBeside(beside: Beside, guard: TextGuard): MaskedBeside | Pick<TextFault, 'fault'> {
  const names = guard.mask(beside.names);
  if ('fault' in names) return { fault: `a key or a name is not passed on: ${names.fault}` };
  const [rule] = Object.keys(names.masked);
  if (rule !== undefined) return { fault: `a key or a name holds what the rule ${rule} looks for` };
  const texts = guard.mask(beside.texts);
  if ('fault' in texts) return { fault: `a text beside them is not passed on: ${texts.fault}` };
  return { beside: texts.texts === beside.texts ? beside : { ...beside, texts: texts.texts }, masked: texts.masked };
}
