import { BOUNDS } from './codes.ts';
import type { Deployed } from './deployment.ts';
import type { Complaints } from './place.ts';
import { find, keySpan, type Path, type Tree } from './tree.ts';

/**
 * Does a run stay within its bounds? Counted from the plan alone: what is too large is not even
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
  let nodes = 0;
  let partitions = 0;
  for (const { system, deployment } of deployed.systems) {
    for (const producer of deployment.producers) messages += producer.workload.count;
    nodes += deployment.producers.length;
    for (const consumer of deployment.consumers) nodes += consumer.instances;
    // Numbers of a cluster's shape are numbers of servers: brokers, storage servers.
    for (const key of system.clusterShape) {
      if (key.type === 'int' && key.unit === '') nodes += deployment.cluster.shape.number(key.name);
    }
    const split = system.shape.some((key) => key.name === 'partitions' && key.type === 'int');
    for (const channel of deployment.channels) {
      partitions += split ? channel.shape.number('partitions') : 1;
    }
  }
  return { messages, nodes, partitions };
}
