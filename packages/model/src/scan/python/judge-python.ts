// Judges what Python code would do by what it is and by when it happens: the same call is grave in a file that a loader
// imports and ordinary in a tool that somebody starts. What the code is made from (the network, a decoder, the environment)
// counts, not how it is spelt.
import type { Severity } from '@vallum/core';
import { atOrAbove } from '@vallum/core';
import type { PythonCall, PythonReport, PythonValue, PythonWrite } from '@vallum/formats';
import { choices, originOf } from '@vallum/formats';
import { addressOf, leakOf, placeOf } from './addresses.js';
import type { CodeRules, Column, Effect, Role } from './code-rules.js';
import type { ShellKit } from './commands.js';
import { judgeCommand } from './commands.js';
import { touchOf } from './places.js';
import type { Sighting } from './sightings.js';
import { showCall, whenOf } from './sightings.js';

export function judgePython(
  report: PythonReport,
  rules: CodeRules,
  shell: ShellKit,
  roles: ReadonlySet<Role>,
): readonly Sighting[] {
  const judge = new Judge(
    rules,
    shell,
    isModule(report) ? new Set([...roles, 'loaded' as const]) : roles,
    roles.has('loaded'),
  );
  for (const call of report.calls) judge.call(call);
  for (const write of report.writes) judge.write(write);
  judge.together();
  for (const { module, line } of report.imports)
    if (rules.packers.test(module.split('.')[0] ?? ''))
      judge.tell('VLM-PYS-014', 'opaque', 'import', `import of ${module}, which runs encrypted source`, line);
  return judge.sightings;
}

/** A file with no part that makes it a program is there to be imported by others. */
function isModule(report: PythonReport): boolean {
  return !report.hasMain && !report.imports.some(({ module }) => PROGRAM.test(module));
}

const PROGRAM =
  /^(?:argparse|click|fire|typer|absl|optparse|getopt|docopt|tyro|hydra|simple_parsing|jsonargparse|unittest|pytest|streamlit|gradio)(?:\.|$)/;

class Judge {
  readonly sightings: Sighting[] = [];
  readonly #rules: CodeRules;
  readonly #shell: ShellKit;
  readonly #roles: ReadonlySet<Role>;

  /** Loaders import it by its name. */
  readonly #loaded: boolean;
  readonly #seen = new Map<string, PythonCall>();

  constructor(rules: CodeRules, shell: ShellKit, roles: ReadonlySet<Role>, loaded: boolean) {
    this.#rules = rules;
    this.#loaded = loaded;
    this.#shell = shell;
    this.#roles = roles;
  }

  tell(rule: string, kind: string, column: Column, detail: string, line: number, least?: Severity): void {
    const own = this.#rules.severity(kind, column);
    const severity = least !== undefined && atOrAbove(least, own) ? least : own;
    this.sightings.push({ rule, severity, detail, line, key: `${detail} ${severity}` });
  }

  #column({ when, path }: Pick<PythonCall, 'when' | 'path'>): Column {
    // Only a notebook has this name; where loaders import the file, one may be open.
    if (path.startsWith('IPython.get_ipython') && !this.#loaded) return 'main';
    return when === 'function' && this.#roles.has('loaded') ? 'loaded' : when;
  }

