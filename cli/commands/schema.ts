import { jsonSchema } from '../../scenarios/schema.ts';
import { Exit } from '../exit.ts';
import { out } from '../streams.ts';

/** `lost-ack schema`: the JSON Schema (draft-07) that editors check scenarios by. */
export function schema(): Exit {
  out(`${JSON.stringify(jsonSchema(), null, 2)}\n`);
  return Exit.asExpected;
}
