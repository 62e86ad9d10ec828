import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { passesLuhn } from './checks.js';
import { defaultRules, forBytes } from './rules.js';
import { MAX_MATCHES, scanBounded, scanText } from './scan-text.js';

const rules = defaultRules();
const classes = (text: string): string[] => [...new Set(scanText(text, rules).map((match) => match.class))];

/** Inert stand-ins, put together here so that no secret scanner takes this file for a leak. */
const aws = `AKIA${'Q7XM2LZ5'.repeat(2)}`;
const github = `ghp_${'aB3dE5fG7h'.repeat(4)}`;
const slack = ['xoxb', '123456789012', 'abcdefghijklmnop'].join('-');
const pem = ['-----BEGIN', 'OPENSSH PRIVATE', 'KEY-----'].join(' ');
const segment = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url');
const jwt = `${segment({ alg: 'HS256', typ: 'JWT' })}.${segment({ sub: '1', iat: 1 })}.${'s'.repeat(43)}`;

const MIXED = 'aB3dE5fG7hJ9kL2mN4pQ6rS8tV0wX1yZ';
const drawn = (length: number, alphabet = MIXED): string =>
  Array.from({ length }, (_, at) => alphabet[(at * 7 + (at % 5) * 11) % alphabet.length]).join('');
const base64 = (text: string): string => Buffer.from(text).toString('base64');
const hex = (length: number): string => drawn(length, '0f1e2d3c4b5a69788796a5b4c3d2e1f0');

