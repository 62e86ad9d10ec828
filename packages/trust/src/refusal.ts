// How this room says no: whatever cannot be trusted is "not proven" (exit 2), never a crash and never a pass.
import { VallumError } from '@vallum/core';

export function distrust(code: string, message: string, fix?: string): VallumError {
  return new VallumError(code, message, fix === undefined ? {} : { fix }, 'unproven');
}

/** Wrong use by the person at the keyboard (exit 3). */
export function misuse(code: string, message: string, fix?: string): VallumError {
  return new VallumError(code, message, fix === undefined ? {} : { fix });
}
