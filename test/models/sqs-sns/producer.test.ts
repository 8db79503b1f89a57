import { expect, test } from 'vitest';
import type { Fault } from '../../../sim/kernel/fault.ts';
import { millis, seconds } from '../../../sim/kernel/time.ts';
import { ANY, Scene, type ProducerParts } from './world.ts';

function send(producer: ProducerParts, ...faults: Fault<string>[]): Scene {
  return new Scene({
    producers: { checkout: { ...producer, config: { socketTimeout: 1000, ...producer.config } } },
    consumers: { packing: { config: { WaitTimeSeconds: 20 } } },
  }).faults(...faults);
}

function lose(type: string, ...nth: number[]): Fault<string> {
  return { what: 'lose', match: { ...ANY, type }, when: { is: 'nth', nth }, for: -1 };
}

test('a lost response is tried again and stores a second message with another id', () => {
  const scene = send({ count: 2, every: seconds(10) }, lose('SendMessageResponse', 1));
  scene.run(seconds(30));
  expect(scene.messages('stored')).toEqual([0, 0, 1]);
  expect(scene.all('stored').map((s) => s.args[2])).toEqual([0, 1, 2]); // Three positions.
  expect(scene.messages('delivered')).toEqual([0, 0, 1]);
  expect(scene.messages('ok')).toEqual([0, 1]);
  expect(scene.reasons('retried', 2)).toEqual(['RequestTimeout']);
  expect(scene.all('ok')[0].args[1]).toBe(2); // Attempts.
});

test('one step short: a lost request is tried again and stored once', () => {
  const scene = send({}, lose('SendMessage', 1)).run(seconds(30));
  expect(scene.messages('stored')).toEqual([0]);
  expect(scene.messages('delivered')).toEqual([0]);
  expect(scene.messages('ok')).toEqual([0]);
});

test('when every response is lost the outcome is unknown, and the message is there three times', () => {
  const scene = send({}, lose('SendMessageResponse', 1, 2, 3)).run(seconds(60));
  expect(scene.messages('unknown')).toEqual([0]);
  expect(scene.all('ok')).toEqual([]);
  expect(scene.messages('delivered')).toEqual([0, 0, 0]);
});

test('maxAttempts 1 does not try again', () => {
  const scene = send({ config: { maxAttempts: 1 } }, lose('SendMessageResponse', 1));
  scene.run(seconds(60));
  expect(scene.all('retried')).toEqual([]);
  expect(scene.messages('unknown')).toEqual([0]);
  expect(scene.messages('delivered')).toEqual([0]);
});

test('a message above MaximumMessageSize is refused for certain, one at the limit is not', () => {
  const bytes = 1_048_576;
  expect(send({ bytes }).run(seconds(9)).messages('ok')).toEqual([0]);
  const scene = send({ bytes: bytes + 1 }).run(seconds(9));
  expect(scene.reasons('failed', 1)).toEqual(['InvalidParameterValue']);
  expect(scene.all('retried')).toEqual([]);
  expect(scene.all('stored')).toEqual([]);
});

test('a burst goes out in batches of maxBatchSize', () => {
  const count = (maxBatchSize: number) => {
    const scene = send({ count: 25, burst: 25, config: { maxBatchSize } });
    let sent = 0;
    const network = scene.world.network;
    const original = network.send.bind(network);
    network.send = (from, to, message, ...rest) => {
      if (/^SendMessage(Batch)?$/.test(message.type)) sent++;
      original(from, to, message, ...rest);
    };
    scene.run(seconds(20));
    expect(scene.messages('ok')).toHaveLength(25);
    expect(new Set(scene.messages('delivered')).size).toBe(25);
    return sent;
  };
  expect(count(1)).toBe(25);
  expect(count(10)).toBe(3); // 10 + 10 + 5.
});

test('no more requests are open at a time than maxSockets', () => {
  // A send takes 6 ms (6 hops); with one socket the tenth of a burst is heard of at 60 ms.
  const last = (maxSockets: number) =>
    send({ count: 10, burst: 10, config: { maxSockets } }).run(seconds(1)).times('ok', 9)[0];
  expect(last(1)).toBe(millis(60));
  expect(last(50)).toBe(millis(6));
});

test('a producer that crashes goes on after its last message; the open ones stay unknown', () => {
  const scene = send(
    { count: 100 },
    { what: 'crash', nodes: ['checkout'], when: { is: 'at', at: millis(503) }, for: seconds(1) },
  ).run(seconds(20));
  expect(scene.all('invoked')).toHaveLength(100);
  expect(scene.reasons('unknown', 1)).toEqual(['the producer crashed']);
  expect(scene.messages('unknown')).toEqual([50]); // Sent at 500 ms, heard of at 506 ms.
  expect(scene.all('ok')).toHaveLength(99);
  expect(scene.all('finished')).toHaveLength(1);
  expect(scene.selfCheck.repeated).toEqual([]);
});

test('a front end that dies before its answer leaves the client to try again', () => {
  const scene = send(
    { count: 3, every: seconds(5) },
    {
      what: 'crash',
      nodes: ['sqs'],
      when: { is: 'at', at: seconds(5) + millis(4) },
      for: millis(500),
    },
  ).run(seconds(60));
  // At 5.004 s the first home is being asked: the second message is stored, and nobody says so.
  expect(scene.messages('ok')).toEqual([0, 1, 2]);
  expect(scene.messages('stored')).toEqual([0, 1, 1, 2]);
});
