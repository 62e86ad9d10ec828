// What a command changes on the machine: things that start by themselves, data that is destroyed, protection that is
// switched off, packages from elsewhere. Building an image may do some of it, a person's machine is not to be changed.
import type { Severity } from '@vallum/core';
import type { ShellCommand } from '@vallum/formats';
import type { Call } from './calls.js';
import { callOf } from './calls.js';
import { isKnownIndex, originOf } from './origins.js';
import type { Scene } from './scene.js';

export function judgeEffects(scene: Scene, command: ShellCommand, pipeline: readonly ShellCommand[]): void {
  const call = callOf(command, scene.rules);
  writes(scene, command, call, pipeline);
  if (call === undefined) return;
  destroys(scene, call);
  weakens(scene, call);
  installs(scene, call);
  if (scene.rules.miners.test(sentence(call)))
    scene.tell('VLM-SHL-013', sentence(call).slice(0, 120), call.command.line);
}

export function sentence({ name, args }: Call): string {
  return [name, ...args.map((word) => word.text)].join(' ').slice(0, 2000);
}

function writes(scene: Scene, command: ShellCommand, call: Call | undefined, pipeline: readonly ShellCommand[]): void {
  for (const path of written(command, call).map((one) => one.slice(0, 1000))) {
    const row = scene.rules.persistence.find(({ test }) => test.test(path))?.row;
    if (row !== undefined)
      scene.tell(
        'VLM-SHL-005',
        `${path.slice(0, 100)} ${row.what}`,
        command.line,
        persistenceSeverity(scene, row.severity, path, call, pipeline),
      );
    else if (scene.rules.profiles.test(path)) profile(scene, command, path, pipeline);
  }
  if (call?.name === 'crontab') crontab(scene, call, pipeline);
  if (call !== undefined && /^(?:at|batch)$/.test(call.name) && pipeline.length > 1)
    scene.tell('VLM-SHL-005', 'starts something later', command.line);
  if (call?.name === 'launchctl' && /^(?:load|bootstrap)$/.test(call.args[0]?.text ?? ''))
    scene.tell('VLM-SHL-005', 'starts something at login', command.line);
}

function persistenceSeverity(
  scene: Scene,
  severity: Severity,
  path: string,
  call: Call | undefined,
  pipeline: readonly ShellCommand[],
): Severity | undefined {
  // The machine's own public key, as programs that talk over ssh between their nodes set it up.
  const own = [call, ...pipeline.map((one) => callOf(one, scene.rules))].some((one) =>
    one?.args.some(({ text }) => text.endsWith('.pub')),
  );
  if (path.includes('authorized_keys') && own) return undefined;
  if (scene.place === 'container' && severity !== 'critical' && !path.includes('authorized_keys')) return undefined;
  return severity === 'medium' ? undefined : severity;
}

function written(command: ShellCommand, call: Call | undefined): readonly string[] {
  const paths = command.redirects.filter(({ op }) => op === '>' || op === '>>').map(({ target }) => target.text);
  if (call === undefined) return paths;
  const plain = call.args.map((word) => word.text).filter((text) => !text.startsWith('-'));
  if (call.name === 'tee' || call.name === 'sponge') paths.push(...plain);
  if (/^(?:cp|mv|install|ln|rsync)$/.test(call.name)) paths.push(...plain.slice(1).slice(-1));
  if (call.name === 'sed' && call.args.some(({ text }) => /^-[a-z]*i|^--in-place/.test(text)))
    paths.push(...plain.slice(1));
  if (call.name === 'dd') paths.push(...plain.filter((text) => text.startsWith('of=')).map((text) => text.slice(3)));
  return paths;
}

