/** lost-ack in tests: code of one's own in a simulated run, and what it promises. */
export { simulate } from './simulate.ts';
export type { SimulatedRun } from './run.ts';
export type { SubjectOptions as SimulateOptions } from './subject.ts';
export {
  ScenarioError,
  type FaultInput,
  type ScenarioInput,
  type ScenarioObject,
} from './input.ts';
export { matchers, type Duplicates, type Violation } from './matchers.ts';
export type { Delivery, Invariant, Whose } from './promise.ts';
export type { Thrown } from './heard.ts';
export {
  HandlerMistake,
  Unanswered,
  type Handler,
  type OnMessage,
  type Received,
  type StartHandler,
  type StartService,
  type Steps,
  type Tools,
  type Transaction,
} from '../models/parts/handler.ts';
