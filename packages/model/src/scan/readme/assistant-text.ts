// Text that speaks to an assistant (indirect prompt injection, OWASP LLM01): in instruction files that assistants read by
// themselves, and where a person does not see it: comments and hidden elements of a page. The phrases are data.
export interface AssistantRules {
  /** Paths, in lower case, of files that assistants read by themselves. */
  readonly instructionFiles: string;
  readonly override: string;
  readonly conceal: string;
  readonly address: string;
  readonly act: string;
  readonly leak: string;
}

export interface Phrase {
  readonly grave: boolean;
  readonly text: string;
  readonly index: number;
}

const compiled = new WeakMap<AssistantRules, Readonly<Record<keyof AssistantRules, RegExp>>>();

function patterns(rules: AssistantRules): Readonly<Record<keyof AssistantRules, RegExp>> {
  const known = compiled.get(rules);
  if (known !== undefined) return known;
  const made = {
    instructionFiles: new RegExp(rules.instructionFiles),
    override: new RegExp(rules.override, 'i'),
    conceal: new RegExp(rules.conceal, 'i'),
    // Names of products in the case that they are written in; `agent` and `cursor` are words of other things too.
    address: new RegExp(rules.address, 'i'),
    act: new RegExp(rules.act, 'i'),
    leak: new RegExp(rules.leak, 'i'),
  };
  compiled.set(rules, made);
  return made;
}

export function isInstructionFile(path: string, rules: AssistantRules): boolean {
  return patterns(rules).instructionFiles.test(path.replaceAll('\\', '/').toLowerCase());
}

/** What in a visible instruction file is no instruction of the project's own kind. */
export function instructionPhrases(text: string, rules: AssistantRules): readonly Phrase[] {
  const { override, conceal, leak, act } = patterns(rules);
  const found: Phrase[] = [];
  for (const [pattern, needs] of [
    [override, undefined],
    [leak, undefined],
    [conceal, act],
  ] as const) {
    const match = pattern.exec(text);
    if (match === null) continue;
    const around = text.slice(Math.max(0, match.index - 300), match.index + 500);
    if (needs === undefined || needs.test(around)) found.push({ grave: true, text: match[0], index: match.index });
  }
  return found;
}

/** What in a hidden text speaks to an assistant. */
export function hiddenPhrases(text: string, rules: AssistantRules): Phrase | undefined {
  const { override, conceal, leak, address, act } = patterns(rules);
  const grave = override.exec(text) ?? leak.exec(text) ?? (address.test(text) ? conceal.exec(text) : null);
  if (grave !== null) return { grave: true, text: grave[0], index: grave.index };
  const named = address.exec(text);
  if (named === null || !act.test(text) || !/\b(?:you|your|must|should|please|always|when|if)\b/i.test(text))
    return undefined;
  return { grave: false, text: text.trim().slice(0, 120), index: named.index };
}
