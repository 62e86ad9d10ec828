// Where the events of a gateway go, as its settings say: a file, a syslog server, a webhook, or several of them.
import { randomInt } from 'node:crypto';
import { hostname } from 'node:os';
import { resolve } from 'node:path';
import type { Disk } from '@vallum/core';
import type { GatewayConfig } from '@vallum/gateway';
import type { Sink } from '@vallum/monitor';
import { fanOut, fileSink, readSyslogAddress, syslogSink, webhookSink } from '@vallum/monitor';

const MAX_SECRET = 4_096;

/** Undefined where nobody wants events. @throws VallumError `EVENTS_*`, `DISK_*` */
export async function gatewaySink(
  disk: Disk,
  { settings, folder }: GatewayConfig,
  state: string,
): Promise<Sink | undefined> {
  const { file, syslog, webhook } = settings.events;
  const random = (): number => randomInt(2 ** 32) / 2 ** 32;
  const sinks: Sink[] = [];
  if (file !== undefined) sinks.push(fileSink({ disk, path: resolve(folder, file) }));
  if (syslog !== undefined) {
    const names = { host: hostname(), app: 'vallum-gateway', process: String(process.pid) };
    sinks.push(syslogSink({ address: readSyslogAddress(syslog), names, random }));
  }
  if (webhook !== undefined) {
    const text = new TextDecoder().decode(await disk.read(resolve(folder, webhook.secret), MAX_SECRET));
    const secret = Buffer.from(text.trim());
    const deadLetters = fileSink({ disk, path: `${state}/dead-letters.jsonl` });
    sinks.push(webhookSink({ url: webhook.url, secret, clock: () => new Date(), random, deadLetters }));
  }
  return sinks.length > 1 ? fanOut(sinks) : sinks[0];
}
