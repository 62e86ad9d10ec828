// The module that setuptools writes for an editable install, which a line of a `.pth` file runs at every start. A wheel can ship
// a module of that name with anything in it, so it is allowed by its text alone: three assignments of literals, and around
// them what setuptools always writes.
import { sha256 } from '@vallum/core';
import type { EnvironmentRuleFile } from './rules.js';

const MAX_TEXT = 256 * 1024;
/** A text of Python without line ends and without escapes that could spell another name. */
const TEXT = String.raw`(?:'(?:[^'\\\p{Cc}]|\\[\\'"])*'|"(?:[^"\\\p{Cc}]|\\[\\'"])*")`;
const LIST = String.raw`\[(?:${TEXT}(?:, ${TEXT})*)?\]`;
const table = (value: string): string => String.raw`\{(?:${TEXT}: ${value}(?:, ${TEXT}: ${value})*)?\}`;
const TYPE = String.raw`(?:: [A-Za-z]+\[[A-Za-z[\], ]+\])?`;
const ASSIGNMENTS: Readonly<Record<string, RegExp>> = {
  MAPPING: new RegExp(`^MAPPING${TYPE} = ${table(TEXT)}$`, 'u'),
  NAMESPACES: new RegExp(`^NAMESPACES${TYPE} = ${table(LIST)}$`, 'u'),
  PATH_PLACEHOLDER: new RegExp(String.raw`^PATH_PLACEHOLDER = ${TEXT} \+ ".__path_hook__"$`, 'u'),
};

/** Whether it is a finder of setuptools, and finds no module that Python imports at its start. */
export function isEditableFinder(text: string, rules: EnvironmentRuleFile): boolean {
  if (text.length > MAX_TEXT) return false;
  const lines = text
    .replaceAll('\r\n', '\n')
    .split('\n')
    .map((line) => {
      const name = /^[A-Z_]+/.exec(line)?.[0] ?? '';
      if (ASSIGNMENTS[name]?.test(line) !== true) return line;
      return rules.startModules.some((module) => line.includes(module)) ? line : name;
    });
  const digest = sha256(Buffer.from(lines.join('\n')));
  return rules.pth.finders.some((finder) => finder.sha256 === digest);
}
