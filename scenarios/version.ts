/** The engine's version, as in package.json (a test keeps them equal). It stands in every token. */
export const ENGINE = '0.1.0';
