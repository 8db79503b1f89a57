import type { Message, Role } from '../../sim/kernel/node.ts';
import { type Program, Task } from '../../sim/kernel/program.ts';
import { Calls, type Reply } from './calls.ts';
import { HandlerMistake, type ServicePlan } from './handler.ts';
import { Runner } from './own-code.ts';
import { toolsOf } from './tools.ts';

const Timer = { task: 0, calls: 1, again: 2 } as const;

/** Code that ended or threw is started again after a second, as by a supervisor. */
const AGAIN = 1_000_000;

interface Service {
  readonly calls: Calls;
  readonly begin: () => void;
}

/** A process of its own beside the consumers, running own code for as long as it does. */
export function ownService(plan: ServicePlan): Role<Service> {
  return {
    start(out) {
      const { subscription, timeout, name } = plan;
      const calls = new Calls(out, Timer.calls, timeout);
      const runner = new Runner(plan, subscription, calls, out);
      const task = new Task(out, Timer.task);
      const about = out.names.id(name);
      function* life(): Program {
        const steps = plan.start(toolsOf(name, plan.producers, out, out.now));
        if (typeof (steps as Partial<typeof steps> | undefined)?.next !== 'function') {
          throw new HandlerMistake(
            `service ${name} is no generator: (tools) => steps of a function*`,
          );
        }
        const work = { about, nr: out.now, round: 0, carries: [] };
        const turn = yield* runner.run(steps, work, task);
        if ('threw' in turn) plan.onThrow(turn.threw, name, '');
        out.timer(AGAIN, Timer.again);
      }
      const begin = () => task.start(life());
      begin();
      return { calls, begin };
    },

    onMessage(service, _from, message: Message) {
      service.calls.onReply(message as Reply);
    },

    onTimer(service, code, data) {
      if (code === Timer.task) Task.onTimer(data);
      else if (code === Timer.calls) service.calls.onTimeout(data as number);
      else service.begin();
    },
  };
}
