import type { StartHandler } from '../../testing/index.ts';

/** Ten messages, one partition, one consumer that is back after a second when it dies. */
export const KAFKA = `
scenario: One consumer
system: kafka
cluster: { brokers: 1 }
topics: { orders: { partitions: 1 } }
producers: { shop: { to: orders, send: { count: 10, every: 10ms, keys: 3 } } }
consumers:
  billing:
    from: orders
    config: { enable.auto.commit: false, auto.offset.reset: earliest, session.timeout.ms: 6000 }
    process: { effect: api, timeout: 1s }
`;

export const SQS = `
scenario: One queue, and one for what nobody can process
system: sqs
queues:
  orders:
    config:
      VisibilityTimeout: 2
      RedrivePolicy: '{ "deadLetterTargetArn": "dead", "maxReceiveCount": 2 }'
  dead: {}
producers: { shop: { to: orders, send: { count: 5, every: 10ms } } }
consumers:
  billing: { from: orders, process: { effect: api, timeout: 1s } }
`;

/** A crash of the consumer just after its n-th effect, which it does not hear of any more. */
export const crashAtEffect = (nth: number, restart = '1s') =>
  ({ crash: 'billing-1', when: { event: 'effect', nth }, restart }) as const;

/** Calls the service once for each delivery. */
export const calls: StartHandler = ({ api }) =>
  function* (message) {
    yield* api.call(message);
  };

/** The same, with the message's id as its key. */
export const callsOnce: StartHandler = ({ api }) =>
  function* (message) {
    yield* api.call(message, { idempotencyKey: message.id });
  };
