/** Arbitraries for fast-check: pieces of scenarios, and lists of faults that get smaller. */
export { faultPlans, type FaultPlanOptions, type PlannedKind } from './arbitraries/fault-plans.ts';
export {
  configurations,
  topologies,
  workloads,
  type ConfigurationOptions,
  type TopologyOptions,
  type Workload,
  type WorkloadOptions,
} from './arbitraries/pieces.ts';
