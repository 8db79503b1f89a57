import type { z } from 'zod';

/**
 * A schema as data: which keys it has, what stands below a key. Only the few kinds of schema that
 * the file format uses.
 */
interface Definition {
  readonly type: string;
  readonly innerType?: z.ZodType;
  readonly shape?: Readonly<Record<string, z.ZodType>>;
  readonly catchall?: z.ZodType;
  readonly valueType?: z.ZodType;
  readonly element?: z.ZodType;
  readonly options?: readonly z.ZodType[];
}

function definition(schema: z.ZodType): Definition {
  return schema._zod.def as unknown as Definition;
}

/** The schemas that a value here may have: wrappers removed, unions opened. */
function alternatives(schema: z.ZodType): z.ZodType[] {
  const { type, innerType, options } = definition(schema);
  if (type === 'union' && options !== undefined) return options.flatMap(alternatives);
  if (innerType !== undefined) return alternatives(innerType);
  return [schema];
}

/** What may stand under `step`; empty when nothing may. */
export function below(schemas: readonly z.ZodType[], step: string | number): z.ZodType[] {
  const found: z.ZodType[] = [];
  for (const schema of schemas.flatMap(alternatives)) {
    const { type, shape, catchall, valueType, element } = definition(schema);
    if (type === 'object' && shape !== undefined) {
      if (Object.hasOwn(shape, step)) found.push(shape[step]);
      else if (catchall !== undefined && definition(catchall).type !== 'never')
        found.push(catchall);
    } else if (type === 'record' && valueType !== undefined) found.push(valueType);
    else if (type === 'array' && element !== undefined && /^\d+$/.test(String(step))) {
      found.push(element);
    }
  }
  return found;
}

/** Keys that are part of the format here. */
export function keysBelow(schemas: readonly z.ZodType[]): string[] {
  const keys = schemas.flatMap(alternatives).flatMap((s) => Object.keys(definition(s).shape ?? {}));
  return [...new Set(keys)];
}

/** May keys of any name stand here? `any`: one key takes the whole rest of a dotted path. */
export function namesBelow(schemas: readonly z.ZodType[]): 'none' | 'names' | 'any' {
  let names: 'none' | 'names' | 'any' = 'none';
  for (const schema of schemas.flatMap(alternatives)) {
    const { type, valueType, catchall } = definition(schema);
    if (type === 'unknown') return 'any';
    if (type === 'record' && valueType !== undefined) {
      const leaf = alternatives(valueType).some((s) => definition(s).type === 'unknown');
      if (leaf) return 'any';
      names = 'names';
    }
    if (type === 'object' && catchall !== undefined && definition(catchall).type !== 'never') {
      names = 'any';
    }
  }
  return names;
}

/** The words of the first description at this place, for hints. */
export function describe(schemas: readonly z.ZodType[]): string {
  for (const schema of schemas) {
    const text = schema.meta()?.description;
    if (text !== undefined) return text;
  }
  return '';
}
