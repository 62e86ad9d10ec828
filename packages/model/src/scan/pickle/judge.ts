// Judges what a pickle does, call site by call site, against the allowlist. The order of trust: a name that is listed may
// do what the list says, with the arguments that the list says; whatever a refused call returns is tainted.
import type { Severity } from '@vallum/core';
import type { CallSite, GlobalValue, PickleReport, Value } from '@vallum/formats';
import { describeValue, mayBeCallable, PICKLE_LIMITS } from '@vallum/formats';
import type { Draft } from '../report.js';
import type { Rules } from '../rules.js';
import type { Permit } from './allowlist.js';
import { Allowlist } from './allowlist.js';
import { RUN_BY_UNPICKLING, isRunByUnpickling, stateFault } from './states.js';
import { Explanations, rootGlobal } from './explanations.js';
import { tensorFault } from './tensors.js';

export interface PickleRules {
  readonly allowlist: Allowlist;
  readonly explanations: Explanations;
  /** Keys of dicts whose values the machine must keep. */
  readonly keys: ReadonlySet<string>;
}

const made = new WeakMap<Rules, PickleRules>();

/** Made once for the same rules: the lists are long. */
export function pickleRules(rules: Rules): PickleRules {
  const known = made.get(rules);
  if (known !== undefined) return known;
  const allowlist = new Allowlist(rules.files);
  const keys = new Set([...PICKLE_LIMITS.keys, ...allowlist.stateKeys.keys(), ...RUN_BY_UNPICKLING]);
  const pickle = { allowlist, explanations: new Explanations(rules.files, allowlist), keys };
  made.set(rules, pickle);
  return pickle;
}

/** Things told, by which the same thing is known again. */
const MAX_TOLD = 10_000;

export class PickleJudge {
  readonly #allowlist: Allowlist;
  readonly #explanations: Explanations;
  readonly #tell: (draft: Draft) => void;
  /** Names that a call or a build used up; what is left at the end is a bare reference. */
  readonly #used = new Set<GlobalValue>();
  readonly #told = new Set<string>();
  readonly #attributes = new Map<string, GlobalValue>();

  /** An allowed call loads one of the constants as a pickle. */
  loadsConstants = false;

  constructor(rules: PickleRules, tell: (draft: Draft) => void) {
    this.#allowlist = rules.allowlist;
    this.#explanations = rules.explanations;
    this.#tell = tell;
  }

