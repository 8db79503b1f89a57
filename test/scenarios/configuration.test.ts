import { expect, test } from 'vitest';
import type { Settings } from '../../models/parts/config.ts';
import { load, places, shown } from './fake-systems.ts';

function scenario(text: string) {
  const { scenario: found, problems } = load(text);
  return { deployment: found?.systems[0].deployment, problems };
}

function producer(config: string): Settings {
  const text = `scenario: x\nsystem: kafka\ntopics: { t: {} }\nproducers:\n  p:\n    to: t\n    config: ${config}\n`;
  const { deployment, problems } = scenario(text);
  expect(problems.filter((p) => p.severity === 'error')).toEqual([]);
  if (deployment === undefined) throw new Error('a text without errors is a scenario');
  return deployment.producers[0].config;
}

test('a bare number is in the unit of the real system; a unit is converted to it', () => {
  const settings = producer('{ linger.ms: 5, request.timeout.ms: 30s, batch.size: 16KiB }');
  expect(settings.number('linger.ms')).toBe(5);
  expect(settings.number('request.timeout.ms')).toBe(30_000);
  expect(settings.number('batch.size')).toBe(16_384);
  expect(settings.text('acks')).toBe('all');
});

test('numbers and words of one key may be mixed, as acks mixes them', () => {
  expect(producer('{ acks: -1 }').text('acks')).toBe('-1');
  expect(producer('{ acks: "0" }').text('acks')).toBe('0');
});

test('an empty value is allowed only where the real default is empty', () => {
  expect(producer('{ transactional.id: }').value('transactional.id')).toBe(null);
});

test('a default is the one of the version', () => {
  const text = (version: string) =>
    `scenario: x\nsystem: kafka\nversion: "${version}"\ntopics: { t: {} }\nproducers: { p: { to: t } }\n`;
  const acks = (version: string) =>
    scenario(text(version)).deployment?.producers[0].config.text('acks');
  expect(acks('3.9')).toBe('all');
  expect(acks('3.10')).toBe('all');
  expect(acks('0.10')).toBe('1');
});

const PASTED = `scenario: x
system: kafka
topics: { t: {} }
producers:
  p:
    to: t
    config: |
      # producer.properties
      ! old style comment
      acks = all
      linger.ms:5
      batch.size 32768
      enable.idempotence=\\
          false
      bootstrap.servers=broker1:9092,\\
          broker2:9092
`;

test('a pasted producer.properties is read with comments, separators and continuations', () => {
  const { deployment, problems } = scenario(PASTED);
  const settings = deployment?.producers[0].config;
  expect(settings?.text('acks')).toBe('all');
  expect(settings?.number('linger.ms')).toBe(5);
  expect(settings?.number('batch.size')).toBe(32_768);
  expect(settings?.flag('enable.idempotence')).toBe(false);
  expect(settings?.text('bootstrap.servers')).toBe('broker1:9092,broker2:9092');
  expect(problems.map(shown)).toEqual([
    `test.yaml:15:7 SCN031 "bootstrap.servers" exists and is not modelled: it has no effect here
      bootstrap.servers=broker1:9092,\\
      ^^^^^^^^^^^^^^^^^`,
  ]);
});

test('a mistake in a pasted text is shown at its own line and column', () => {
  const { problems } = load(
    PASTED.replace('linger.ms:5', 'linger.ms:5 parsecs').replace('acks =', 'akcs ='),
  );
  expect(problems.filter((p) => p.severity === 'error').map(shown)).toEqual([
    `test.yaml:10:7 SCN030 unknown producer key "akcs"
      akcs = all
      ^^^^`,
    `test.yaml:11:17 SCN033 "linger.ms" is a whole number of ms, not "5 parsecs"
      linger.ms:5 parsecs
                ^^^^^^^^^`,
  ]);
});

test('escapes of .properties are undone, in keys too', () => {
  const settings = producer('|\n      transactional.id=a\\u0062\\=c\n      linger\\.ms=7\n');
  expect(settings.text('transactional.id')).toBe('ab=c');
  expect(settings.number('linger.ms')).toBe(7);
});

test('a folded or quoted text is read too, and shown as a whole', () => {
  expect(producer('"acks=0\\nlinger.ms=3"').number('linger.ms')).toBe(3);
  expect(
    places(
      'scenario: x\nsystem: kafka\ntopics: { t: {} }\nproducers:\n  p:\n    to: t\n    config: "acks=0\\nlinger=3"\n',
    ),
  ).toEqual(['SCN030 7:13']);
});

const ATTRIBUTES = `{
    "Attributes": {
        "VisibilityTimeout": "45",
        "FifoQueue": "true",
        "RedrivePolicy": "{\\"deadLetterTargetArn\\":\\"arn:aws:sqs:eu-west-1:1:dead\\",\\"maxReceiveCount\\":3}"
    }
}`;

function indented(text: string, by: number): string {
  return text
    .split('\n')
    .map((line) => ' '.repeat(by) + line)
    .join('\n');
}

test('pasted queue attributes are read, as a text and as they are', () => {
  for (const mark of ['|', '']) {
    const text = `scenario: x\nsystem: sqs\nqueues:\n  jobs:\n    config: ${mark}\n${indented(ATTRIBUTES, 6)}\n`;
    const { deployment, problems } = scenario(text);
    expect(problems).toEqual([]);
    const settings = deployment?.channels[0].config;
    expect(settings?.number('VisibilityTimeout')).toBe(45);
    expect(settings?.flag('FifoQueue')).toBe(true);
    expect(JSON.parse(settings?.text('RedrivePolicy') ?? '')).toEqual({
      deadLetterTargetArn: 'arn:aws:sqs:eu-west-1:1:dead',
      maxReceiveCount: 3,
    });
  }
});

test('a mistake in pasted attributes is shown at its own line and column', () => {
  for (const mark of ['|', '']) {
    const wrong = ATTRIBUTES.replace('VisibilityTimeout', 'VisibilityTimeot').replace(
      '"true"',
      '"maybe"',
    );
    const text = `scenario: x\nsystem: sqs\nqueues:\n  jobs:\n    config: ${mark}\n${indented(wrong, 6)}\n`;
    expect(places(text)).toEqual(['SCN030 8:15', 'SCN033 9:28']);
  }
});

test('a policy may be written as YAML instead of as a text', () => {
  const text =
    'scenario: x\nsystem: sqs\nqueues: { q: { config: { RedrivePolicy: { deadLetterTargetArn: dead, maxReceiveCount: 3 } } } }\n';
  const policy = scenario(text).deployment?.channels[0].config.text('RedrivePolicy');
  expect(policy).toBe('{"deadLetterTargetArn":"dead","maxReceiveCount":3}');
});

test('a pasted text of JSON that is none is a mistake at its place', () => {
  const text =
    'scenario: x\nsystem: sqs\nqueues:\n  q:\n    config: |\n      { "VisibilityTimeout": "3"\n';
  const { problems } = load(text);
  expect(problems.map((p) => p.code)).toEqual(['SCN004']);
});

test('the very large numbers that real defaults use can be pasted', () => {
  const text =
    'scenario: x\nsystem: kafka\ntopics: { t: { config: { retention.ms: 9223372036854775807 } } }\n';
  expect(scenario(text).problems).toEqual([]);
});
