// Generated certificate chains: up to three authorities between leaf and root, each property broken now and then, and the
// situations in which path builders differ: several certificates of one name, authorities given as roots, key ids.
import { createHash, generateKeyPairSync } from 'node:crypto';
import { derWriter, x509 } from '@vallum/formats/testing';
import { shuffle } from '@vallum/stats';

const { alternativeNames, CODE_SIGNING, constraints, ecKey, extension, makeCertificate, purposes, SERVER_AUTH, usage } =
  x509;
const { oid, sequence, setOf } = derWriter;
type Made = x509.MadeCertificate;
type Plan = x509.CertificatePlan;

export interface ChainCase {
  /** What is unusual about it. */
  readonly notes: readonly string[];
  readonly leaf: Made;
  /** DER, the leaf first. */
  readonly bundle: readonly Buffer[];
  readonly roots: readonly Buffer[];
}

const RSA = generateKeyPairSync('rsa', { modulusLength: 2048 });
const CURVES = ['prime256v1', 'prime256v1', 'secp384r1', 'secp521r1'];
/** The leaf's own start, at which the reference judges every certificate. */
const START = new Date('2026-03-01T00:00:00Z');
const LONG = { from: new Date('2025-01-01T00:00:00Z'), until: new Date('2030-01-01T00:00:00Z') };
const SECOND = 1000;
const CRITICAL = extension('1.2.3.4', Buffer.of(), true);
const LIMITED = extension('2.5.29.30', derWriter.sequence(derWriter.der(0xa0, Buffer.of())), true);
const signing = [constraints(false), usage('digitalSignature'), purposes(CODE_SIGNING)];
const who = alternativeNames(['email', 'ann@example.org']);

type Fault = readonly [note: string, plan: Partial<Plan>];

const AUTHORITY_FAULTS: readonly Fault[] = [
  ['ran out before the leaf started', { until: new Date(+START - SECOND) }],
  ['ends when the leaf starts', { until: START }],
  ['starts when the leaf starts', { from: START }],
  ['starts after the leaf', { from: new Date(+START + SECOND) }],
  ['no authority', { extensions: [constraints(false), usage('keyCertSign')] }],
  ['no basicConstraints', { extensions: [usage('keyCertSign')] }],
  ['no extensions', { extensions: [] }],
  ['no keyUsage', { extensions: [constraints(true)] }],
  ['no keyCertSign', { extensions: [constraints(true), usage('cRLSign')] }],
  ['pathLen 0', { extensions: [constraints(true, 0), usage('keyCertSign')] }],
  ['pathLen 1', { extensions: [constraints(true, 1), usage('keyCertSign')] }],
  ['for web servers', { extensions: [constraints(true), usage('keyCertSign'), purposes(SERVER_AUTH)] }],
  ['critical extension', { extensions: [constraints(true), usage('keyCertSign'), CRITICAL] }],
  ['name constraints', { extensions: [constraints(true), usage('keyCertSign'), LIMITED] }],
  ['SHA-1', { digest: 'sha1' }],
  ['RSA', { keys: RSA }],
];

const LEAF_FAULTS: readonly Fault[] = [
  ['leaf: another use', { extensions: [usage('keyEncipherment'), purposes(CODE_SIGNING), who] }],
  ['leaf: for web servers', { extensions: [usage('digitalSignature'), purposes(SERVER_AUTH)] }],
  ['leaf: only web servers', { extensions: [purposes(SERVER_AUTH)] }],
  ['leaf: no use', { extensions: [constraints(false)] }],
  ['leaf: no extensions', { extensions: [] }],
  ['leaf: authority', { extensions: [constraints(true), usage('digitalSignature', 'keyCertSign'), who] }],
  ['leaf: critical extension', { extensions: [...signing, CRITICAL] }],
  ['leaf: SHA-1', { digest: 'sha1' }],
];

const keyId = (keys: x509.KeyPair): Buffer =>
  createHash('sha1')
    .update(keys.publicKey.export({ type: 'spki', format: 'der' }))
    .digest();
const subjectKeyId = (keys: x509.KeyPair): Buffer => extension('2.5.29.14', derWriter.octets(keyId(keys)));
const authorityKeyId = (keys: x509.KeyPair): Buffer =>
  extension('2.5.29.35', derWriter.sequence(derWriter.der(0x80, keyId(keys))));

const AUTHORITY = [constraints(true), usage('keyCertSign', 'cRLSign')];
const strangers = (subject: string): Made => makeCertificate({ subject, extensions: AUTHORITY, ...LONG });

/** Random choices, and a note of each that is unusual. */
class Dice {
  readonly notes: string[] = [];
  readonly random: () => number;

  constructor(random: () => number) {
    this.random = random;
  }

  maybe(chance: number, note: string): boolean {
    const yes = this.random() < chance;
    if (yes) this.notes.push(note);
    return yes;
  }

  pick<T>(list: readonly T[]): T {
    return list[Math.floor(this.random() * list.length)] as T;
  }

  fault(list: readonly Fault[]): Partial<Plan> {
    const [note, plan] = this.pick(list);
    this.notes.push(note);
    return plan;
  }
}

type Make = (plan: Plan) => Made;

