// Judges shell commands: fetching and running, shells over the network, decoding and running, commands that hide their name.
// What it looks for is how data flows (network or decoder into something that runs it), never one spelling of it; addresses,
// files and names that are fine or not are data. What else a command does is judged in `effects.ts` and `leaks.ts`.
import type { Severity } from '@vallum/core';
import type { ShellCommand, ShellReport, ShellScript, ShellWord } from '@vallum/formats';
import { pipelineOutput, readShell } from '@vallum/formats';
import type { Call, Fetch } from './calls.js';
import { allCommands, callOf, fetchOf, isShell, runsInput, textsRun, wordsOf } from './calls.js';
import { decoderOf, decodes, fetchedIn, interpreterOf, plainPath, show } from './flows.js';
import { judgeEffects } from './effects.js';
import { judgeLeaks } from './leaks.js';
import type { Origin } from './origins.js';
import { worstOf } from './origins.js';
import { judgeProgram, textsOf } from './programs.js';
import { judgeRemoteShell } from './remote-shells.js';
import type { Place, Scene } from './scene.js';
import type { CompiledShellRules } from './shell-rules.js';

export interface Sighting {
  readonly rule: string;
  readonly severity?: Severity;
  readonly detail: string;
  readonly line: number;
}

export interface ShellJudgement {
  readonly sightings: readonly Sighting[];
  readonly fault?: ShellReport['fault'];
}

const MAX_SIGHTINGS = 100;
const MAX_DEPTH = 6;
/** Pairs of commands in pipes; a pipe of thousands would take thousands times thousands of looks. */
const MAX_WORK = 1_000_000;

/** @param line the first line of the text in its file, from 1 */
export function judgeShell(
  text: string,
  rules: CompiledShellRules,
  place: Place = 'machine',
  line = 1,
): ShellJudgement {
  return new ShellSession(rules, place).judge(text, line);
}

/** Commands that run one after the other on one disk, so that what one fetches another may run: the lines of a build file. */
export class ShellSession {
  readonly #walk: Walk;

  constructor(rules: CompiledShellRules, place: Place) {
    this.#walk = new Walk(rules, place);
  }

  /** A file was fetched by other means than a command. */
  fetched(file: string, origin: Origin, line: number): void {
    this.#walk.fetched(file, origin, line);
  }

  judge(text: string, line: number): ShellJudgement {
    const fault = this.#walk.text(text, line, 0);
    return { sightings: this.#walk.take(), ...(fault === undefined ? {} : { fault }) };
  }
}

/** A file that the script made: from where, and what has been done with it. */
interface Made {
  readonly origin?: Origin;
  readonly decoded: boolean;
  readonly line: number;
}

class Walk implements Scene {
  readonly rules: CompiledShellRules;
  readonly place: Place;
  readonly #sightings = new Map<string, Sighting>();
  readonly #made = new Map<string, Made>();
  /** Variables that were filled from another machine. */
  readonly #read = new Map<string, Origin>();
  /** Files that the script put secrets into. */
  readonly secretFiles = new Set<string>();
  /** A socket was opened by `exec`. */
  socket = false;
  #verified = false;
  #work = 0;
  #offset = 0;
  #shown = '';

  constructor(rules: CompiledShellRules, place: Place) {
    this.rules = rules;
    this.place = place;
  }

