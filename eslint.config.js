import js from '@eslint/js';
import tseslint from 'typescript-eslint';

/** Below these doors nothing may differ between two machines or two runs. */
const PURE = ['sim/**/*.ts', 'models/**/*.ts', 'scenarios/**/*.ts', 'reports/**/*.ts'];

const clock = 'Time is virtual: ask `out.clock`, `out.now` or `world.now`.';
const waits = 'Nothing waits for real: set a timer with `out.timer`, or yield a span in a program.';
const door = 'Only the doors (cli, testing) touch the machine: take it as an argument.';
const floats = 'Engines may round it differently: use integers, a table, or `Distribution`.';

const globals = {
  Date: clock,
  performance: clock,
  setTimeout: waits,
  setInterval: waits,
  setImmediate: waits,
  queueMicrotask: waits,
  Promise: 'No promise below the doors: handlers return, programs yield.',
  process: door,
  crypto: door,
  console: 'Return text; a door prints it.',
  Intl: 'Locales differ between machines: format by hand.',
};

const math = ['exp', 'expm1', 'log', 'log2', 'log10', 'log1p', 'pow', 'cbrt', 'hypot'].concat(
  ['sin', 'cos', 'tan', 'asin', 'acos', 'atan', 'atan2', 'sinh', 'cosh', 'tanh'],
  ['asinh', 'acosh', 'atanh'],
);

const properties = [
  { object: 'Math', property: 'random', message: 'Ask `choices`: its answers have names.' },
  ...math.map((property) => ({ object: 'Math', property, message: floats })),
  ...['localeCompare', 'toLocaleString', 'toLocaleUpperCase', 'toLocaleLowerCase'].map(
    (property) => ({
      property,
      message: 'Locales differ between machines: compare with < and >, format by hand.',
    }),
  ),
];

const syntax = [
  {
    selector: 'CallExpression[callee.property.name=/^(sort|toSorted)$/][arguments.length=0]',
    message: 'Without a comparator numbers sort as text: give one that ends in a tie-break.',
  },
  {
    selector:
      "BinaryExpression[operator='**']:not([left.type='Literal'][right.type='Literal']):not([left.bigint])",
    message: `A power of variables: multiply in a loop or use a table. ${floats}`,
  },
  { selector: "AssignmentExpression[operator='**=']", message: floats },
  { selector: 'AwaitExpression', message: 'No promise below the doors.' },
  { selector: ':function[async=true]', message: 'No promise below the doors.' },
  { selector: 'ForOfStatement[await=true]', message: 'No promise below the doors.' },
  {
    selector:
      'AssignmentExpression[left.type="MemberExpression"][right.type=/^(Arrow)?FunctionExpression$/]',
    message:
      'V8 makes such a closure long-lived, and all of the run that it knows with it: pass it on, or make it a method.',
  },
  { selector: 'ImportExpression', message: 'Import at the top: loading must not take turns.' },
];

const imports = [{ group: ['node:*'], message: door }];

export default tseslint.config(
  { ignores: ['dist', 'coverage', 'node_modules', '.lost-ack', 'bench/.bin', 'bench/results'] },
  {
    files: ['**/*.ts'],
    extends: [js.configs.recommended, tseslint.configs.recommended],
    languageOptions: { parserOptions: { projectService: true } },
    linterOptions: { reportUnusedDisableDirectives: 'error' },
    rules: {
      eqeqeq: ['error', 'always', { null: 'ignore' }],
      'no-var': 'error',
      'prefer-const': ['error', { destructuring: 'all' }],
      '@typescript-eslint/no-explicit-any': 'error',
      '@typescript-eslint/no-unused-vars': [
        'error',
        { argsIgnorePattern: '^_', varsIgnorePattern: '^_' },
      ],
      '@typescript-eslint/no-floating-promises': 'error',
      '@typescript-eslint/no-misused-promises': 'error',
      '@typescript-eslint/switch-exhaustiveness-check': [
        'error',
        { considerDefaultExhaustiveForUnions: true },
      ],
      '@typescript-eslint/consistent-type-imports': ['error', { fixStyle: 'inline-type-imports' }],
    },
  },
  {
    files: PURE,
    rules: {
      'no-restricted-globals': [
        'error',
        ...Object.entries(globals).map(([name, message]) => ({ name, message })),
      ],
      'no-restricted-properties': ['error', ...properties],
      'no-restricted-syntax': ['error', ...syntax],
      'no-restricted-imports': ['error', { patterns: imports }],
    },
  },
);
