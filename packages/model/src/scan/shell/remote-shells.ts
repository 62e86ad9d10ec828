// Shells over the network: a shell whose input or output is a socket, by bash's own /dev/tcp, netcat, socat, telnet, openssl.
import type { ShellCommand } from '@vallum/formats';
import type { Call } from './calls.js';
import { allCommands, callOf, isShell, runsInput } from './calls.js';
import type { Scene } from './scene.js';

const SOCKET = /\/dev\/(?:tcp|udp)\//;
const TALKERS: ReadonlySet<string> = new Set(['nc', 'ncat', 'netcat', 'telnet', 'socat', 'openssl', 'curl', 'wget']);

export function judgeRemoteShell(scene: Scene, commands: readonly ShellCommand[]): void {
  const calls = commands.map((command) => callOf(command, scene.rules));
  for (const [index, command] of commands.entries()) {
    const call = calls[index];
    bySocket(scene, command, call, commands);
    if (call !== undefined) byTool(scene, call);
  }
  const talker = calls.findIndex((call) => call !== undefined && TALKERS.has(call.name) && !fetchesOnly(call));
  if (talker < 0 || commands.length < 2) return;
  const shell = calls.find(
    (call) => call !== undefined && isShell(call.name, scene.rules) && runsInput(call, scene.rules),
  );
  if (shell !== undefined)
    scene.tell('VLM-SHL-003', `${calls[talker]?.name ?? ''} and ${shell.name} in one pipe`, shell.command.line);
}

function fetchesOnly({ name, args }: Call): boolean {
  if (name === 'curl' || name === 'wget') return !args.some(({ text }) => /^telnet:/.test(text));
  return name === 'openssl' && !args.some(({ text }) => text === 's_client');
}

function bySocket(
  scene: Scene,
  command: ShellCommand,
  call: Call | undefined,
  commands: readonly ShellCommand[],
): void {
  const socket = command.redirects.filter(({ target }) => SOCKET.test(target.text));
  if (socket.length === 0) return afterSocket(scene, command, call);
  const inside =
    command.body === undefined ? [] : [...allCommands(command.body)].map((one) => callOf(one, scene.rules));
  const shells = [call, ...inside].filter((one) => one !== undefined && isShell(one.name, scene.rules));
  const both =
    socket.some(({ op }) => op === '<>' || op === '>&') ||
    command.redirects.some(({ op, target }) => op === '<&' && /^[012]$/.test(target.text));
  if (
    shells.some(
      (one) =>
        one !== undefined && (runsInput(one, scene.rules) || one.args.some(({ text }) => /^-[a-z]*i/.test(text))),
    )
  )
    return scene.tell('VLM-SHL-003', `a shell on ${socket[0]?.target.text ?? ''}`, command.line);
  if (call?.name === 'exec' || (call === undefined && both)) {
    // Alone it is how some scripts wait for a port; what uses it is looked at when it comes.
    scene.socket = true;
    return;
  }
  const sends =
    socket.some(({ op }) => op.startsWith('>')) && commands.some((one) => sendsData(callOf(one, scene.rules)));
  if (sends) scene.tell('VLM-SHL-007', `to ${socket[0]?.target.text ?? ''}`, command.line);
}

/** A socket was opened before: a shell that takes it as its input, or a loop that runs the lines it reads. */
function afterSocket(scene: Scene, command: ShellCommand, call: Call | undefined): void {
  if (!scene.socket) return;
  const taken = command.redirects.some(({ op, target }) => op === '<&' && /^(?:[3-9]|\d{2,3})$/.test(target.text));
  if (taken && call !== undefined && isShell(call.name, scene.rules))
    return scene.tell('VLM-SHL-003', 'a shell on a socket that was opened before', command.line);
  const inside =
    command.body === undefined ? [] : [...allCommands(command.body)].map((one) => callOf(one, scene.rules));
  const reads = inside.some((one) => one?.name === 'read');
  if (reads && inside.some((one) => one !== undefined && (/^\$\w+$/.test(one.program.text) || one.name === 'eval')))
    scene.tell('VLM-SHL-003', 'lines of a socket are run', command.line);
}

function sendsData(call: Call | undefined): boolean {
  return call !== undefined && !/^(?:echo|printf|true|:|cat)$/.test(call.name)
    ? true
    : call?.name === 'cat' && call.args.length > 0;
}

function byTool(scene: Scene, call: Call): void {
  const { name, args, command } = call;
  const texts = args.map((word) => word.text);
  const line = command.line;
  if (/^(?:nc|ncat|netcat|nc\.\w+)$/.test(name)) {
    const exec = texts.findIndex((text) => /^-[a-z]*[ec]$|^--(?:exec|sh-exec|lua-exec)(?:=|$)/.test(text));
    if (exec >= 0) scene.tell('VLM-SHL-003', `${name} starts ${texts[exec + 1] ?? 'a program'}`, line);
  }
  if (
    name === 'socat' &&
    texts.some((text) =>
      /^(?:system|shell):|^exec:["']?(?:[\w/]*\/)?(?:(?:ba|z|da|k|a)?sh|python[\d.]*|perl|cmd|powershell|login|su)\b|^exec:\$/i.test(
        text,
      ),
    ) &&
    texts.some((text) => /^(?:tcp|udp|openssl|ssl|socks|unix|sctp|vsock)[\w-]*:/i.test(text))
  )
    scene.tell('VLM-SHL-003', 'socat joins a program and a socket', line);
  if ((name === 'awk' || name === 'gawk') && texts.some((text) => /\/inet\d?\/(?:tcp|udp)\//.test(text)))
    scene.tell('VLM-SHL-003', 'awk opens a socket', line);
}