  readonly visit = (site: CallSite): void => {
    switch (site.how) {
      case 'call':
        return this.#call(site);
      case 'new':
        return this.#new(site, site.target, site.args);
      case 'build':
        return this.#build(site);
      case 'items':
        return this.#items(site);
      case 'persistent':
        if (!this.#allowlist.allowsPersistent(site.target))
          this.#say('VLM-PKL-010', site, `${site.op} with ${describeValue(site.target)}`);
        return;
      case 'extension':
        return this.#say('VLM-PKL-009', site, site.op);
      case 'import':
        return this.#say('VLM-PKL-007', site, `${site.op} is given ${describeValue(site.target)}`);
    }
  };

  /** Looks at the names that were imported and never called or built. */
  finish(report: PickleReport): void {
    for (const value of report.globals) {
      const at = { offset: value.offset, op: value.op };
      if (this.#explanations.isTampering(value)) this.#name('VLM-PKL-019', at, value, 'imports');
      const permit = this.#allowlist.find(value);
      // Attackers walk from a harmless module into another by dots; only a full path that is listed is fine.
      if (value.name.includes('.') && permit === undefined) this.#name('VLM-PKL-003', at, value, 'imports');
      else if ((value.referenced || !this.#used.has(value)) && permit?.how.has('reference') !== true)
        this.#name('VLM-PKL-004', at, value, 'refers to');
    }
  }

  #call(site: CallSite): void {
    const { args } = site;
    const made = site.target.kind === 'result' ? this.#attribute(site.target.callee, site.target.args) : undefined;
    const target = made ?? namedClass(site.target);
    if (target.kind !== 'global') return this.#tainted(site);
    this.#used.add(target);
    if (this.#attribute(target, args) !== undefined || this.#isBoundMethod(target, args)) return;
    const permit = this.#allowlist.find(target);
    if (permit?.how.has('call') !== true) return this.#name('VLM-PKL-001', site, target, 'calls');
    if (!this.#allowlist.matches(permit.args, args))
      return this.#name('VLM-PKL-012', site, target, 'calls', ` with ${describeArguments(args)}`);
    this.#refer(args, (index) => index === permit.builds || this.#allowlist.coversName(permit.args, index));
    if (permit.args?.includes('pickle') === true) this.loadsConstants = true;
    const fault = tensorFault(this.#allowlist.nameOf(target), args);
    if (fault !== undefined) this.#name('VLM-PKL-024', site, target, 'calls', ` so that ${fault}`);
    // `_rebuild_from_type_v2` sets its last argument as a state.
    if (permit.builds !== undefined && args.kind === 'tuple' && args.items.some((item) => isRunByUnpickling(item)))
      this.#name('VLM-PKL-029', site, target, 'calls');
    const built = builtClass(permit, args);
    if (built !== undefined) this.#new(site, built, permit.args?.at(-1) === '...' ? dropFirst(args) : undefined);
  }

  /**
   * Before protocol 4 a method of a class is written as `getattr(Class, 'method')`: the same as a dotted name, so it is
   * judged as one, and allowed where the whole dotted name is.
   */
  #attribute(callee: Value, args: Value): GlobalValue | undefined {
    if (callee.kind !== 'global' || this.#allowlist.nameOf(callee) !== 'builtins:getattr') return;
    const [owner, name] = args.kind === 'tuple' && args.size === 2 ? args.items : [];
    if (owner?.kind !== 'global' || name?.kind !== 'text' || !name.whole) return;
    const known = this.#dotted(owner, name.text);
    return known !== undefined && this.#allowlist.find(known) !== undefined ? known : undefined;
  }

  /** One object for each dotted name, and no more of them than a real file needs. */
  #dotted(owner: GlobalValue, name: string): GlobalValue | undefined {
    const key = `${owner.module}:${owner.name}.${name}`;
    const known = this.#attributes.get(key);
    if (known !== undefined || this.#attributes.size >= MAX_TOLD) return known;
    const made = { ...owner, name: `${owner.name}.${name}` };
    this.#attributes.set(key, made);
    return made;
  }

  /** `getattr(instance, 'method')`, where the list has the method as one that may stand in data. Calling it is not meant. */
  #isBoundMethod(callee: GlobalValue, args: Value): boolean {
    if (this.#allowlist.nameOf(callee) !== 'builtins:getattr') return false;
    const [owner, name] = args.kind === 'tuple' && args.size === 2 ? args.items : [];
    if (owner === undefined || owner.kind === 'global' || name?.kind !== 'text' || !name.whole) return false;
    const maker = this.#makerOf(owner);
    if (maker?.kind !== 'global') return false;
    const method = this.#dotted(maker, name.text);
    return method !== undefined && this.#allowlist.find(method)?.how.has('reference') === true;
  }

  /** Names among the arguments that no rule asks for stand in data. */
  #refer(args: Value, covered: (index: number) => boolean): void {
    if (args.kind !== 'tuple') return;
    for (const [index, item] of args.items.entries())
      if (item.kind === 'global' && !covered(index)) item.referenced = true;
  }

  /** @param args what `__new__` is given; undefined where the function that builds says it */
  #new(site: CallSite, made: Value, args: Value | undefined): void {
    const cls = namedClass(made);
    if (cls.kind !== 'global') return this.#tainted(site);
    this.#used.add(cls);
    if (args !== undefined) this.#refer(args, () => false);
    const permit = this.#allowlist.find(cls);
    if (permit?.how.has('build') === true) {
      const named = site.named === undefined || (site.named.kind === 'dict' && site.named.empty);
      if (named && (args === undefined || this.#allowlist.matches(permit.newArgs, args))) return;
      const tail = ` with ${args === undefined ? 'arguments' : describeArguments(args)}${named ? '' : ' and named ones'}`;
      return this.#name('VLM-PKL-012', site, cls, 'builds', tail);
    }
    this.#name(this.#allowlist.speaksFor(cls) ? 'VLM-PKL-005' : 'VLM-PKL-006', site, cls, 'builds');
  }

  #build(site: CallSite): void {
    const maker = this.#makerOf(site.target);
    if (site.target.kind === 'global' || maker === undefined)
      return this.#say('VLM-PKL-008', site, `${site.op} on ${describeValue(site.target)}`, rootGlobal(site.target));
    if (maker.kind !== 'global') return this.#tainted(site);
    const permit = this.#allowlist.find(maker);
    if (permit?.how.has('build') === true) {
      const fault =
        this.#hiddenItems(site.args) ??
        stateFault(permit, this.#allowlist.stateKeys, site, (state) => this.#isUnread(state)) ??
        (this.#allowlist.matches(permit.sets, site.args) ? undefined : 'it has another shape');
      if (fault !== undefined) this.#name('VLM-PKL-029', site, maker, 'sets state on an instance of', `: ${fault}`);
      return;
    }
    if (isRunByUnpickling(site.args)) this.#name('VLM-PKL-029', site, maker, 'sets state on an instance of');
    // The call or the building of a refused class has been told already; its state adds nothing.
    if (this.#isTold(maker)) return;
    this.#name('VLM-PKL-013', site, maker, 'sets state on what comes from');
  }

  /** In a state of two, a mapping made by a call sets attributes that the machine does not keep. */
  #hiddenItems(state: Value): string | undefined {
    if (state.kind !== 'tuple' || state.size !== 2) return undefined;
    const hidden = state.items.some((half) => {
      const maker = this.#makerOf(half);
      return maker?.kind === 'global' && this.#allowlist.find(maker)?.how.has('items') === true;
    });
    return hidden ? 'it has a mapping that cannot be read' : undefined;
  }

  /** A state that is an object: only bytes, or a mapping that holds itself, are known for what they are. */
  #isUnread(state: Value): boolean {
    if (!mayBeCallable(state)) return false;
    const callee = state.kind === 'result' ? state.callee : undefined;
    return !(callee?.kind === 'global' && this.#allowlist.nameOf(callee) === '_codecs:encode');
  }

  #items(site: CallSite): void {
    const maker = this.#makerOf(site.target);
    const { target, stated } = site;
    if (maker?.kind === 'global' && target.kind !== 'global' && !stated && !isRunByUnpickling(site.args)) {
      if (this.#allowlist.find(maker)?.how.has('items') === true) return;
    }
    this.#say('VLM-PKL-011', site, `${site.op} on ${describeValue(site.target)}`, rootGlobal(site.target));
  }

  #isTold(maker: GlobalValue): boolean {
    const permit = this.#allowlist.find(maker);
    return permit === undefined || (maker.called && !permit.how.has('call'));
  }

  /** The class or function that an object comes from. */
  #makerOf(value: Value): Value | undefined {
    if (value.kind === 'instance') return namedClass(value.of);
    if (value.kind !== 'result') return undefined;
    const permit = value.callee.kind === 'global' ? this.#allowlist.find(value.callee) : undefined;
    return (permit === undefined ? undefined : builtClass(permit, value.args)) ?? value.callee;
  }

  #tainted(site: CallSite): void {
    this.#say('VLM-PKL-002', site, `${site.op} of ${describeValue(site.target)}`, rootGlobal(site.target));
  }

  #name(rule: string, at: { offset: number; op: string }, value: GlobalValue, verb: string, tail = ''): void {
    // What only pickle.load would see in a file of joblib's is told for what it is, unless it names something known.
    if (value.doubtful === true && !this.#allowlist.speaksFor(value))
      return this.#say('VLM-PKL-028', at, `${verb} ${describeValue(value)}${tail} (${at.op})`, value);
    this.#say(rule, at, `${verb} ${describeValue(value)}${tail} (${at.op})`, value);
  }

  #say(rule: string, at: { offset: number; op: string }, detail: string, about?: GlobalValue): void {
    // A stream may do the same thing a million times; it is told once.
    const key = `${rule} ${detail}`;
    if (this.#told.has(key)) return;
    if (this.#told.size < MAX_TOLD) this.#told.add(key);
    const known = about === undefined ? undefined : this.#explanations.find(about);
    const severity: Severity | undefined = known?.severity;
    const why = known === undefined ? '' : `, which ${known.why}`;
    const draft = {
      rule,
      detail: `${detail}${why}, at offset ${at.offset}`,
      location: { offset: at.offset },
      key: detail,
    };
    this.#tell(severity === undefined ? draft : { ...draft, severity });
  }
}

function dropFirst(args: Value): Value {
  return args.kind === 'tuple' ? { ...args, items: args.items.slice(1), size: args.size - 1 } : args;
}

/** Legacy torch files write the class of a module as the persistent id ('module', class, file, source). */
function namedClass(value: Value): Value {
  if (value.kind !== 'persistent' || value.id.kind !== 'tuple') return value;
  const [tag, cls] = value.id.items;
  return tag?.kind === 'text' && tag.text === 'module' && cls?.kind === 'global' ? cls : value;
}

function builtClass(permit: Permit, args: Value): Value | undefined {
  if (permit.builds === undefined || args.kind !== 'tuple') return undefined;
  return args.items[permit.builds];
}

function describeArguments(args: Value): string {
  if (args.kind !== 'tuple') return describeValue(args);
  return `(${args.items
    .slice(0, 4)
    .map((item) => describeValue(item))
    .join(', ')}${args.size > 4 ? ', ...' : ''})`;
}
