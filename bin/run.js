#!/usr/bin/env node
import { setFlagsFromString } from 'node:v8';

// What has been read and thrown away is collected when there is as much of it as of what is still in use; by default V8
// would let it grow to three times as much, and longer the more there is to read.
setFlagsFromString('--heap-growing-percent=100');

const { main } = await import('../dist/commands/command-line.js');

await main(process.argv.slice(2), import.meta.url);
