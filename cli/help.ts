/** What a person tries first. Printed above everything else that help says. */
export const EXAMPLES = `Examples:
  lost-ack run orders.yaml            what happens, and is it as expected?
  lost-ack run orders.yaml --seed 7 --set producers.checkout.config.acks=1
  lost-ack sweep orders.yaml          how often does it go wrong?
  lost-ack compare a.yaml b.yaml      which guarantees break, and at what cost?
  lost-ack check kafka/*.yaml         all mistakes at once, nothing is run
  lost-ack explore orders.yaml        which faults would break it?
  lost-ack ls                         the scenarios that come with it
  lost-ack demo                       why can exactly-once delivery not exist?
  lost-ack init orders.yaml           a commented scenario to start from
`;

export const RUN_HELP = `Examples:
  lost-ack run orders.yaml
  lost-ack run scenarios/kafka/*.yaml
  lost-ack run orders.yaml --seed 7 --set producers.checkout.config.acks=all
  lost-ack run orders.yaml --json | jq .verdict
  lost-ack run orders.yaml --trace orders.jsonl
  cat orders.yaml | lost-ack run -
  lost-ack run *.yaml --report github --report junit=results.xml
`;

export const RUN_AFTER = `
Exit codes: 0 as expected, 1 an expectation failed, 2 a mistake on the command
line or in a scenario, 3 inconclusive, 4 the digest differs, 70 a bug of ours,
130 interrupted. Of several files the worst decides.`;

export const SWEEP_HELP = `Examples:
  lost-ack sweep orders.yaml --seeds 1..1000
  lost-ack sweep orders.yaml --vary producers.checkout.config.acks=0,1,all
  lost-ack sweep orders.yaml --count 100000 --resume orders.jsonl
  lost-ack sweep orders.yaml --stop-after 1 --budget 60s
  lost-ack sweep orders.yaml --shard 1/3      then: lost-ack merge sweep-*.jsonl
`;

export const SWEEP_AFTER = `
Exit codes: 0 no run failed, 1 a run failed, 2 a mistake on the command line or
in the scenario, 3 inconclusive (a run proved nothing, a fault never fired),
70 a run ended by a bug of ours, 130 interrupted, what is finished is told.`;

export const MERGE_HELP = `Examples:
  lost-ack merge sweep-1-of-3.jsonl sweep-2-of-3.jsonl sweep-3-of-3.jsonl
`;

export const COMPARE_HELP = `Examples:
  lost-ack compare orders.yaml                with its variants
  lost-ack compare orders.yaml --vary producers.checkout.config.acks=0,1,all
  lost-ack compare kafka.yaml sqs.yaml --count 1000 --json
  lost-ack compare orders.yaml --baseline main.json \\
    --fail-on 'duplicates>+0, lag.p99>+10%'
`;

export const COMPARE_AFTER = `
Columns are compared with the first one, or with those of the same name in the
baseline, seed by seed. With --fail-on only its rules decide the exit code: 0
they hold, 1 one is violated, 3 one could not be judged. A rule is about the
mean over the seeds that both have run: +0, +10%, +5ms.`;

export const REPLAY_HELP = `Examples:
  lost-ack replay la1.eJyrVspMUbIy1FFKVbJSMlTSUcpLzE0FAA.1a2b3c4d
  lost-ack replay @failure.token
`;

export const DEMO_HELP = `Examples:
  lost-ack demo                       all lessons, one after the other
  lost-ack demo two-generals
  lost-ack demo --auto --teacher dial
  lost-ack demo adversary protocol.yaml
`;

export const CHECK_HELP = `Examples:
  lost-ack check orders.yaml
  lost-ack check --strict scenarios/kafka/*.yaml
`;

export const LS_HELP = `Examples:
  lost-ack ls
  lost-ack ls scenarios/kafka
`;

export const INIT_HELP = `Examples:
  lost-ack init
  lost-ack init orders.yaml
`;

export const SCHEMA_HELP = `Examples:
  lost-ack schema > lost-ack.schema.json
`;
