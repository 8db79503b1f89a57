#!/usr/bin/env node
import { start } from './program.ts';

await start(process.argv.slice(2));