describe('scanText finds tokens of', () => {
  it.each([
    ['huggingface_token', `hf_${drawn(34)}`],
    ['huggingface_token', `api_org_${drawn(34)}`],
    ['anthropic_key', `sk-ant-api03-${drawn(93)}AA`],
    ['openai_key', `sk-proj-${drawn(40)}T3BlbkFJ${drawn(40)}`],
    ['openai_key', `sk-or-v1-${hex(64)}`],
    ['google_key', `AIza${drawn(35)}`],
    ['google_key', `GOCSPX-${drawn(28)}`],
    ['gitlab_token', `glpat-${drawn(20)}`],
    ['npm_token', `npm_${drawn(36)}`],
    ['npm_token', `//registry.example/:_authToken=${drawn(30)}`],
    ['pypi_token', `pypi-AgEIcHlwaS5vcmc${drawn(80)}`],
    ['stripe_key', `sk_live_${drawn(24)}`],
    ['sendgrid_key', `SG.${drawn(22)}.${drawn(43)}`],
    ['telegram_token', `1203948576:AA${drawn(33)}`],
    ['discord_token', `https://discord.com/api/webhooks/${'120394857601928374'}/${drawn(68)}`],
    ['azure_key', `AccountKey=${drawn(86)}==`],
    ['azure_key', `x: ${drawn(3)}8Q~${drawn(34)}`],
    ['databricks_token', `dapi${hex(32)}`],
    ['digitalocean_token', `dop_v1_${hex(64)}`],
    ['docker_token', `dckr_pat_${drawn(27)}`],
    ['ai_service_key', `r8_${drawn(37)}`],
    ['ai_service_key', `gsk_${drawn(52)}`],
    ['ai_service_key', `xai-${drawn(80)}`],
    ['ai_service_key', `pplx-${drawn(48)}`],
    ['ai_service_key', `lsv2_pt_${hex(32)}_${hex(10)}`],
    ['vault_token', `hvs.${drawn(40)}`],
    ['shopify_token', `shpat_${hex(32)}`],
    ['notion_token', `ntn_${drawn(44)}`],
    ['linear_key', `lin_api_${drawn(40)}`],
    ['aws_key', `aws_secret_access_key = ${drawn(40)}`],
    ['wandb_key', `WANDB_API_KEY=${hex(40)}`],
    ['wandb_key', `wandb login ${hex(40)}`],
    ['connection_string', `postgresql://svc:${drawn(12)}@db.example.net:5432/x`],
    ['connection_string', `https://x-token:${drawn(24)}@git.example.net/r.git`],
    ['netrc', `machine api.example.net login me password ${drawn(12)}`],
    ['gitlab_token', `glrt-${drawn(20)}`],
    ['gitlab_token', `glptt-${hex(40)}`],
    ['vault_token', `hvb.${drawn(120)}`],
    ['slack_token', `xapp-1-${drawn(11, 'A0B1C2D3E4F')}-4628897514026-${hex(64)}`],
    ['stripe_key', `whsec_${drawn(32)}`],
    ['grafana_token', `glsa_${drawn(32)}_${hex(8)}`],
    ['sentry_token', `sntrys_${drawn(100)}`],
    ['ai_service_key', `nvapi-${drawn(64)}`],
    ['ai_service_key', `pcsk_${drawn(6)}_${drawn(63)}`],
    ['ai_service_key', `NEPTUNE_API_TOKEN=${base64(`{"api_address":"https://n.example","api_key":"${drawn(40)}"}`)}`],
    ['ai_service_key', `sk_${hex(48)}`],
    ['ai_service_key', `{"username": "ann", "key": "${hex(32)}"}`],
    ['ai_service_key', `TWILIO_AUTH_TOKEN=${hex(32)}`],
    ['ai_service_key', `AZURE_OPENAI_KEY: "${drawn(84)}"`],
    ['openai_key', `OPENAI_API_KEY='sk-${drawn(48)}'`],
    ['openai_key', `sk-proj-${drawn(100)}`],
    ['wandb_key', `WANDB_API_KEY=wandb_v1_${drawn(75)}`],
    ['newrelic_key', `NRAK-${drawn(27, 'A0B1C2D3E4F5G6H7J8K9')}`],
    ['supabase_token', `sbp_${hex(40)}`],
    ['terraform_token', `${drawn(14)}.atlasv1.${drawn(67)}`],
    ['google_key', `ya29.${drawn(120)}`],
    ['google_key', `1//05${drawn(60)}`],
    ['discord_token', `${base64('120394857601928374')}.GaB3dE.${drawn(38)}`],
    ['notion_token', `secret_${drawn(43)}`],
    ['airtable_token', `pat${drawn(14)}.${hex(64)}`],
    ['doppler_token', `dp.pt.${drawn(43)}`],
    ['mailchimp_key', `${hex(32)}-us12`],
    ['mailgun_key', `key-${hex(32)}`],
    ['alibaba_key', `LTAI${drawn(20)}`],
    ['azure_key', `https://x.blob.example/c?sv=2022-11-02&sig=${drawn(43)}%3D`],
    ['aws_key', `aws_session_token = ${drawn(300)}`],
    ['docker_token', `{"auth": "${base64(`ann:${drawn(14)}`)}"}`],
    ['private_key', `client-key-data: ${base64(`${pem}\n${drawn(200)}`)}`],
    ['private_key', `PuTTY-User-Key-File-3: ssh-ed25519\nPrivate-Lines: 1\n${drawn(48)}\n`],
    ['private_key', `AGE-SECRET-KEY-1${drawn(58, 'QPZRY9X8GF2TVDW0S3JN54KHCE6MUA7L')}`],
    ['jupyter_token', `c.NotebookApp.token = '${hex(48)}'`],
    ['jupyter_token', `http://h.example:8888/?token=${hex(48)}`],
    ['authorization', `curl -H 'Authorization: Bearer ${drawn(40)}'`],
    ['authorization', `Authorization: Basic ${base64(`ann:${drawn(14)}`)}`],
    ['authorization', `curl -u ann:${drawn(14)} https://x.example`],
    ['connection_string', `db.example.net:5432:app:ann:${drawn(14)}`],
    ['named_secret', `SECRET_KEY = 'django-insecure-${drawn(50)}'`],
    ['named_secret', `signing_key: ${drawn(40)}`],
  ])('%s in %j', (name, text) => {
    expect(classes(text)).toContain(name);
  });

  it.each([
    'hf_xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx',
    'hf_abcdefghijklmnopqrstuvwxyzabcdefgh',
    'hf_YourTokenHereYourTokenHereYourTok',
    'AKIAIOSFODNN7EXAMPLE',
    'sk-ant-api03-aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa',
    'postgres://user:password@db.example.net/x',
    'postgres://postgres:postgres1@db.example.net/x',
    'mysql://root:s3cret9x@localhost/x',
    'redis://:${REDIS_PASSWORD}@cache.example.net',
    'npm_config_cache_directory_is_set_here_too',
    'git commit 0f1e2d3c4b5a69788796a5b4c3d2e1f00f1e2d3c',
    `AGE-SECRET-KEY-1${'GFPYYSJZ'.repeat(7)}GF`,
    'whsec_xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx',
    'nvapi-your-key-here-your-key-here-your-key-here-your-key-here-your-key',
    'class="sk-estimator-doc-link sk-toggleable__label-arrow sk-parallel-item"',
    `/dev/disk-${hex(32)} and task-${hex(32)}`,
    `{"username": "ann", "key": "value"}`,
    `{"auth": "${base64('user:password')}"}`,
    `"auth": "${base64('\x01\x02\x03\x04\x05\x06\x07\x08\x09\x0a\x0b\x0c')}"`,
    `client-certificate-data: ${base64(`-----BEGIN CERTIFICATE-----\n${drawn(200)}`)}`,
    `${drawn(24)}.GaB3dE.${drawn(38)}`,
    'c.NotebookApp.token = ""',
    'curl -u user:password https://x.example',
    'Authorization: Bearer <token>',
    'Authorization: Basic dXNlcjpwYXNzd29yZA==',
    'OPENAI_API_KEY=os.environ["OPENAI_API_KEY"]',
    'OPENAI_API_KEY=the_key_of_your_organisation_in_the_console',
    'cache_key = get_cache_key_of_this_request_and_user',
    'tests/test_a.py:1234:module:function:assertion12',
    `the wandb image at ${hex(64)}`,
  ])('nothing in the stand-in %j', (text) => {
    // An address of a database looks like one of a mailbox, too.
    expect(classes(text).filter((name) => name !== 'email')).toEqual([]);
  });
});

