import type { Arguments } from '../protocol.ts';

/**
 * Does a binding of a headers exchange match? `x-match` is `all` (default), `any`, or either
 * `-with-x`, which also looks at arguments that begin with "x-". Values compare with their type; an
 * argument without a value asks for the header to be there.
 */
export function matchesHeaders(binding: Arguments, headers: Arguments): boolean {
  const match = binding.get('x-match') ?? 'all';
  const any = match === 'any' || match === 'any-with-x';
  const withX = match === 'all-with-x' || match === 'any-with-x';
  for (const [name, wanted] of binding) {
    if (withX ? name === 'x-match' : name.startsWith('x-')) continue;
    const value = headers.get(name);
    const fits = wanted === null ? value !== undefined : value === wanted;
    if (fits === any) return any;
  }
  return !any;
}
