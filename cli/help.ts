/** What a person tries first. Printed above everything else that help says. */
export const EXAMPLES = `Examples:
  lost-ack run orders.yaml            what happens, and is it as expected?
  lost-ack run orders.yaml --seed 7 --set producers.checkout.config.acks=1
  lost-ack check kafka/*.yaml         all mistakes at once, nothing is run
  lost-ack ls                         the scenarios that come with it
  lost-ack init orders.yaml           a commented scenario to start from
`;

export const RUN_HELP = `Examples:
  lost-ack run orders.yaml
  lost-ack run scenarios/kafka/*.yaml
  lost-ack run orders.yaml --seed 7 --set producers.checkout.config.acks=all
  lost-ack run orders.yaml --json | jq .verdict
  lost-ack run orders.yaml --trace orders.jsonl
  cat orders.yaml | lost-ack run -
`;

export const RUN_AFTER = `
Exit codes: 0 as expected, 1 an expectation failed, 2 a mistake on the command
line or in a scenario, 3 inconclusive, 4 the digest differs, 70 a bug of ours,
130 interrupted. Of several files the worst decides.`;

export const REPLAY_HELP = `Examples:
  lost-ack replay la1.eJyrVspMUbIy1FFKVbJSMlTSUcpLzE0FAA.1a2b3c4d
  lost-ack replay @failure.token
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
