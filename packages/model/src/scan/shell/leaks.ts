// Data of the machine that leaves it: credentials, the environment or facts about the machine, by way of a pipe, a
// substitution, a file or an argument into a command that sends.
import type { ShellCommand, ShellWord } from '@vallum/formats';
import type { Call } from './calls.js';
import { allCommands, callOf, wordsOf } from './calls.js';
import { sentence } from './effects.js';
import type { Origin } from './origins.js';
import { originOf, within } from './origins.js';
import type { Scene } from './scene.js';

/** An address whose path, and nothing else of it, is open. */
const PICKS = /^[a-z][a-z0-9+.-]*:\/\/[^$/]*\/[^?]*$/i;

/** `secret`: credentials or the environment. `fact`: what the machine is. */
type Kind = 'secret' | 'fact';

export function judgeLeaks(scene: Scene, commands: readonly ShellCommand[]): void {
  for (const [index, command] of commands.entries()) {
    const call = callOf(command, scene.rules);
    if (call === undefined) continue;
    remember(scene, call, commands.slice(0, index));
    const sink = sinkOf(scene, call);
    if (sink === undefined) continue;
    const kinds = [
      ...commands.slice(0, index).flatMap((one) => kindsIn(scene, one)),
      ...wordsOf(command).flatMap((word) =>
        word.runs
          .flatMap((run) => [...allCommands(run)].flatMap((one) => kindsIn(scene, one)))
          // `.../tool-$(uname -m).tar.gz` picks a download; behind a question mark, or as a host, a fact is sent.
          .filter((kind) => kind === 'secret' || !PICKS.test(word.text)),
      ),
      ...sink.payload.flatMap((word) =>
        !/^[a-z][a-z0-9+.-]*:\/\//i.test(word.text) && secretFile(scene, word.text) ? (['secret'] as const) : [],
      ),
    ];
    const to = sink.origin?.url ?? 'another machine';
    if (kinds.includes('secret'))
      scene.tell(
        'VLM-SHL-007',
        `credentials or the environment to ${to}`,
        command.line,
        sink.origin?.trust === 'local' ? undefined : 'critical',
      );
    else if (kinds.includes('fact') && sink.origin?.trust !== 'local')
      scene.tell('VLM-SHL-007', `facts about the machine to ${to}`, command.line);
    else if (tokenGoes(scene, sink)) scene.tell('VLM-SHL-007', `a token to ${to}`, command.line);
  }
}

interface Sink {
  /** Words whose text or file is sent. */
  readonly payload: readonly ShellWord[];
  readonly origin?: Origin;
}

function sinkOf(scene: Scene, call: Call): Sink | undefined {
  const { name, args, command } = call;
  const socket = command.redirects.find(
    ({ op, target }) => op.startsWith('>') && /^\/dev\/(?:tcp|udp)\//.test(target.text),
  );
  if (socket !== undefined) return { payload: args };
  const address = args
    .map((word) => word.text)
    .find(
      (text) =>
        /^[a-z][a-z0-9+.-]*:\/\//i.test(text) || /^[\w-]+(?:\.[\w-]+)+(?::\d+)?(?:\/|$)/.test(text) || /^\$/.test(text),
    );
  const origin = address === undefined ? {} : { origin: originOf(address, scene.rules.data) };
  const texts = args.map((word) => word.text);
  switch (name) {
    case 'curl':
    case 'wget':
    case 'http':
    case 'https':
    case 'xh': {
      const sends = args.filter(
        (_, at) =>
          at > 0 &&
          /^(?:-[a-zA-Z]*[dFT]|--(?:data|form|upload-file|post-data|post-file|body-data|body-file|json)(?:-[a-z]+)*)$/.test(
            texts[at - 1] ?? '',
          ),
      );
      const joined = args.filter(
        ({ text }) =>
          /^(?:-[dFT].|--(?:data|form|upload-file|post|body|json)[a-z-]*=)/.test(text) || /@[~/$.]/.test(text),
      );
      const inAddress = args.filter((word) => /:\/\//.test(word.text) && word.runs.length > 0);
      return {
        payload: [...sends, ...joined, ...inAddress, ...args.filter((word) => word.text === address)],
        ...origin,
      };
    }
    case 'nc':
    case 'ncat':
    case 'netcat':
    case 'telnet':
    case 'socat':
    case 'dig':
    case 'nslookup':
    case 'host':
    case 'ping':
    case 'mail':
    case 'mailx':
    case 'mutt':
    case 'sendmail':
    case 'tftp':
    case 'logger':
      return { payload: args, ...origin };
    case 'scp':
    case 'rsync':
    case 'sftp':
    case 'rclone': {
      const remote = texts.at(-1) ?? '';
      return /^[^/]+:/.test(remote) ? { payload: args.slice(0, -1), ...origin } : undefined;
    }
    case 'aws':
    case 'gsutil':
      return /^(?:s3|gs):\/\//.test(texts.at(-1) ?? '') ? { payload: args.slice(0, -1) } : undefined;
    case 'gh':
      return texts[0] === 'gist' ? { payload: args } : undefined;
    default:
      return undefined;
  }
}

/** What a command reads or prints. */
function kindsIn(scene: Scene, command: ShellCommand): readonly Kind[] {
  const found: Kind[] = [];
  for (const one of [command, ...(command.body === undefined ? [] : allCommands(command.body))]) {
    const call = callOf(one, scene.rules);
    if (call === undefined) continue;
    const text = sentence(call);
    if (scene.rules.secretCommands.test(text)) found.push('secret');
    else if (scene.rules.factCommands.test(text)) found.push('fact');
    if (call.name !== 'ssh' && call.name !== 'ssh-keygen' && call.args.some((word) => secretFile(scene, word.text)))
      found.push('secret');
    if (one.redirects.some(({ op, target }) => op === '<' && secretFile(scene, target.text))) found.push('secret');
  }
  return found;
}

function secretFile(scene: Scene, text: string): boolean {
  const path = text.slice(0, 1000).replace(/^(?:[\w.-]+=)?[@<]/, '');
  return scene.rules.credentials.test(path) || scene.secretFiles.has(path);
}

/** Archives and copies of credentials are credentials. */
function remember(scene: Scene, call: Call, before: readonly ShellCommand[]): void {
  const { command, name, args } = call;
  const secret = [command, ...before].some((one) => kindsIn(scene, one).includes('secret'));
  if (!secret || scene.secretFiles.size > 200) return;
  for (const { op, target } of command.redirects) if (op === '>' || op === '>>') scene.secretFiles.add(target.text);
  if (/^(?:tar|zip|7z|cp|gpg|openssl|rar|tee|dd)$/.test(name))
    for (const { text } of args)
      if (/^(?:\/tmp\/|\/var\/tmp\/|\/dev\/shm\/|\.?\/?[\w-]+\.(?:tgz|tar|zip|gz|7z|txt|enc|b64|bin))/.test(text))
        scene.secretFiles.add(text);
}

function tokenGoes(scene: Scene, { payload, origin }: Sink): boolean {
  if (origin === undefined || origin.trust === 'local' || origin.trust === 'open') return false;
  const host = /^(?:[a-z][a-z0-9+.-]*:\/\/)?([^/:]+)/i.exec(origin.url)?.[1]?.toLowerCase() ?? '';
  return (
    !within(host, scene.rules.data.tokenHosts) && payload.some((word) => scene.rules.secretVariables.test(word.text))
  );
}