/** Key ids in all certificates of a chain or in none. */
function maker(dice: Dice): Make {
  const withIds = dice.random() < 0.5;
  return ({ keys = ecKey(), extensions = [], ...plan }) => {
    const above = dice.maybe(withIds ? 0.03 : 0, 'another key id') ? ecKey() : (plan.issuer?.keys ?? keys);
    const all = withIds ? [...extensions, subjectKeyId(keys), authorityKeyId(above)] : extensions;
    return makeCertificate({ ...plan, keys, ...(all.length === 0 ? {} : { extensions: all }) });
  };
}

/** The issuer, its name now and then written in another way, which OpenSSL takes for the same name. */
function issuedBy(dice: Dice, name = '', issuer: Made | undefined): Pick<Plan, 'issuer'> {
  if (issuer === undefined) return {};
  const written = (tag: number, text: string): derWriter.Der =>
    sequence(setOf(sequence(oid('2.5.4.3'), derWriter.der(tag, Buffer.from(text)))));
  if (dice.maybe(0.03, 'name in capitals')) return { issuer: { ...issuer, name: written(0x0c, name.toUpperCase()) } };
  if (dice.maybe(0.03, 'name in another string type')) return { issuer: { ...issuer, name: written(0x13, name) } };
  return { issuer };
}

/** Another certificate of the same name. */
function twinOf(dice: Dice, make: Make, subject: string, { keys }: Made, issuer: Made | undefined): Made {
  const plan = dice.fault([
    ['twin: another key', {}],
    ['twin: renewed', { keys }],
    ['twin: ran out', { keys, until: new Date(+START - SECOND) }],
    ['twin: ran out earlier', { keys, until: new Date(+START - 2 * SECOND) }],
    ['twin: no authority', { keys, extensions: [constraints(false)] }],
    ['twin: no keyCertSign', { keys, extensions: [constraints(true), usage('cRLSign')] }],
    ['twin: by a stranger', { keys, issuer: strangers('stranger') }],
  ]);
  const above = issuer === undefined || dice.maybe(0.2, 'twin: signed itself') ? {} : { issuer };
  return make({ subject, ...LONG, extensions: AUTHORITY, ...above, ...plan });
}

function makeLeaf(dice: Dice, make: Make, above: Made): Made {
  const issuer = dice.maybe(0.03, 'leaf: by another key') ? { name: above.name, keys: ecKey() } : above;
  return make({
    subject: dice.maybe(0.02, 'leaf: named as its issuer') ? above.name : 'leaf',
    keys: ecKey(dice.pick(CURVES)),
    ...(dice.maybe(0.03, 'leaf: signed itself') ? {} : { issuer }),
    from: START,
    until: new Date('2027-03-01T00:00:00Z'),
    extensions: [...signing, who],
    ...(dice.random() < 0.12 ? dice.fault(LEAF_FAULTS) : {}),
  });
}

export function makeChain(random: () => number): ChainCase {
  const dice = new Dice(random);
  const make = maker(dice);
  const names = ['root', 'one', 'two', 'three'].slice(0, 1 + Math.floor(random() * 4));
  const chance = random() < 0.25 ? 0 : 0.12;
  const authorities: Made[] = [];
  const twins: Made[] = [];
  for (const [index, name] of names.entries()) {
    const issuer = authorities.at(-1);
    const subject = index > 0 && dice.maybe(0.03, 'one name for two') ? (names[index - 1] ?? name) : name;
    const plan = { subject, ...LONG, extensions: AUTHORITY, ...issuedBy(dice, names[index - 1], issuer) };
    const made = make({ ...plan, ...(random() < chance ? dice.fault(AUTHORITY_FAULTS) : {}) });
    authorities.push(made);
    if (random() < 0.2) twins.push(twinOf(dice, make, subject, made, issuer));
  }
  const [root, last] = [authorities[0], authorities.at(-1)];
  if (root === undefined || last === undefined) throw new Error('a chain has a root');
  const leaf = makeLeaf(dice, make, last);
  const bundle = authorities.slice(1).reverse();
  if (bundle.length > 0 && dice.maybe(0.05, 'one missing')) bundle.splice(Math.floor(random() * bundle.length), 1);
  if (dice.maybe(0.15, 'root in the bundle')) bundle.push(root);
  // The reference reads no empty file of roots.
  const roots = dice.maybe(0.04, 'another root instead') ? [strangers('other')] : [root];
  if (dice.maybe(0.1, 'another root')) roots.push(strangers('other'));
  if (dice.maybe(0.08, 'an authority among the roots')) roots.push(dice.pick(authorities));
  if (dice.maybe(0.04, 'the leaf among the roots')) roots.push(leaf);
  for (const one of twins) {
    const list = dice.maybe(0.5, 'twin among the roots') ? roots : bundle;
    list.splice(dice.maybe(0.5, 'twin first') ? 0 : list.length, 0, one);
  }
  const others = dice.maybe(0.15, 'shuffled') ? shuffle(bundle, random) : bundle;
  if (others[0] !== undefined && dice.maybe(0.04, 'one twice')) others.push(others[0]);
  const der = (all: readonly Made[]): readonly Buffer[] => all.map((one) => one.der);
  return { notes: dice.notes, leaf, bundle: der([leaf, ...others].slice(0, 8)), roots: der(roots) };
}
