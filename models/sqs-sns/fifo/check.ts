import type { ChannelPlan, Finding, ProducerPlan } from '../../parts/system.ts';
import { isFifo } from '../plan.ts';
import { refuse } from '../refuse.ts';

/** What SQS refuses of FIFO queues, and of calls to them. */

const NAME = /^[A-Za-z0-9_-]{1,80}$/;
const FIFO_NAME = /^(?=.{1,80}$)[A-Za-z0-9_-]+[.]fifo$/;
const FIFO_ONLY = ['ContentBasedDeduplication', 'DeduplicationScope', 'FifoThroughputLimit'];
/** MessageGroupId and MessageDeduplicationId. */
const ID = /^[\x21-\x7e]{1,128}$/;

export function checkName({ name, config }: ChannelPlan): Finding[] {
  const complain = (key: string, says: string, hint: string) => [
    refuse('channel', name, key, says, hint),
  ];
  if (config.given('FifoQueue') && !config.flag('FifoQueue')) {
    const says = 'InvalidAttributeName: Unknown Attribute FifoQueue.';
    return complain('FifoQueue', says, 'leave it out: a queue is a standard queue by default');
  }
  if (config.flag('FifoQueue')) {
    if (FIFO_NAME.test(name)) return [];
    const says =
      'InvalidParameterValue: The name of a FIFO queue can only include alphanumeric' +
      ' characters, hyphens, or underscores, must end with .fifo suffix and be 1 to 80 in length.';
    return complain('FifoQueue', says, `rename "${name}", for instance to "${name}.fifo"`);
  }
  if (NAME.test(name)) return [];
  const says =
    'InvalidParameterValue: Can only include alphanumeric characters, hyphens, or underscores.' +
    ' 1 to 80 in length';
  const hint = name.endsWith('.fifo') ? 'add `config: { FifoQueue: true }`' : `rename "${name}"`;
  return complain('', says, hint);
}

export function checkFifo(queue: ChannelPlan): Finding[] {
  const { name, config } = queue;
  if (!config.flag('FifoQueue')) {
    return FIFO_ONLY.filter((key) => config.given(key)).map((key) => {
      const says = `InvalidAttributeName: Unknown Attribute ${key}.`;
      return refuse('channel', name, key, says, 'it belongs to a FIFO queue');
    });
  }
  const perGroup = config.text('FifoThroughputLimit') === 'perMessageGroupId';
  if (!perGroup || config.text('DeduplicationScope') === 'messageGroup') return [];
  const says =
    'InvalidAttributeValue: perMessageGroupId is allowed only when DeduplicationScope is' +
    ' messageGroup';
  const hint = 'add `DeduplicationScope: messageGroup`';
  return [refuse('channel', name, 'FifoThroughputLimit', says, hint)];
}

/** What `SendMessage` of this producer would be refused for. */
export function checkSending(
  { name, config, workload }: ProducerPlan,
  queue: ChannelPlan,
): Finding[] {
  const found: Finding[] = [];
  const complain = (key: string, says: string, hint: string): void => {
    found.push(refuse('producer', name, key, says, hint));
  };
  const unfit = 'The request include parameter that is not valid for this queue type';
  for (const key of ['MessageGroupId', 'MessageDeduplicationId']) {
    const text = config.text(key);
    if (text.includes('{key}') && workload.keys === undefined) {
      complain(
        key,
        `"${key}" is made of keys, and the messages have none`,
        'add `keys:` to `send:`',
      );
    } else if (text !== '' && !ID.test(text)) {
      const says = `InvalidParameterValue: Value for parameter ${key} is invalid.`;
      complain(key, says, 'it has 1 to 128 letters, digits and punctuation marks');
    }
  }
  if (!isFifo(queue)) {
    if (!config.given('MessageDeduplicationId')) return found;
    const says = `InvalidParameterValue: Reason: ${unfit}`;
    complain('MessageDeduplicationId', says, 'a standard queue recognises no repeats');
    return found;
  }
  if (config.text('MessageGroupId') === '') {
    const says = 'MissingParameter: The request must contain the parameter MessageGroupId.';
    complain('MessageGroupId', says, 'add `config: { MessageGroupId: "{key}" }`');
  }
  if (config.text('MessageDeduplicationId') === '' && !queue.config.flag(FIFO_ONLY[0])) {
    const says =
      'InvalidParameterValue: The queue should either have ContentBasedDeduplication enabled or' +
      ' MessageDeduplicationId provided explicitly';
    complain('MessageDeduplicationId', says, 'for instance "{producer}-{sequence}"');
  }
  if (config.value('DelaySeconds') !== null) {
    const value = config.number('DelaySeconds');
    const says = `InvalidParameterValue: Value ${value} for parameter DelaySeconds is invalid.`;
    complain('DelaySeconds', `${says} Reason: ${unfit}.`, "a FIFO queue's own DelaySeconds counts");
  }
  return found;
}
