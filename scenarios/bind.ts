import { type Fault, isLinkFault, isMessageFault, type When } from '../sim/kernel/fault.ts';
import type { NodeId } from '../sim/kernel/node.ts';

/** The same fault with node numbers in place of names. `ids` knows every node that was deployed. */
export function bindFault(fault: Fault<string>, ids: (name: string) => NodeId): Fault {
  const when = bindWhen(fault.when, ids);
  if (isMessageFault(fault)) {
    const { type, from, to, about } = fault.match;
    return {
      ...fault,
      when,
      match: { type, from: from.map(ids), to: to.map(ids), about },
    } as Fault;
  }
  if (isLinkFault(fault)) {
    return { ...fault, when, from: fault.from.map(ids), to: fault.to.map(ids) } as Fault;
  }
  return { ...fault, when, nodes: fault.nodes.map(ids) } as Fault;
}

function bindWhen(when: When<string>, ids: (name: string) => NodeId): When {
  if (when.is !== 'event') return when;
  return { ...when, node: when.node === undefined ? undefined : ids(when.node) };
}