/** What is written into the start-up file of a shell: paths and tool set-up are ordinary, a program to start is not. */
function profile(scene: Scene, command: ShellCommand, path: string, pipeline: readonly ShellCommand[]): void {
  const calls = pipeline.map((one) => callOf(one, scene.rules));
  const bodies = pipeline.flatMap((one) => one.redirects.flatMap(({ body }) => (body === undefined ? [] : [body])));
  const printed = calls.flatMap((one) =>
    one !== undefined && /^(?:echo|printf)$/.test(one.name)
      ? [
          one.args
            .filter(({ text }) => !/^-[neE]+$/.test(text))
            .map(({ text }) => text)
            .join(' '),
        ]
      : [],
  );
  const edited = calls.flatMap((one) =>
    one?.name === 'sed'
      ? one.args
          .filter(({ text }) => !text.startsWith('-'))
          .slice(0, 1)
          .map(({ text }) => text.replace(/^(?:\d+|\$)?[iac]\\?\s*/, '').replace(/^s(.)(?:.*?)\1(.*)\1\w*$/, '$2'))
      : [],
  );
  const lines = [...bodies, ...printed, ...edited].join('\n').replaceAll('\\n', '\n').split('\n');
  const odd = lines.slice(0, 500).filter((line) => !scene.rules.profileLines.test(line.slice(0, 1000)));
  if (odd.length === 0) return;
  const starts = odd.some((line) =>
    /\b(?:curl|wget|nc|ncat|python\d?|perl|ruby|node|base64|nohup|bash -[ci]|sh -c|socat|eval|ssh|\/tmp\/|\/dev\/)\b|\/dev\/tcp|&\s*$/.test(
      line,
    ),
  );
  scene.tell(
    'VLM-SHL-005',
    `${path.slice(0, 80)} gets ${JSON.stringify((odd[0] ?? '').slice(0, 100))}`,
    command.line,
    starts ? 'high' : undefined,
  );
}

function crontab(scene: Scene, call: Call, pipeline: readonly ShellCommand[]): void {
  const [first] = call.args.map((word) => word.text);
  if (first === undefined || first === '-l' || first === '-e') return;
  if (first === '-r') return scene.tell('VLM-SHL-006', 'removes the table of timed commands', call.command.line);
  const text = pipeline.map((one) => one.words.map((word) => word.text).join(' ')).join(' ');
  const lines = `${text} ${JSON.stringify(pipeline)}`.slice(0, 20_000);
  const odd =
    /\b(?:curl|wget|nc|base64|python\d?|perl|bash -i|\/tmp\/|\/dev\/shm)\b|\/dev\/tcp|@reboot|\* \* \* \* \*/.test(
      lines,
    );
  scene.tell('VLM-SHL-005', 'starts something again and again (crontab)', call.command.line, odd ? 'high' : undefined);
}

/** Tests of find that pick files by more than their kind. */
const FILTERS =
  /^-(?:i?name|i?path|i?regex|[acm](?:time|min)|perm|user|group|size|newer\w*|empty|inum|links|samefile|l?name)$/;

function destroys(scene: Scene, call: Call): void {
  const { name, args, command } = call;
  const texts = args.map((word) => word.text);
  const { wipes, disks } = scene.rules;
  const tell = (what: string): void => scene.tell('VLM-SHL-006', what, command.line);
  if (name === 'rm' || name === 'srm' || name === 'shred') {
    const deep = name === 'shred' || texts.some((text) => /^-[a-zA-Z]*[rR]|^--recursive/.test(text));
    const target = args.find(
      (word) =>
        !word.text.startsWith('-') && wipes.test(word.text) && !(scene.place === 'container' && inImage(word.text)),
    );
    if (texts.includes('--no-preserve-root')) tell('removes everything');
    else if (deep && target !== undefined) tell(`removes ${target.text}`);
  }
  if (name === 'dd' && texts.some((text) => text.startsWith('of=') && disks.test(text.slice(3))))
    tell('writes over a disk');
  if (/^(?:mkfs(?:\.\w+)?|wipefs|blkdiscard|sgdisk|hdparm)$/.test(name) && texts.some((text) => disks.test(text)))
    tell('makes a disk empty');
  if (command.redirects.some(({ op, target }) => op.startsWith('>') && disks.test(target.text)))
    tell('writes over a disk');
  if (command.redirects.some(({ op, target }) => op.startsWith('>') && target.text === '/proc/sysrq-trigger'))
    tell('stops the machine');
  if (
    name === 'find' &&
    wipes.test(texts[0] ?? '') &&
    !texts.some((text) => FILTERS.test(text)) &&
    (texts.includes('-delete') || /-exec (?:rm|shred)/.test(texts.join(' ')))
  )
    tell(`removes what is below ${texts[0] ?? ''}`);
  if (
    /^ch(?:mod|own)$/.test(name) &&
    texts.some((text) => /^-[a-zA-Z]*R/.test(text)) &&
    texts.some((text) => text === '/' || text === '/*')
  )
    tell('changes the rights of everything');
  if (name === 'mv' && texts.at(-1) === '/dev/null' && texts.some((text) => wipes.test(text)))
    tell('moves files away for good');
  if (name === 'kill' && texts.includes('-9') && texts.includes('-1')) tell('ends every process');
}

