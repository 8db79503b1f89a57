import { BOUNDS } from './codes.ts';
import type { Deployed } from './deployment.ts';
import type { Complaints } from './place.ts';
import { find, keySpan, type Path, type Tree } from './tree.ts';

/**
 * Does a run stay within its bounds? Producers and instances are counted before any system is
 * asked for the names of its nodes.
 */
export function checkSize(deployed: Deployed, root: Tree, complaints: Complaints): boolean {
  const before = complaints.errors;
  const { messages, nodes, partitions } = countAll(deployed);
  const where = (path: Path) => keySpan(root, find(root, path) === undefined ? ['systems'] : path);
  if (messages > BOUNDS.messages) {
    const says = `${messages} messages in all; ${BOUNDS.messages} are allowed`;
    complaints.add('SCN080', where(['producers']), says, 'lower `count:`');
  }
  if (nodes > BOUNDS.nodes) {
    const says = `${nodes} nodes in all; ${BOUNDS.nodes} are allowed`;
    const hint = 'lower `instances:`, or have fewer servers, producers and groups';
    complaints.add('SCN081', where(['consumers']), says, hint);
  }
  if (partitions > BOUNDS.partitions) {
    const says = `${partitions} partitions in all; ${BOUNDS.partitions} are allowed`;
    complaints.add('SCN082', where(['topics']), says, 'lower `partitions:`');
  }
  return complaints.errors === before;
}

function countAll(deployed: Deployed) {
  let messages = 0;
  let clients = 0;
  let partitions = 0;
  for (const { system, deployment } of deployed.systems) {
    for (const producer of deployment.producers) messages += producer.workload.count;
    clients += deployment.producers.length;
    for (const consumer of deployment.consumers) clients += consumer.instances;
    const split = system.shape.some((key) => key.name === 'partitions' && key.type === 'int');
    for (const channel of deployment.channels) {
      partitions += split && channel.kind === undefined ? channel.shape.number('partitions') : 1;
    }
  }
  return { messages, nodes: clients > BOUNDS.nodes ? clients : nodesOf(deployed), partitions };
}

/** With the servers, of which a system has at most as many as its own keys allow. */
function nodesOf(deployed: Deployed): number {
  return deployed.systems.reduce((sum, s) => sum + s.system.nodes(s.deployment).length, 0);
}