describe('scanText finds', () => {
  it.each([
    ['payment_card', '4111 1111 1111 1111'],
    ['payment_card', 'number 5500-0000-0000-0004 exp 12/30'],
    ['payment_card', 'id,card\n7,378282246310005\n'],
    ['payment_card', '3782 822463 10005'],
    ['payment_card', 'my visa is 4222222222222'],
    ['payment_card', 'Amex: 3782-822463-10005.'],
    ['iban', 'IBAN GB82 WEST 1234 5698 7654 32'],
    ['iban', 'to DE89370400440532013000 BIC COBADEFF'],
    ['us_ssn', 'patient 536-90-4399, born'],
    ['us_ssn', 'Social Security: 536 90 4399'],
    ['us_ssn', 'ssn=536904399'],
    ['email', 'write to jane.doe+list@mail.example.co.uk.'],
    ['phone', 'ring +44 20 7946 0018 today'],
    ['phone', '(212) 555-0123'],
    ['phone', 'call 1-800-555-0199 now'],
    ['phone', 'tel. 415.555.0132'],
    ['ipv4', 'from 8.8.4.4 by'],
    ['aws_key', `key ${aws};`],
    ['github_token', `token: "${github}"`],
    ['slack_token', slack],
    ['private_key', `${pem}\nAAAA`],
    ['jwt', `Bearer ${jwt}`],
    ['password', 'Password: s3cretish'],
    ['password', 'db_password="Tr0ub4dor&3"'],
    ['password', 'api_key = 0a1b2c3d4e'],
    ['password', 'User Name: x >>> Password: 760382'],
  ])('%s in %j', (name, text) => {
    expect(classes(text)).toContain(name);
  });
});