  call(call: PythonCall): void {
    const name = this.#rules.canonical(call.path);
    if (TOGETHER.test(name)) this.#seen.set(name, call);
    const column = this.#column(call);
    const effect = this.#rules.effectOf(name);
    const told = (rule: string, kind: string, detail?: string, least?: Severity): void =>
      this.tell(rule, kind, column, `${detail ?? showCall(name, call.arguments)}${whenOf(call)}`, call.line, least);
    const touch = touchOf(call, name, this.#rules, this.#shell.rules);
    if (touch?.kind === 'secret') told('VLM-PYS-011', 'secret', `${name} of ${touch.path}`);
    if (touch?.kind === 'persist') told('VLM-PYS-010', 'persist', `${name} to ${touch.path}`);
    if (touch?.kind === 'sweep') told('VLM-PYS-011', 'sweep', `${name} of ${touch.path}`);
    if (touch?.kind === 'wipe') told('VLM-PYS-018', 'damage-wide', `${name} of ${touch.path}`);
    if (effect !== undefined) this.#effect(effect, call, name, told);
    else if (isComputed(name))
      told('VLM-PYS-014', 'computed', showCall(name.replace(/\?$/, '<computed>'), call.arguments));
    else if (
      call.when === 'import' &&
      call.layers === 0 &&
      !call.path.startsWith('.') &&
      !this.#rules.isBelowEffect(name) &&
      this.#rules.isUnlisted(name)
    )
      told('VLM-PYS-019', 'unlisted');
    if (isTrue(call.keywords.get('trust_remote_code'))) told('VLM-PYS-013', 'trust');
    this.#handedOver(call, name, told);
  }

  /** A connection and a shell that is put onto it. */
  together(): void {
    const connect = [...this.#seen.values()].find(({ path }) => /connect/.test(path));
    const shell = [...this.#seen.values()].find(({ path }) => !/connect/.test(path));
    if (connect === undefined || shell === undefined) return;
    if (placeOf(addressOf(connect).texts, this.#rules, this.#shell.rules.data) === 'known') return;
    const detail = `${showCall(this.#rules.canonical(connect.path), connect.arguments)} and ${this.#rules.canonical(shell.path)}`;
    this.tell('VLM-PYS-004', 'remote-shell', this.#column(connect), `${detail}${whenOf(connect)}`, connect.line);
  }

  #effect(effect: Effect, call: PythonCall, name: string, told: Tell): void {
    switch (effect.effect) {
      case 'process':
        return this.#process(call, name, told);
      case 'execute':
        return this.#execute(call, told);
      case 'code-object':
        if (this.#madeBy(call) !== undefined || name.startsWith('marshal.')) told(effect.rule, 'code-object');
        if (!name.startsWith('marshal.') && this.#madeBy(call) !== undefined) told('VLM-PYS-002', 'execute-decoded');
        return;
      case 'connect':
      case 'fetch':
      case 'send':
      case 'lookup':
        return this.#network(effect, call, name, told);
      case 'native':
        return told(effect.rule, isSystemLibrary(call) ? 'native-known' : 'native');
      case 'load-file':
        return told(
          effect.rule,
          call.arguments.some(
            (value) => value.kind === 'text' && /\.(?!pyc?$|so$|pyd$|dll$|dylib$)\w+$/.test(value.text),
          )
            ? 'execute'
            : 'load-file',
        );
      case 'unpickle':
        return this.#unpickle(effect, call, name, told);
      default:
        return told(effect.rule, effect.effect);
    }
  }

  #process(call: PythonCall, name: string, told: Tell): void {
    const { kind, shown, grave } = judgeCommand(call, this.#rules, this.#shell);
    const sent = { ...call, arguments: call.arguments.slice(0, 1), keywords: new Map() };
    if (leakOf(sent, this.#rules) === 'whole') told('VLM-PYS-007', 'leak');
    const detail = shown === '' ? showCall(name, call.arguments) : `${name}: \`${shown}\``;
    const fetched = this.#madeBy(call);
    if (fetched?.kind === 'fetched' && kind === 'process')
      told('VLM-PYS-002', 'execute-decoded', `${detail} (made from ${fetched.name})`);
    if (grave !== undefined) told('VLM-PYS-001', kind, `${detail}: ${grave.why}`, grave.severity);
    else if (kind === 'process-install') told('VLM-PYS-009', kind, detail);
    // A build runs compilers whose names it works out.
    else told('VLM-PYS-001', kind === 'process' && this.#roles.has('setup') ? 'process-build' : kind, detail);
  }

  /** Whether what is run came from another machine or out of a decoder. */
  #madeBy(call: PythonCall): { readonly kind: 'fetched' | 'decoded'; readonly name: string } | undefined {
    let decoded: string | undefined;
    for (const value of [...call.arguments, ...call.keywords.values()])
      for (const origin of originOf(value)) {
        const name = this.#rules.canonical(origin);
        const effect = this.#rules.effectOf(name)?.effect;
        if (effect === 'fetch' || effect === 'connect' || effect === 'send') return { kind: 'fetched', name };
        if (/\.recv(?:from|_into)?$/.test(name)) return { kind: 'fetched', name };
        if (this.#rules.decoders.get(name) !== undefined) decoded ??= name;
      }
    return decoded === undefined ? undefined : { kind: 'decoded', name: decoded };
  }

  #execute(call: PythonCall, told: Tell): void {
    const [code] = call.arguments;
    const name = this.#rules.canonical(call.path);
    const made = code === undefined ? undefined : this.#madeBy({ ...call, arguments: [code], keywords: new Map() });
    if (made !== undefined && !isHarmlessText(code))
      return told('VLM-PYS-002', 'execute-decoded', `${showCall(name, call.arguments)} of what ${made.name} gives`);
    const texts = code === undefined ? [] : choices(code);
    if (
      TEXT.test(name) &&
      texts.length > 0 &&
      texts.every((one) => (one.kind === 'text' && one.open !== true) || one.kind === 'plain')
    )
      return told('VLM-PYS-003', 'execute-own');
    if (
      this.#roles.has('setup') &&
      code !== undefined &&
      [...originOf(code)].some((origin) => /^file:.*(?:version|about|init|meta|info)\w*(?:\.py)?$/i.test(origin))
    )
      return told('VLM-PYS-003', 'execute-own');
    told('VLM-PYS-003', name.endsWith('.eval') ? 'evaluate' : 'execute');
  }

  #network(effect: Effect, call: PythonCall, name: string, told: Tell): void {
    const { shown, texts } = addressOf(call);
    const place = placeOf(texts, this.#rules, this.#shell.rules.data);
    const leak = leakOf(call, this.#rules, effect.effect === 'lookup');
    const detail = shown === '' ? showCall(name, call.arguments) : `${name} ${shown}`;
    if (leak === 'whole') return told('VLM-PYS-007', 'leak', detail);
    if (leak === 'key' && place !== 'known') return told('VLM-PYS-007', 'leak-key', detail);
    const sends =
      effect.effect === 'fetch' &&
      (call.keywords.has('data') || call.keywords.has('json') || call.keywords.has('files'));
    const kind = sends ? 'send' : effect.effect;
    told(
      sends ? 'VLM-PYS-006' : effect.rule,
      place === 'other' && kind !== 'lookup' ? kind : `${kind}-${place}`,
      detail,
    );
  }

  #unpickle(effect: Effect, call: PythonCall, name: string, told: Tell): void {
    const { keywords } = call;
    if (name === 'torch.load' && isTrue(keywords.get('weights_only'))) return;
    if (name === 'numpy.load' && !isTrue(keywords.get('allow_pickle'))) return;
    if (/load_model$/.test(name) && !isFalse(keywords.get('safe_mode'))) return;
    const loader = keywords.get('Loader') ?? (name.startsWith('yaml.') ? call.arguments[1] : undefined);
    if (loader !== undefined && choices(loader).every((one) => one.kind === 'path' && /Safe|Base/.test(one.path)))
      return;
    const made = this.#madeBy({ ...call, arguments: call.arguments.slice(0, 1), keywords: new Map() });
    // Bytes that stand in the source are a payload; bytes from elsewhere are what the caller gave.
    const held = call.arguments
      .slice(0, 1)
      .flatMap((value) => choices(value))
      .find((value) => value.kind === 'text');
    const payload = /^yaml\./.test(name)
      ? held?.text.includes('!!python') === true
      : /loads$/.test(name) && held !== undefined;
    if (payload || made?.kind === 'fetched')
      told(
        'VLM-PYS-002',
        'unpickle-fetched',
        `${showCall(name, call.arguments)} of what ${made?.name ?? 'the source'} gives`,
      );
    else if (made === undefined || name === 'numpy.load') told(effect.rule, 'unpickle');
    else told('VLM-PYS-002', 'unpickle-decoded', `${showCall(name, call.arguments)} of what ${made.name} gives`);
  }

  /** Functions with an effect that are handed to something which may call them. */
  #handedOver(call: PythonCall, name: string, told: Tell): void {
    if (ASKS.test(name)) return;
    for (const value of [...call.arguments, ...call.keywords.values()])
      for (const one of choices(value)) {
        const effect =
          one.kind === 'path' && !/\(\)|\[\]/.test(one.path)
            ? this.#rules.effectOf(this.#rules.canonical(one.path))
            : undefined;
        if (effect === undefined || one.kind !== 'path' || !HANDED.has(effect.effect)) continue;
        const shown = `${this.#rules.canonical(one.path)} handed to ${showCall(
          name,
          call.arguments.filter((arg) => arg !== value),
        )}`;
        const inner = call.keywords.get('args');
        const rest = inner?.kind === 'list' ? inner.items : call.arguments.filter((arg) => arg !== value);
        if (effect.effect === 'fetch' || effect.effect === 'send' || effect.effect === 'connect')
          this.#network(effect, { ...call, arguments: rest }, this.#rules.canonical(one.path), told);
        else if (effect.effect === 'process' || effect.effect === 'install') {
          const { kind, grave } = judgeCommand(
            { ...call, path: one.path, arguments: rest, keywords: new Map() },
            this.#rules,
            this.#shell,
          );
          told(effect.rule, kind, shown, grave?.severity);
        } else told(effect.rule, effect.effect === 'execute' ? 'handed' : effect.effect, shown);
      }
  }

  write(write: PythonWrite): void {
    const name = this.#rules.canonical(write.path);
    const column = this.#column(write);
    const tell = (detail: string): void =>
      this.tell('VLM-PYS-017', 'hook', column, `${detail}${whenOf(write)}`, write.line);
    const handed = choices(write.value).find(
      (one) => one.kind === 'path' && HANDED.has(this.#rules.effectOf(this.#rules.canonical(one.path))?.effect ?? ''),
    );
    if (handed?.kind === 'path' && !/\(\)|\[\]/.test(handed.path)) {
      const effect = this.#rules.effectOf(this.#rules.canonical(handed.path));
      if (effect?.effect === 'process')
        this.tell(
          effect.rule,
          name.startsWith('builtins.') ? 'process' : 'handed',
          column,
          `${this.#rules.canonical(handed.path)} put into ${name}${whenOf(write)}`,
          write.line,
        );
    }
    if (name === 'os.environ[]' && write.key !== undefined && this.#rules.data.environmentSwitches.includes(write.key))
      tell(`sets ${write.key}`);
    else if (/^builtins\.\w+$/.test(name) || /^transformers\.dynamic_module_utils\./.test(name))
      tell(`replaces ${name}`);
  }
}

/** Calls whose first argument is source, where others take the name of a file. */
const TEXT = /^(?:builtins|timeit|cProfile|profile|pdb|code|IPython|pandas|numexpr)\./;

type Tell = (rule: string, kind: string, detail?: string, least?: Severity) => void;

const HANDED = new Set(['process', 'execute', 'connect', 'fetch', 'send', 'code-object', 'native', 'install']);
/** What a shell over the network is made of. */
const TOGETHER = /^(?:socket\.socket\.connect(?:_ex)?|socket\.create_connection|os\.dup2|pty\.spawn)$/;
/** Calls that only ask about what they are handed. */
const ASKS =
  /^builtins\.(?:isinstance|issubclass|callable|hasattr|id|type|repr|str|print|getattr|setattr|compile|super)$|^inspect\.|^unittest\.mock\.|^mock\.|\.patch(?:\.object)?$|^functools\.(?:wraps|update_wrapper)$|^typing\.|^logging\.|^warnings\./;
/** Modules whose functions nobody needs to call by a computed name. */
const SENSITIVE = /^(?:os|subprocess|builtins|sys|ctypes|socket|shutil|importlib|pty|commands|_posixsubprocess)\.\?/;
const RESOLVED =
  /^(?:builtins\.__import__|importlib\.import_module|importlib\.__import__|sys\.modules\[\])\.(?:system|popen|exec\w*|spawn\w*|Popen|run|call|check_output|check_call|eval|loads|connect|urlopen|__dict__)\b/;

function isComputed(name: string): boolean {
  return SENSITIVE.test(name) || RESOLVED.test(name);
}

function isTrue(value: PythonValue | undefined): boolean {
  return value !== undefined && choices(value).some((one) => one.kind === 'plain' && one.value === true);
}

function isFalse(value: PythonValue | undefined): boolean {
  return value !== undefined && choices(value).some((one) => one.kind === 'plain' && one.value === false);
}

/** Text that a decoder gave and that holds no call: `eval(bytes.decode())` of a number. */
function isHarmlessText(value: PythonValue | undefined): boolean {
  return (
    value?.kind === 'text' &&
    value.open !== true &&
    value.text.length < 200 &&
    /^[\s\w.,'"+*/%[\]{}:-]*$/.test(value.text)
  );
}

/** A library of the system by its plain name. */
function isSystemLibrary({ arguments: [first], keywords }: PythonCall): boolean {
  const value = first ?? keywords.get('name');
  if (value === undefined) return false;
  return choices(value).every(
    (one) =>
      (one.kind === 'plain' && one.value === null) ||
      (one.kind === 'text' &&
        /^(?:lib)?(?:c|m|dl|pthread|rt|gomp|iomp5|cuda|cudart|cudnn|nccl|nvrtc|nvToolsExt|stdc\+\+|gcc_s|tcmalloc|jemalloc|X11|objc|System|kernel32|user32|shell32|msvcrt|ntdll|advapi32|libc|psapi|winmm)(?:[-_.]?[\d.]+)?(?:\.(?:so|dylib|dll))?(?:\.\d+)*$/i.test(
          one.text,
        )) ||
      (one.kind === 'path' && one.path.startsWith('ctypes.util.find_library')),
  );
}