/** Folders that a build of an image empties to make it small. */
function inImage(text: string): boolean {
  return (
    /^(?:\/root|\/home|\/var|\/opt|\/srv|\/mnt|\/media|~|\$HOME)\/?\*?$/.test(text) ||
    /^(?:~|\$HOME|\/root)\/\.\*?$/.test(text)
  );
}

function weakens(scene: Scene, call: Call): void {
  const text = sentence(call);
  const row = scene.rules.security.find(({ test }) => test.test(text))?.row;
  if (row === undefined || (scene.place === 'container' && /sticky|keeps/.test(row.what))) return;
  scene.tell(
    'VLM-SHL-008',
    `${row.what}: ${text.slice(0, 100)}`,
    call.command.line,
    row.severity === 'medium' || scene.place === 'container' ? undefined : row.severity,
  );
}

/** Options of pip, uv, conda and npm that say where packages come from. */
function installs(scene: Scene, call: Call): void {
  const { name, args, command } = call;
  const texts = args.map((word) => word.text);
  const npm = /^(?:npm|yarn|pnpm|bun)$/.test(name) && texts.some((text) => /^(?:install|i|add|ci)$/.test(text));
  const pip =
    npm ||
    /^(?:pip[\d.]*|pipx|uv|poetry|pdm|conda|mamba|micromamba|easy_install)$/.test(name) ||
    (name === 'python' && texts.includes('pip'));
  if (!pip || !texts.some((text) => /^(?:install|i|download|wheel|add|sync|run|create|tool|config)$/.test(text)))
    return;
  const { data } = scene.rules;
  for (const [at, text] of texts.entries()) {
    const next = texts[at + 1] ?? '';
    const option =
      /^(-i|--index-url|--extra-index-url|--index|--default-index|-f|--find-links|--trusted-host|-c|--channel)(?:=(.*))?$/.exec(
        text,
      );
    const value = option?.[2] ?? next;
    if (option !== null && /^[\w+]+:\/\//.test(value) && !isKnownIndex(value, data)) {
      const origin = originOf(value, data);
      const severity: Severity =
        origin.trust === 'bad' ? 'high' : origin.trust === 'local' || origin.trust === 'open' ? 'low' : 'medium';
      scene.tell('VLM-SHL-009', `${option[1] ?? ''} ${value} (${origin.why})`, command.line, severity);
    } else if (option?.[1] === '--trusted-host')
      scene.tell('VLM-SHL-009', `--trusted-host ${value}`, command.line, 'medium');
    else if (
      option === null &&
      /^(?:[\w.-]+\s*@\s*)?(?:git\+|hg\+|svn\+)?(?:https?|git|ssh|ftp):/i.test(text) &&
      !/^-/.test(texts[at - 1] ?? '')
    ) {
      const url = text.replace(/^[\w.-]+(?:\[[^\]]*\])?\s*@\s*/, '').replace(/^(?:git|hg|svn)\+/, '');
      const { trust, why } = originOf(url, data);
      scene.tell(
        'VLM-SHL-009',
        `${text} (${why})`,
        command.line,
        trust === 'bad' && !isKnownIndex(url, data) ? 'high' : undefined,
      );
    }
  }
}