describe('scanText leaves alone', () => {
  it.each([
    ['a card number with a wrong check digit', '4111 1111 1111 1112'],
    ['a card number of no issuer', 'card 9111111111111116'],
    ['one repeated digit', 'card 0000 0000 0000 0000'],
    ['a card-like number inside an address', 'http://shop.example/?id=4111111111111111'],
    ['an order number of 13 digits', 'order 4222222222222'],
    ['an IBAN with wrong check digits', 'GB83 WEST 1234 5698 7654 32'],
    ['an IBAN of the wrong length', 'DE8937040044053201300'],
    [
      'a social security number that is never issued',
      'ssn 000-12-3456, 666-12-3456, 912-12-3456, 123-00-4567, 123-45-0000',
    ],
    ['the one printed in a wallet', 'ssn 078-05-1120'],
    ['nine digits without a word beside', 'part 536904399'],
    ['a version number', 'release 1.2.3 and 300.1.2.3 and 1.2.3.4.5'],
    ['private addresses', '10.1.2.3 192.168.1.1 127.0.0.1 172.20.0.1 169.254.1.1 224.0.0.1 0.0.0.0 203.0.113.9'],
    ['ten digits without a word beside', 'ticket 212-555-0123'],
    ['service codes', 'call 911-555-0123 or 212-911-0123'],
    ['a time stamp', '+1031410733.71'],
    ['placeholders', 'password: ******** password=your_password secret: ${SECRET} pwd=xxxxxxxx'],
    ['a word after password', 'password: please choose'],
    ['three parts that are no token', 'eyJhbGciOi.eyJzdWIiOi.abcdefghijklmnopqrstuvwx'],
    ['an address without a domain', 'user@localhost @home a@b'],
    ['a public key', '-----BEGIN PUBLIC KEY-----'],
  ])('%s', (_what, text) => {
    expect(classes(text)).toEqual([]);
  });
});