  /** What was seen since it was last asked. */
  take(): readonly Sighting[] {
    const taken = [...this.#sightings.values()];
    this.#sightings.clear();
    return taken;
  }

  fetched(file: string, origin: Origin, line: number): void {
    if (this.#made.size < 1000) this.#made.set(plainPath(file), { origin, decoded: false, line });
  }

  text(text: string, line: number, depth: number): ShellReport['fault'] {
    if (depth > MAX_DEPTH) return undefined;
    const report = readShell(text);
    const before = this.#offset;
    this.#offset = line - 1;
    if (/(?:^|[\s;])([\w.:]+)\s*\(\)\s*\{\s*\1\s*\|\s*\1\s*&\s*\}\s*;?\s*\1/.test(text.slice(0, 200_000)))
      this.tell('VLM-SHL-006', 'a function that starts itself without end', line - this.#offset);
    this.script(report.script, depth);
    this.#offset = before;
    if (this.#work > MAX_WORK) return { kind: 'budget', line, why: 'it has too many commands in pipes' };
    return report.fault;
  }

  tell(rule: string, detail: string, line: number, severity?: Severity): void {
    const at = this.#offset + line;
    const key = `${rule} ${at} ${severity ?? ''}`;
    if (this.#sightings.size >= MAX_SIGHTINGS || this.#sightings.has(key)) return;
    const shown = detail.includes('`') || this.#shown === '' ? detail : `${detail}: \`${this.#shown}\``;
    this.#sightings.set(key, {
      rule,
      detail: shown.slice(0, 400),
      line: at,
      ...(severity === undefined ? {} : { severity }),
    });
  }

  script(script: ShellScript, depth: number): void {
    if (depth > 40) return;
    for (const { commands } of script.pipelines) {
      const outer = this.#shown;
      this.#shown = commands.map(show).join(' | ').slice(0, 160);
      this.#pipeline(commands, depth);
      this.#shown = outer;
    }
  }

  #pipeline(commands: readonly ShellCommand[], depth: number): void {
    this.#work += commands.length * (commands.length + 10);
    if (this.#work > MAX_WORK) return;
    for (const [index, command] of commands.entries()) {
      const before = commands.slice(0, index);
      if (index > 0 && this.#runsItsInput(command)) this.#intoProgram(before, command, depth);
      const call = callOf(command, this.rules);
      if (call !== undefined) this.#call(call, depth);
      this.#loops(command, before);
      for (const { name, value } of command.assignments)
        if (name === 'PROMPT_COMMAND' || name === 'BASH_ENV' || name === 'ENV')
          this.#runText(value, 'sh', command.line, depth);
      if (command.body !== undefined) this.script(command.body, depth + 1);
      for (const word of wordsOf(command)) for (const run of word.runs) this.script(run, depth + 1);
    }
    judgeRemoteShell(this, commands);
    judgeLeaks(this, commands);
    for (const command of commands) judgeEffects(this, command, commands);
  }

  /** `| sh`, `| sudo bash -s`, `| { sh; }`. */
  #runsItsInput(command: ShellCommand): boolean {
    const call = callOf(command, this.rules);
    if (call !== undefined && runsInput(call, this.rules)) return true;
    if (call?.fromInput === true && textsRun(call, this.rules).some(({ word }) => /\{\}|\$[@0-9*]/.test(word.text)))
      return true;
    return (
      command.body?.pipelines.some(({ commands: [first] }) => first !== undefined && this.#runsItsInput(first)) === true
    );
  }

  /** A loop that reads lines and runs them. */
  #loops(command: ShellCommand, before: readonly ShellCommand[]): void {
    if (command.body === undefined) return;
    const inner = [...allCommands(command.body)].map((one) => callOf(one, this.rules));
    if (!inner.some((call) => call?.name === 'read' || call?.name === 'mapfile')) return;
    const runs = inner.some(
      (call) => call !== undefined && textsRun(call, this.rules).some(({ word }) => word.text.includes('$')),
    );
    const origin = worstOf([
      ...this.#fetched(before),
      ...fetchedIn(
        command.redirects.flatMap(({ target }) => target.runs),
        this.rules,
      ),
    ]);
    if (runs && origin !== undefined) this.#fetchedAndRun(origin, command.line);
  }

  #intoProgram(before: readonly ShellCommand[], command: ShellCommand, depth: number): void {
    const origin = worstOf(this.#fetched(before));
    const decoder = decoderOf(before, this.rules);
    const call = callOf(command, this.rules);
    const constant = pipelineOutput(before);
    if (constant !== undefined) {
      if (decoder !== undefined)
        this.tell('VLM-SHL-004', `${decoder} into ${call?.name ?? 'a program'}`, command.line, 'critical');
      this.#nested(constant, interpreterOf(call, this.rules), command.line, depth);
      return;
    }
    if (origin !== undefined) this.#fetchedAndRun(origin, command.line, decoder);
    else if (decoder !== undefined)
      this.tell(
        'VLM-SHL-004',
        `${decoder} into ${call?.name ?? 'a program'}`,
        command.line,
        decoder === 'tr' ? 'medium' : 'critical',
      );
    else if (call !== undefined && isShell(call.name, this.rules) && !before.every((one) => this.#plainText(one)))
      this.tell('VLM-SHL-011', `into ${call.name}`, command.line);
  }

  /** `cat script.sh | sh` runs a file of the repository; `echo ... | sh` what is written there. */
  #plainText(command: ShellCommand): boolean {
    const name = callOf(command, this.rules)?.name;
    return (
      name === undefined ||
      /^(?:cat|echo|printf|sed|grep|awk|yes|head|tail|envsubst|cut|sort|uniq|true|kompose|xargs)$/.test(name)
    );
  }

  #fetched(commands: readonly ShellCommand[]): readonly Origin[] {
    return commands.flatMap((command) => {
      const all = [command, ...(command.body === undefined ? [] : allCommands(command.body))];
      return all.flatMap((one) => {
        const call = callOf(one, this.rules);
        const fetch = call === undefined ? undefined : fetchOf(call, this.rules);
        const known = this.#fileRead(call);
        return [
          ...(fetch?.origins ?? []),
          ...(known?.origin === undefined ? [] : [known.origin]),
          ...fetchedIn(
            wordsOf(one).flatMap((word) => word.runs),
            this.rules,
          ),
        ];
      });
    });
  }

  /** `cat` of a file that was downloaded. */
  #fileRead(call: Call | undefined): Made | undefined {
    if (call?.name !== 'cat') return undefined;
    return call.args.map((word) => this.#made.get(plainPath(word.text))).find((made) => made !== undefined);
  }

  #call(call: Call, depth: number): void {
    const { name, args, command } = call;
    this.#hiddenName(call);
    if (
      /^(?:sha\d+sum|shasum|b2sum|cosign|minisign|sigstore|slsa-verifier|md5sum)$/.test(name) ||
      (name === 'gpg' && args.some(({ text }) => text === '--verify'))
    )
      this.#verified = true;
    const fetch = fetchOf(call, this.rules);
    if (fetch !== undefined) this.#downloaded(fetch, command.line);
    this.#decodedFile(call);
    this.#runsFile(call);
    this.#variablesRead(call);
    this.#inputText(call, depth);
    for (const { interpreter, word } of textsRun(call, this.rules))
      this.#runText(word, interpreter, command.line, depth, name === 'eval');
  }

  /** `bash <(...)`, `sh <<< "..."`, `bash <<EOF`, `source <(...)`, and `$(...)` in the place of a command. */
  #inputText(call: Call, depth: number): void {
    const { name, args, command, program } = call;
    const shell = isShell(name, this.rules);
    const runs = shell || name === 'source' || name === '.' || this.rules.interpreters.has(name);
    const sources = [
      ...(runs ? args.filter((word) => word.text.startsWith('<(')).slice(0, 1) : []),
      ...(runs && runsInput(call, this.rules)
        ? command.redirects.filter(({ op }) => op === '<' || op === '<<<').map(({ target }) => target)
        : []),
      ...(program.runs.length > 0 && !program.known ? [program] : []),
    ];
    for (const word of sources) {
      const origin = worstOf(fetchedIn(word.runs, this.rules));
      const decoder = decoderOf(
        word.runs.flatMap((run) => [...allCommands(run)]),
        this.rules,
      );
      if (origin !== undefined) this.#fetchedAndRun(origin, command.line, decoder);
      else if (decoder !== undefined) this.tell('VLM-SHL-004', `${decoder} into ${name}`, command.line, 'critical');
      if (word.known) this.#nested(word.text, interpreterOf(call, this.rules), command.line, depth);
    }
    if (!runs || !runsInput(call, this.rules)) return;
    for (const { body } of command.redirects)
      if (body !== undefined) this.#nested(body, interpreterOf(call, this.rules), command.line + 1, depth);
  }

  /** Text that is run as it stands: what it holds, and where the open parts come from. */
  #runText(word: ShellWord, interpreter: string, line: number, depth: number, evaluated = false): void {
    const whole = /^\s*(?:\$\(\.\.\.\)|<\(\.\.\.\))/.test(word.text) || evaluated;
    const origin = worstOf([...fetchedIn(word.runs, this.rules), ...this.#originRead(word)]);
    const decoder = decoderOf(
      word.runs.flatMap((run) => [...allCommands(run)]),
      this.rules,
    );
    if (whole && origin !== undefined) this.#fetchedAndRun(origin, line, decoder);
    else if ((whole || word.known) && decoder !== undefined && decoder !== 'tr')
      this.tell('VLM-SHL-004', `${decoder} into ${interpreter}`, line, 'critical');
    if (evaluated && word.tricks.includes('ansi-c')) this.tell('VLM-SHL-010', 'escapes in what is run', line, 'high');
    if (!/^\s*\$[\w({@]*[^\s]*\s*$/.test(word.text)) this.#nested(word.text, interpreter, line, depth);
  }

  /** `read x < <(curl ...)`, `mapfile`. */
  #variablesRead({ name, args, command }: Call): void {
    if (!/^(?:read|mapfile|readarray)$/.test(name)) return;
    const origin = worstOf(
      fetchedIn(
        command.redirects.flatMap(({ target }) => target.runs),
        this.rules,
      ),
    );
    if (origin !== undefined && this.#read.size < 200) for (const { text } of args) this.#read.set(text, origin);
  }

  #originRead(word: ShellWord): readonly Origin[] {
    if (this.#read.size === 0) return [];
    return [...word.raw.matchAll(/\$\{?(\w+)/g)].flatMap(([, name = '']) => this.#read.get(name) ?? []);
  }

  #nested(text: string, interpreter: string, line: number, depth: number): void {
    if (interpreter === 'sh') {
      this.text(text, this.#offset + line, depth + 1);
      return;
    }
    for (const { rule, what, severity } of judgeProgram(text, this.rules))
      this.tell(rule, `${interpreter} code ${what}`, line, severity);
    for (const { text: command } of textsOf(text, this.rules)) this.text(command, this.#offset + line, depth + 1);
  }

  #hiddenName(call: Call): void {
    const { program, name, command } = call;
    const glob = /^[/\w.?*[\]-]*[?*[][/\w.?*[\]-]*$/.test(program.text) && program.text.includes('/');
    const tricks = program.tricks.filter(
      (trick) => trick !== 'inner quotes' || /[A-Za-z](?:''|""|\\|'[^']*'|"[^"]*")[A-Za-z]?/.test(program.raw),
    );
    if (tricks.length === 0 && !(glob && /^\/[?*\w[\]-]+\/[?*\w[\]-]+/.test(program.text))) {
      const split = /^[A-Za-z]+\$(?:[@*!]|\{[^}]*\}|\w+)[A-Za-z]+$/.exec(program.text);
      if (split === null) return;
      const bare = program.text.replace(/\$(?:[@*!]|\{[^}]*\}|[A-Za-z_]\w*?(?=[a-z]*$))/g, '');
      if (this.#dangerous(bare)) this.tell('VLM-SHL-010', `${program.raw} is ${bare}`, command.line, 'high');
      return;
    }
    const dangerous = this.#dangerous(name) || glob;
    this.tell(
      'VLM-SHL-010',
      `${program.raw.slice(0, 80)} is ${glob ? 'a pattern' : name}`,
      command.line,
      dangerous ? 'high' : undefined,
    );
  }

  #dangerous(name: string): boolean {
    return (
      isShell(name, this.rules) ||
      this.rules.interpreters.has(name) ||
      this.rules.decoders.has(name) ||
      Object.hasOwn(this.rules.data.fetchers, name) ||
      /^(?:eval|exec|source|rm|dd|mkfs.*|chmod|chown|crontab|sudo|su|kill|nohup|cat|ssh)$/.test(name)
    );
  }

  #downloaded({ origins, files }: Fetch, line: number): void {
    const origin = worstOf(origins);
    this.#verified = false;
    for (const file of files)
      if (origin !== undefined && this.#made.size < 1000)
        this.#made.set(plainPath(file), { origin, decoded: false, line });
  }

  #decodedFile(call: Call): void {
    if (!decodes(call, this.rules) || call.name === 'tr') return;
    for (const { op, target } of call.command.redirects)
      if (op.startsWith('>')) this.#made.set(plainPath(target.text), { decoded: true, line: call.command.line });
  }

  /** Runs, sources, installs or makes executable a file that was fetched or decoded before. */
  #runsFile(call: Call): void {
    const { name, program, args, command } = call;
    const self = this.#made.get(plainPath(program.text));
    if (self !== undefined) return this.#ranFile(self, command.line);
    const runs =
      isShell(name, this.rules) ||
      this.rules.interpreters.has(name) ||
      /^(?:source|\.|dpkg|rpm|installer|open|start|java|wine)$/.test(name);
    const marks =
      name === 'chmod' && args.some(({ text }) => /^(?:[ugoa]*\+[rwxst]*x|0?[0-7]*[1357][0-7]{0,2})/.test(text));
    const takesAll = /^(?:dpkg|rpm|installer|chmod)$/.test(name);
    const files = takesAll ? args : args.filter((word) => !word.text.startsWith('-')).slice(0, 1);
    for (const word of files) {
      const made = this.#made.get(plainPath(word.text));
      if (made === undefined) continue;
      if (runs) this.#ranFile(made, command.line);
      else if (marks) this.#marked(made, command.line);
    }
  }

  #ranFile(made: Made, line: number): void {
    if (made.decoded) return this.tell('VLM-SHL-004', `a file decoded in line ${made.line}`, line, 'critical');
    if (made.origin === undefined) return;
    const { trust, url, why } = made.origin;
    const detail = `${url} (${why}), fetched in line ${this.#offset + made.line}`;
    if (trust === 'bad') this.tell('VLM-SHL-001', detail, line, this.#verified ? undefined : 'critical');
    else if (trust === 'other' && !this.#verified) this.tell('VLM-SHL-001', detail, line);
    else if (trust !== 'local') this.tell('VLM-SHL-002', detail, line);
  }

  #marked(made: Made, line: number): void {
    if (made.decoded) return this.tell('VLM-SHL-004', `a file decoded in line ${made.line} is made executable`, line);
    if (made.origin === undefined) return;
    const { trust, url, why } = made.origin;
    if (trust === 'bad' && !this.#verified && !/^plain/.test(why))
      this.tell('VLM-SHL-001', `${url} (${why}) is made executable`, line);
    else if (trust !== 'local' && trust !== 'publisher')
      this.tell('VLM-SHL-012', `${url} (${why})`, line, trust === 'bad' || trust === 'other' ? 'medium' : undefined);
  }

  #fetchedAndRun({ trust, url, why }: Origin, line: number, decoder?: string): void {
    const detail = `${url} (${why})${decoder === undefined ? '' : ` through ${decoder}`}`;
    if (trust === 'publisher') this.tell('VLM-SHL-002', detail, line);
    else if (trust === 'local') this.tell('VLM-SHL-011', detail, line);
    else
      this.tell(
        'VLM-SHL-001',
        detail,
        line,
        trust === 'bad' || (decoder !== undefined && decoder !== 'tr') ? 'critical' : undefined,
      );
  }
}
