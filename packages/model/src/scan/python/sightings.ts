// What a judgement of Python code says, and how a call is shown to a reader.
import type { Severity } from '@vallum/core';
import type { PythonCall, PythonValue } from '@vallum/formats';
import { HOLE } from '@vallum/formats';

export interface Sighting {
  readonly rule: string;
  readonly severity: Severity;
  readonly detail: string;
  readonly line: number;
  /** Sightings of one key are one finding. */
  readonly key: string;
}

export function whenOf({ when, where }: Pick<PythonCall, 'when' | 'where'>): string {
  const inside = where === undefined ? '' : ` in ${where}`;
  switch (when) {
    case 'import':
      return `${inside} when the file is imported`;
    case 'implicit':
      return `${inside}, which is called by its name`;
    case 'function':
      return inside;
    case 'main':
      return ' when the file is run';
  }
}

/** `os.system("id")` with as much of the arguments as is known. */
export function showCall(name: string, args: readonly PythonValue[]): string {
  const shown = args.slice(0, 3).map((arg) => showValue(arg));
  return `${name}(${shown.join(', ')}${args.length > 3 ? ', ...' : ''})`.slice(0, 200);
}

function showValue(value: PythonValue): string {
  switch (value.kind) {
    case 'text':
      return JSON.stringify(value.text.replaceAll(HOLE, '...').slice(0, 100));
    case 'number':
      return String(value.value).slice(0, 20);
    case 'plain':
      return value.value === null ? 'None' : value.value ? 'True' : 'False';
    case 'path':
      return value.path.slice(0, 60);
    case 'list':
      return `[${value.items
        .slice(0, 6)
        .map((item) => showValue(item))
        .join(', ')
        .slice(0, 120)}]`;
    case 'some':
      return showValue(
        value.of.find((one) => one.kind === 'text') ?? value.of[0] ?? { kind: 'unknown', from: new Set() },
      );
    case 'local':
    case 'instance':
      return value.definition.name.slice(0, 60);
    case 'dict':
    case 'unknown':
      return '...';
  }
}
