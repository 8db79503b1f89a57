/** What `lost-ack init` writes below the modeline: a small run that shows a duplicate. */
export const STARTER = `scenario: A lost acknowledgement, retried
about: >
  The broker stores the record, its answer is lost, the producer sends it again.

system: kafka
version: "3.9"
cluster:
  brokers: 3
  config: { min.insync.replicas: 2 }

topics:
  orders: { partitions: 3, replication.factor: 3 }

producers:
  checkout:
    to: orders
    send: { count: 100, every: 10ms, keys: 10 }
    # The real system's own keys, units and defaults. With idempotence switched on
    # (the default since Kafka 3.0) the duplicate below does not happen: try it with
    #   --set producers.checkout.config.enable.idempotence=true
    config: { acks: all, enable.idempotence: false, request.timeout.ms: 1000 }

consumers:
  fulfilment: # the group.id
    from: orders
    instances: 3
    config: { enable.auto.commit: false }
    # What the application does with each message: acknowledge before or after processing,
    # and how it recognises a message that it has seen already.
    process: { takes: 2ms, acknowledge: after, idempotency: none, effect: database }

# What goes wrong: one thing, at one time (at, nth, when or chance).
faults:
  - lose: ProduceResponse
    nth: 3

# What the run is held to. Leave a line out, and it is only measured.
expect:
  loss: 0
  duplicates: { stored: 1 }
  guarantee: at-least-once
`;
