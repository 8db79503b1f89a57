export const EXPLORE_HELP = `Examples:
  lost-ack explore orders.yaml
  lost-ack explore orders.yaml --max-faults 3 --kinds lose,crash --budget 2min
  lost-ack explore orders.yaml --set 'faults=[]' --strategy all
  lost-ack explore orders.yaml --indistinguishable checkout
`;

export const VERIFY_HELP = `Examples:
  lost-ack verify orders.yaml --max-faults 1
  lost-ack verify orders.yaml --kinds lose --messages ProduceResponse
`;

export const SHRINK_HELP = `Examples:
  lost-ack shrink failing.yaml
  lost-ack shrink failing.yaml --seed 7 --save smallest.yaml
  lost-ack shrink la1.eJyrVspMUbIy1FFKVbJSMlTSUcpLzE0FAA.1a2b3c4d
`;

export const EXPLAIN_HELP = `Examples:
  lost-ack explain failing.yaml
  lost-ack explain failing.yaml --point-of-no-return --runs 200
  lost-ack explain la1.eJyrVspMUbIy1FFKVbJSMlTSUcpLzE0FAA.1a2b3c4d
`;

export const HUNT_AFTER = `
Exit codes: 0 all was tried and nothing found, 1 a violation was found, 2 a
mistake on the command line or in the scenario, 3 a bound stopped it.`;