describe('scanText', () => {
  it('gives offsets of the value and sorts by start', () => {
    const text = `a@b.example then ${aws} then c@d.example`;
    const found = scanText(text, rules).map(({ start, end }) => text.slice(start, end));
    expect(found).toEqual(['a@b.example', aws, 'c@d.example']);
  });

  it('counts a value once where two rules of a class see it', () => {
    expect(scanText('visa 4111 1111 1111 1111', rules)).toHaveLength(1);
    expect(scanText('ssn 536-90-4399', rules)).toHaveLength(1);
  });

  it('stops counting at the bound', () => {
    expect(scanText('a@b.example '.repeat(MAX_MATCHES + 50), rules)).toHaveLength(MAX_MATCHES);
  });

  it('says which rules stopped at the bound', () => {
    const flood = `${aws} `.repeat(MAX_MATCHES);
    expect(scanBounded(flood, rules).stopped).toEqual(['aws.access_key']);
    expect(scanBounded(aws, rules).stopped).toEqual([]);
  });

  it('finds tokens in bytes whose neighbours look like letters, and nothing that only a word announces', () => {
    const inBytes = (text: string): string[] => scanText(text, forBytes(rules)).map(({ rule }) => rule);
    expect(inBytes(`(${aws}q`)).toEqual(['aws.access_key']);
    expect(inBytes(`BH${github}J`)).toEqual(['github.token']);
    expect(classes(`(${aws}q`)).toEqual([]);
    expect(inBytes(`password: hunter22x`)).toEqual([]);
    // Base64 holds any beginning by chance.
    expect(inBytes(`${drawn(30)}${aws}`)).toEqual([]);
    expect(inBytes(`${drawn(30)}hf_${drawn(34)}`)).toEqual([]);
    expect(inBytes(`/dev/disk-${hex(32)}`)).toEqual([]);
  });

  it('finds every card number that the issuers could give out', () => {
    const digits = fc.array(fc.integer({ min: 0, max: 9 }), { minLength: 13, maxLength: 13 });
    fc.assert(
      fc.property(fc.constantFrom('42', '51', '55', '65'), digits, (prefix, rest) => {
        const body = prefix + rest.join('');
        const last = [...'0123456789'].find((digit) => passesLuhn(body + digit)) ?? '';
        const number = body + last;
        expect(classes(`paid with ${number}`)).toEqual(['payment_card']);
        expect(classes(`paid with ${number.replace(/(.{4})(?=.)/g, '$1-')}`)).toEqual(['payment_card']);
      }),
    );
  });

  it('never shows more of a value than its mask allows', () => {
    const texts = fc.constantFrom(
      ['4111111111111111', 4],
      ['GB82WEST12345698765432', 4],
      ['536-90-4399', 2],
      ['+442079460018', 2],
      [aws, 4],
      [github, 4],
      [slack, 4],
      [jwt, 4],
      ['jane.doe@mail.example', 4],
    ) as fc.Arbitrary<[string, number]>;
    fc.assert(
      fc.property(texts, fc.nat(), ([value, longest], at) => {
        const [match] = scanText(`x ${value} y`, rules);
        const start = at % (value.length - longest - 1);
        const piece = value.slice(start, start + longest + 1);
        // The top-level domain of an address may be shown; it names no person.
        if (!'.example'.includes(piece)) expect(match?.masked).not.toContain(piece);
      }),
    );
    expect(scanText('password: s3cretish', rules)[0]?.masked).toBe('(9 characters)');
    expect(scanText('8.8.4.4', rules)[0]?.masked).toBe('8.8.*.*');
  });

  it('takes any text and stays inside it', () => {
    const pieces = fc.constantFrom(
      '4111',
      ' ',
      '-',
      '@',
      'a.b',
      '+1',
      '(212)',
      'ssn',
      'eyJ',
      '.',
      'GB82',
      'password=',
      '\n',
      '8.8',
      'x',
    );
    fc.assert(
      fc.property(
        fc.array(fc.oneof(pieces, fc.string({ unit: 'binary', maxLength: 5 })), { maxLength: 40 }),
        (parts) => {
          const text = parts.join('');
          for (const { start, end } of scanText(text, rules)) {
            expect(start).toBeGreaterThanOrEqual(0);
            expect(end).toBeGreaterThan(start);
            expect(end).toBeLessThanOrEqual(text.length);
          }
        },
      ),
      { numRuns: 500 },
    );
  });

  // Half a megabyte of almost-matches for each rule: a pattern that backtracks would need hours, not the seconds that
  // the test allows.
  it.each([
    '1',
    '4',
    '4 ',
    '4-',
    '4111 ',
    '4111-1111-1111-',
    '536-90-',
    '1.',
    '8.8.8.',
    '+1',
    '+1 ',
    '(212)',
    '(212) 555-',
    '212-555-',
    'a',
    'a.',
    'a@',
    'a@a.',
    '@',
    '@a.',
    'GB82',
    'GB82 ',
    'A1',
    'eyJ',
    'eyJa',
    'eyJa.',
    'eyJaaaaaaaaaa.eyJaaaaaaaaaa.',
    'AKIA',
    'ghp_',
    'github_pat_',
    'xoxb-',
    'xoxb-1-',
    'hooks.slack.com/services/',
    'hf_',
    'T3BlbkFJ',
    'sk-aT3BlbkFJ',
    'sk-ant-api03-',
    ':AA',
    '1:AA',
    '8Q~',
    'postgres://',
    'postgres://a:b@',
    'https://a:',
    'machine a login b ',
    'aws_secret_access_key=',
    'wandb ',
    '_auth=',
    'AccountKey=',
    '-----BEGIN ',
    '-----BEGIN A ',
    'password',
    'password ',
    'password=',
    'password="',
    '=',
    ': ',
    'card ',
    'ssn ',
    'call ',
    'sk-',
    'sk-proj-',
    '.aaaaaa.',
    'Maaaaaaaaaaaaaaaaaaaaaaa.aaaaaa.',
    '?sig=',
    '"auth":"',
    '"username":"a","key":"',
    'LS0tLS1CRUdJTi',
    'Private-Lines: 1',
    'curl -u ',
    'curl ',
    'Authorization: Bearer ',
    'a:5432:a:a:',
    'api_key=',
    'SECRET_KEY="',
    'OPENAI_API_KEY=',
    'session_token=',
    'aaaaaaaaaaaaaa.atlasv1.',
    'eyJhcGlf',
  ])('is linear on a long run of %j', { timeout: 10_000 }, (piece) => {
    const text = piece.repeat(Math.ceil(500_000 / piece.length));
    for (const set of [rules, forBytes(rules)])
      expect(scanText(`${text}!`, set).length).toBeLessThanOrEqual(set.rules.length * MAX_MATCHES);
  });
});
